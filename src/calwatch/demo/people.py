"""Who lives in the demo world: Alex, who is looking for work, and the people of four companies."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Somebody:
    """One person of the demo world; ``zone`` is where they are."""

    name: str
    email: str
    zone: str


ALEX = Somebody("Alex Rivera", "alex.rivera@example.com", "Europe/Berlin")
DANA = Somebody("Dana Fox", "dana.fox@acme.example", "America/New_York")
SAM = Somebody("Sam Ortega", "sam.ortega@acme.example", "America/New_York")
PRIYA = Somebody("Priya Nair", "priya.nair@globex.example", "Europe/Berlin")
TOM = Somebody("Tom Becker", "tom.becker@globex.example", "Europe/Berlin")
MARTA = Somebody("Marta Lindqvist", "marta.lindqvist@initech.example", "Europe/London")
JONAS = Somebody("Jonas Weiss", "jonas.weiss@umbra.example", "Europe/Berlin")
MIRA = Somebody("Mira Stone", "mira.stone@example.net", "Europe/Berlin")
"""A friend; nothing she sends has to do with work."""
