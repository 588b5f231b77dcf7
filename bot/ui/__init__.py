"""Shows things on Discord and takes what people press: cards, buttons, and the way they get there."""
