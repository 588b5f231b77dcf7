"""On call: who is, who is called when nobody answers, and what is told by the clock."""
