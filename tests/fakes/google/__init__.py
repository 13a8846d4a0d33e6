"""A fake Google over HTTP: sign-in, Calendar and Gmail, misbehaving as the real one was seen to. See ``server``."""
