"""Observations into ranked suspects, evidence and a verdict; with a model if there is one, and as well as possible without."""
