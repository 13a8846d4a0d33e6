"""The calendars an account names, by name or by id, as places in Graph."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from calwatch.errors import Stop
from calwatch.providers.outlook.api.paths import segment
from calwatch.providers.remote.fields import Fields

if TYPE_CHECKING:
    from calwatch.providers.outlook.api.connection import Connection

PRIMARY = "primary"
_LOOKS_LIKE_AN_ID = 60
"""Outlook's ids are longer than anybody's calendar is called."""


class Calendars:
    """Where each configured calendar is. The list is asked for when the first that is not ``primary`` is needed."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._places: dict[str, str] = {PRIMARY: "/me"}
        self._lock = threading.Lock()

    def place(self, name: str) -> str:
        """The beginning of its paths. Raises Stop for a name nobody has, or two have."""
        with self._lock:
            if name not in self._places:
                self._places[name] = self._found(name)
            return self._places[name]

    def forget(self, name: str) -> Stop:
        """It is no longer where it was: next time it is looked for. Gives what the person is told meanwhile."""
        with self._lock:
            if name != PRIMARY:
                self._places.pop(name, None)
        return Stop(no_such_calendar(name))

    def _found(self, name: str) -> str:
        listed = [one for page in self._connection.pages("/me/calendars", {"$top": "100"}) for one in _listed(page)]
        exact = [one for one in listed if one.word("id") == name]
        named = [one for one in listed if one.word("name") == name]
        alike = [one for one in listed if one.word("name").strip().casefold() == name.casefold()]
        several = exact or named or alike
        if len(several) > 1:
            raise Stop(f"the account has {len(several)} calendars called {name!r}; name the one you mean by its id")
        if several:
            return "/me" if several[0].flag("isDefaultCalendar") else f"/me/calendars/{segment(several[0].word('id'))}"
        if len(name) >= _LOOKS_LIKE_AN_ID:
            return f"/me/calendars/{segment(name)}"
        raise Stop(no_such_calendar(name))


def no_such_calendar(name: str) -> str:
    """What the person is told about a calendar that is not there."""
    return f"Outlook knows no calendar {name!r} in this account; correct the account's calendars"


def _listed(page: object) -> list[Fields]:
    return [one for one in Fields(page).several("value", 1000) if one.word("id")]
