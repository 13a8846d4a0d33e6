"""What providers behind a network share: carrying a request once, what went wrong, when to wait, and signing in."""
