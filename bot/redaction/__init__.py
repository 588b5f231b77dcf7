"""Replaces secrets and personal data in everything that reaches a model or a thread."""
