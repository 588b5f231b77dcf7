"""The real process under faults at random instants, and a checker that compares what was told, stored and shown."""
