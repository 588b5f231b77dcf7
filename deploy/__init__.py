"""What an operator deploys beside the bot."""
