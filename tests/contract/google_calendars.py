"""What the tests of the real Google calendar have in common: an account opened before the fake, and what it asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from builders import the_surroundings
from calwatch.providers.google.api.connection import Connection
from calwatch.providers.google.calendar.google_calendar import GoogleCalendar
from fakes.clock import ManualClock
from fakes.google.server import ALL, FakeGoogle

LIST, GET, PATCH = "calendar.events.list", "calendar.events.get", "calendar.events.patch"
INSERT, DELETE, FREEBUSY = "calendar.events.insert", "calendar.events.delete", "calendar.freebusy.query"


def open_calendar(
    google: FakeGoogle, clock: ManualClock, root: Path, scopes: tuple[str, ...] = ALL, **fields: Any
) -> GoogleCalendar:
    """The calendars of an account with these options."""
    account = google.account(root, **fields)
    around = the_surroundings(clock, root / "state")
    google.sign_in(root / "state", account.name, scopes)

    def pause(seconds: float) -> None:
        clock.advance(seconds)

    connection = Connection(account, around, pause=pause)
    return GoogleCalendar(connection, account, around)


def asked(google: FakeGoogle, method_id: str) -> list[dict[str, Any]]:
    """The parameters of every call of a method so far."""
    return [seen.params for seen in google.seen if seen.method_id == method_id]


def requests_of(google: FakeGoogle) -> list[str]:
    """What was asked since the last ``google.seen.clear()``, sign-in apart."""
    return [seen.method_id for seen in google.seen if not seen.method_id.startswith("oauth.")]
