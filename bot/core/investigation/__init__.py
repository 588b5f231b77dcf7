"""Reads the sources around an incident and words what came of it."""
