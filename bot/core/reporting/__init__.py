"""Reports what a stretch of time was like, replays rules over their past, and gathers post-mortems."""
