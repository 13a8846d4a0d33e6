"""The fake Google's Calendar: calendars and events of one person, and everybody who writes into them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from calwatch.ports import Clock
from fakes.google.call import ApiError, Call


@dataclass
class CalendarState:
    """The calendars of ``owner``; the primary one has the owner's address as its id."""

    clock: Clock
    owner: str
    zone: str = "Europe/Berlin"
    names: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.names.insert(0, self.owner)

    def handle(self, call: Call) -> dict[str, Any] | None:
        match call.method_id:
            case "calendar.calendarList.list":
                return {"kind": "calendar#calendarList", "items": [self._entry(name) for name in self.names]}
        raise ApiError(404, "notFound", "Not Found")

    def _entry(self, name: str) -> dict[str, Any]:
        entry = {"kind": "calendar#calendarListEntry", "id": name, "summary": name, "timeZone": self.zone}
        return entry | {"accessRole": "owner", **({"primary": True} if name == self.owner else {})}
