"""Asks language models: a question into one request, within a budget."""
