"""What a stretch of time was like: reports, rules replayed over their past, and post-mortems."""
