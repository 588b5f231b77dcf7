"""Knows who is on call, calls them when nobody answers, and tells what is told by the clock."""
