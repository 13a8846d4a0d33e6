"""A fake Microsoft over HTTP: sign-in, calendar and mail of Graph, misbehaving as the real one was seen to."""
