"""What the page says, in the person's language: a catalogue of texts, and dates and times as that language writes them.

To add a language, copy ``texts/en.toml`` and add a line to ``LANGUAGES``; a test says what is missing. Sentences that
the pipeline made are English there; ``sentences`` turns them into the page's language.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

LANGUAGES = {"en": "en_GB", "de": "de_DE"}
"""The page's languages, and the locale their dates are written in."""

_FOLDER = Path(__file__).with_name("texts")
_SECOND = timedelta(seconds=1)


@cache
def catalogue(language: str) -> dict[str, str]:
    """Every text of one language by its dotted name."""
    found: dict[str, str] = {}
    with (_FOLDER / f"{language}.toml").open("rb") as file:
        for section, texts in tomllib.load(file).items():
            found.update({f"{section}.{name}": text for name, text in texts.items()})
    return found


def choose(accepted: Iterable[str], spoken: Iterable[str]) -> str:
    """The first language the browser asks for that the page has, else the first the person writes in, else English."""
    for name in (*accepted, *spoken):
        language = name.partition("-")[0].lower()
        if language in LANGUAGES:
            return language
    return "en"


@dataclass(frozen=True, slots=True)
class Teller:
    """Says things in one language, with wall times of ``zone``, as of ``now``."""

    language: str
    zone: str
    now: datetime

    def __call__(self, name: str, /, **values: object) -> str:
        """The text of that name with its values filled in. Raises KeyError for a name that is not in the catalogue."""
        text = catalogue(self.language)[name]
        return text.format(**values) if values else text

    def count(self, name: str, number: int, /, **values: object) -> str:
        """``name.one`` or ``name.many``, with ``{n}``."""
        return self(f"{name}_{'one' if number == 1 else 'many'}", n=number, **values)

    def has(self, name: str) -> bool:
        return name in catalogue(self.language)

    def say(self, sentence: str) -> Said:
        """A sentence the pipeline made, in this language if it is known in it."""
        from calwatch.web.sentences import translate

        told = translate(sentence, self.language)
        return Said(told.text, "" if told.language == self.language else told.language)

    # -- days and times ------------------------------------------------------------------------------------------

    def day(self, moment: datetime | date, zone: str = "") -> str:
        """``Tue 14 Apr``; with the year when that is another."""
        local = moment.astimezone(ZoneInfo(zone or self.zone)).date() if isinstance(moment, datetime) else moment
        this_year = local.year == self.now.astimezone(ZoneInfo(self.zone)).year
        return self._formatted(local, self("dates.day" if this_year else "dates.day_and_year"))

    def weekday(self, moment: datetime) -> str:
        """``Tuesday 14 April``."""
        return self._formatted(moment.astimezone(ZoneInfo(self.zone)).date(), self("dates.long"))

    def clock(self, moment: datetime, zone: str = "", *, seconds: bool = False) -> str:
        """``10:00``, or ``10:00:00``."""
        return moment.astimezone(ZoneInfo(zone or self.zone)).strftime("%H:%M:%S" if seconds else "%H:%M")

    def when(self, moment: datetime, zone: str = "") -> str:
        """``Tue 14 Apr, 10:00``."""
        return self("dates.when", day=self.day(moment, zone), time=self.clock(moment, zone))

    def stretch(self, start: datetime, end: datetime, zone: str = "") -> str:
        """``Tue 14 Apr, 10:00–11:00``; the end with its own day when that is another; whole days without a time."""
        place = ZoneInfo(zone or self.zone)
        first, last = start.astimezone(place), end.astimezone(place)
        if first.time() == last.time() == time(0) and first < last:
            final = self.day(end - _SECOND, zone)
            return self.day(start, zone) if final == self.day(start, zone) else f"{self.day(start, zone)} – {final}"
        if first.date() != last.date():
            return f"{self.when(start, zone)} – {self.when(end, zone)}"
        return f"{self.when(start, zone)}–{last:%H:%M}"

    def elsewhere(self, start: datetime, end: datetime, zone: str) -> str:
        """A stretch as it is in another zone; without the day where that is the same."""
        if self.day(start, zone) != self.day(start) or self.day(end, zone) != self.day(start):
            return self.stretch(start, end, zone)
        return f"{self.clock(start, zone)}–{self.clock(end, zone)}"

    def deadline(self, moment: datetime) -> str:
        """As ``when``; where a day begins, the day before, as one would say it."""
        if moment.astimezone(ZoneInfo(self.zone)).time() == time(0):
            return self.day(moment - _SECOND)
        return self.when(moment)

    def ago(self, moment: datetime) -> str:
        """``3 minutes ago``, roughly."""
        seconds = max((self.now - moment).total_seconds(), 0.0)
        if seconds < 90:
            return self("dates.just_now")
        for name, size, most in (("minutes", 60, 90), ("hours", 3600, 36)):
            if seconds < most * size:
                return self.count(f"dates.{name}_ago", round(seconds / size))
        return self.count("dates.days_ago", round(seconds / 86400))

    def place(self, zone: str) -> str:
        """``New York`` for ``America/New_York``."""
        return zone.rpartition("/")[2].replace("_", " ")

    def _formatted(self, day: date, pattern: str) -> str:
        from babel.dates import format_date

        return str(format_date(day, pattern, locale=LANGUAGES[self.language]))


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence; ``language`` names its language where that is not the page's."""

    text: str
    language: str
