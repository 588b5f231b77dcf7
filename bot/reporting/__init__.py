"""Computes what a stretch of time was like for the people on call; pure arithmetic."""
