"""Describes what an operator talks about, as frozen dataclasses and pure functions; standard library only."""
