"""Asks a model for a verdict or an answer, and checks what it says against the evidence."""
