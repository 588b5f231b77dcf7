"""Offers slash commands: one file per group, found by walking this package; they translate and call a use case."""
