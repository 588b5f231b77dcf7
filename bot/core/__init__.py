"""Decides what happens to incidents, silences, pictures, investigations and questions; imports no library."""
