"""What an operator deploys."""
