"""Questions about everything around Bongsu, for `verify-stack`: servers, what arrives at them, a test alert."""
