"""Days and times inside English sentences, written as another language writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_DAYS = "Mon|Tue|Wed|Thu|Fri|Sat|Sun"
_SHORT = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_LONG = "January|February|March|April|May|June|July|August|September|October|November|December"
_CLOCK = r"[0-2][0-9]:[0-5][0-9]"
_MOMENT = re.compile(
    rf"(?:(?P<weekday>{_DAYS})(?: (?P<day>[0-9]{{1,2}}) (?P<month>{_SHORT}))?(?:,? (?P<clock>{_CLOCK}))?"
    rf"|(?P<date>[0-9]{{1,2}}) (?P<name>{_LONG}) (?P<year>[0-9]{{4}})"
    rf"|(?P<iso_year>[0-9]{{4}})-(?P<iso_month>[0-9]{{2}})-(?P<iso_day>[0-9]{{2}})"
    rf"(?:T(?P<time>{_CLOCK})(?::[0-9]{{2}})?(?P<offset>[+-]{_CLOCK})?)?"
    rf"|(?P<bare>{_CLOCK}(?::[0-5][0-9])?))",
    re.ASCII,
)
_NAMES = _LONG.split("|")
_LONGEST = 80


@dataclass(frozen=True, slots=True)
class CalendarWords:
    """How a language names days and months, and in which order it puts them.

    ``days`` and ``months`` are by their English short or long names; ``forms`` has ``day``, ``full``, ``when``,
    ``near``, ``moment`` and ``to``.
    """

    days: Mapping[str, str]
    months: Mapping[str, str]
    forms: Mapping[str, str]

    def say(self, text: str) -> str | None:
        """A day, a time, or a stretch of either ("Tue 14 Apr, 10:00–11:00", "Mon 4 May to Fri 8 May", "14 April 2026",
        "2026-05-04"); ``None`` for anything else.
        """
        if len(text) > _LONGEST:
            return None
        for joint, form in (("–", "{begin}–{end}"), (" to ", self.forms["to"])):
            begin, found, end = text.partition(joint)
            if found:
                said = (self._moment(begin), self._moment(end))
                return None if None in said else form.format(begin=said[0], end=said[1])
        return self._moment(text)

    def _moment(self, text: str) -> str | None:
        found = _MOMENT.fullmatch(text)
        if found is None:
            return None
        if found["weekday"]:
            day = weekday = self.days[found["weekday"]]
            if found["day"]:
                day = self.forms["day"].format(weekday=weekday, day=found["day"], month=self.months[found["month"]])
            if not found["clock"]:
                return day
            return self.forms["when" if found["day"] else "near"].format(day=day, time=found["clock"])
        if found["date"]:
            return self._full(found["date"], found["name"], found["year"])
        if found["iso_year"]:
            number = int(found["iso_month"])
            if not 1 <= number <= 12:
                return None
            day = self._full(found["iso_day"].lstrip("0"), _NAMES[number - 1], found["iso_year"])
            if not found["time"]:
                return day
            return self.forms["moment"].format(day=day, time=found["time"], offset=found["offset"] or "").rstrip()
        return found["bare"]

    def _full(self, day: str, month: str, year: str) -> str:
        return self.forms["full"].format(day=day, month=self.months[month], year=year)
