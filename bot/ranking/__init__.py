"""Ranks suspects from observations: pure arithmetic, no model, no I/O."""
