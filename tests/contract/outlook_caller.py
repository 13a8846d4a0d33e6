"""One who calls the fake Outlook's calendar without a client: operations by name, answers as JSON."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from builders import at
from fakes.microsoft.calendar import CalendarState
from fakes.microsoft.calendar_times import Json
from fakes.microsoft.call import Answer, ApiError, Call

START = at("2026-05-05 13:00")
WINDOW = {"startDateTime": "2026-04-01T00:00:00Z", "endDateTime": "2026-08-01T00:00:00Z"}
PREFER = {"IdType": "ImmutableId", "outlook.timezone": "UTC", "odata.maxpagesize": "50"}
SCOPES = frozenset({"Calendars.ReadWrite"})


class Caller:
    def __init__(self, calendar: CalendarState) -> None:
        self.calendar = calendar
        self.prefer = dict(PREFER)
        self.scopes = SCOPES

    def call(
        self,
        operation: str,
        params: dict[str, str] | None = None,
        *,
        body: Any = None,
        if_match: str = "",
        calendar: str = "",
        event: str = "",
    ) -> Answer:
        ids = {name: value for name, value in {"calendar": calendar, "event": event}.items() if value}
        headers = {"if-match": if_match} if if_match else {}
        return self.calendar.handle(Call(operation, ids, params or {}, body, headers, self.prefer, self.scopes))

    def get(self, operation: str, params: dict[str, str] | None = None, **fields: Any) -> Json:
        answer = self.call(operation, params, **fields)
        assert isinstance(answer.json, dict)
        return answer.json

    def event(self, ref: str, **params: str) -> Json:
        return self.get("events.get", params, event=ref)

    def view(self, **fields: Any) -> list[Json]:
        """All pages of the calendar view."""
        page = self.get("calendarView", WINDOW, **fields)
        found = list(page["value"])
        while "@odata.nextLink" in page:
            page = self.get("calendarView", query(page["@odata.nextLink"]), **fields)
            found += page["value"]
        return found

    def round(self, link: str = "", **fields: Any) -> tuple[list[list[Json]], str]:
        """The pages of a round of the delta, and the link it ends with."""
        page = self.get("calendarView.delta", query(link) if link else WINDOW, **fields)
        pages = [page["value"]]
        while "@odata.nextLink" in page:
            assert "@odata.deltaLink" not in page
            page = self.get("calendarView.delta", query(page["@odata.nextLink"]), **fields)
            pages.append(page["value"])
        return pages, page["@odata.deltaLink"]

    def changes(self, link: str) -> list[Json]:
        return [item for page in self.round(link)[0] for item in page]

    def refusal(self, operation: str, *given: Any, **fields: Any) -> str:
        """Status and code of an error."""
        with pytest.raises(ApiError) as refused:
            self.call(operation, *given, **fields)
        return f"{refused.value.status} {refused.value.code}"


def query(link: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(link).query, keep_blank_values=True))


def refs(items: list[Json]) -> list[str]:
    return [item["id"] for item in items]
