"""Discord on localhost, a shop that can be broken, and the demo that joins them with the bot."""
