"""Sending once: what must hold before the one attempt, and what an unclear attempt turns out to have been.

Start here: ``preflight.py`` decides whether to attempt, ``reconcile.py`` what became of an attempt. Both are pure; the
pipeline gathers the facts and acts.
"""
