"""Signing in to Microsoft: ``consent`` leads through it, ``tokens`` keeps it fresh, ``standing`` says how it is."""
