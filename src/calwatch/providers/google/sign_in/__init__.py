"""Signing in to Google: ``consent`` leads through it, ``tokens`` keeps it fresh, ``standing`` says how it is."""
