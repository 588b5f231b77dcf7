"""Answers questions in a thread by read-only lookups."""
