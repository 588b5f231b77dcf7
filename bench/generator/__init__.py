"""Incidents of systems that nobody has seen, made from a seed, in the format that `bench.cases` reads."""
