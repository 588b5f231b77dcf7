"""Takes pictures in a browser, and checks them before they are given away."""
