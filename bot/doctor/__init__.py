"""Tries what is configured, for `check` and `verify`."""
