"""Reads the settings and puts the program together."""
