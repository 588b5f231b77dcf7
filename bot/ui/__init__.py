"""What Discord shows and what people press: cards, buttons, and the way they get there."""
