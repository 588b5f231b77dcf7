"""What sets this repository up on a machine; standard library only."""
