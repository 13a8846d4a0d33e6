"""Times as a letter prints them: always by code, the recipient's zone first, right on both sides of a DST change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from calwatch.draft.language import words
from calwatch.model.span import Span

EN_DASH = "–"


@dataclass(frozen=True, slots=True)
class Printed:
    """A list of times ready for a letter: the zones above it, and one line per span, in the order given."""

    zone_line: str
    slot_lines: tuple[str, ...]
    alternative_lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TimePrinter:
    """Prints instants for one reader: ``zone`` is theirs (IANA), ``own_zone`` the user's; ``now`` tells the year."""

    zone: str
    own_zone: str
    now: datetime
    language: str = "en"

    def appointment(self, moment: datetime, *, many: bool = False) -> str:
        """``Tuesday, May 5 at 9:00 am EDT``: weekday, date, time and zone in the reader's zone."""
        local = moment.astimezone(ZoneInfo(self.zone))
        pattern = words(self.language).patterns["appointment_many" if many else "appointment"]
        return pattern.format(
            day=self.day(moment), time=_clock(local, self._style(self.zone)), zone=_abbreviation(local)
        )

    def day(self, moment: datetime, *, short: bool = False) -> str:
        """``Tuesday, May 5`` (``Tue, May 5``) in the reader's zone; the year only when it is not this one."""
        return self.date(moment.astimezone(ZoneInfo(self.zone)).date(), short=short)

    def date(self, day: date, *, short: bool = False) -> str:
        """A calendar date as the reader writes it, whatever the zone."""
        from babel.dates import format_date

        style = self._style(self.zone)
        pattern = style.short if short else style.long
        if day.year != self.now.astimezone(ZoneInfo(self.zone)).year:
            pattern += style.year
        return format_date(day, pattern, locale=style.locale)

    def clock(self, moment: datetime) -> str:
        """``9:00 am`` or ``15:00``, as people write it where the reader is."""
        return _clock(moment.astimezone(ZoneInfo(self.zone)), self._style(self.zone))

    def listed(self, slots: Sequence[Span], alternatives: Sequence[Span] = ()) -> Printed:
        """Prints slots and alternatives alike, so that either can stand in the list under the same zone line.

        Zone and offset stand once above the list, as they are at the earliest slot; a line on the other side of a
        DST change names its own. The user's zone is added in brackets when its wall time differs anywhere.
        """
        every = (*slots, *alternatives)
        if not every:
            return Printed("", (), ())
        reference = min(span.start for span in (slots or alternatives))
        differs = any(_offset(s.start, self.zone) != _offset(s.start, self.own_zone) for s in every)
        zone_line = _place(reference, self.zone, self.language)
        if differs:
            brackets = words(self.language).patterns["brackets"]
            own = _place(reference, self.own_zone, self.language, offset=False)
            zone_line += "; " + brackets.format(zone=own)
        return Printed(
            zone_line,
            tuple(self._line(span, reference, differs) for span in slots),
            tuple(self._line(span, reference, differs) for span in alternatives),
        )

    def _line(self, span: Span, reference: datetime, differs: bool) -> str:
        text = f"{self.day(span.start, short=True)}, {self._range(span, self.zone)}"
        local = span.start.astimezone(ZoneInfo(self.zone))
        if _offset(span.start, self.zone) != _offset(reference, self.zone):
            text += f" {_with_offset(local)}"
        if differs:
            own = span.start.astimezone(ZoneInfo(self.own_zone))
            inner = self._range(span, self.own_zone)
            if own.date() != local.date():
                inner = f"{self.date(own.date(), short=True)}, {inner}"
            if _offset(span.start, self.own_zone) != _offset(reference, self.own_zone):
                inner += f" {_abbreviation(own)}"
            text += f" ({inner})"
        return text

    def _range(self, span: Span, zone: str) -> str:
        style = self._style(zone)
        start, end = (moment.astimezone(ZoneInfo(zone)) for moment in (span.start, span.end))
        first, last = _clock(start, style), _clock(end, style)
        if style.twelve_hour and start.date() == end.date() and (start.hour < 12) == (end.hour < 12):
            first = first.rsplit(" ", 1)[0]
        if end.date() > start.date() and end.hour + end.minute > 0:
            last = f"{self.date(end.date(), short=True)}, {last}"
        return f"{first}{EN_DASH}{last}"

    def _style(self, zone: str) -> _Style:
        return _style(zone, self.own_zone, self.language)


@dataclass(frozen=True, slots=True)
class _Style:
    locale: str
    long: str
    short: str
    year: str
    twelve_hour: bool
    am: str
    pm: str


@lru_cache(maxsize=256)
def _style(zone: str, fallback_zone: str, language: str) -> _Style:
    """How dates and hours are written in the territory of a zone, by CLDR through Babel."""
    from babel import Locale, UnknownLocaleError
    from babel.core import get_global

    vocabulary, territories = words(language).patterns, get_global("zone_territories")
    locale = None
    for territory in (territories.get(zone), territories.get(fallback_zone), vocabulary["default_territory"]):
        try:
            locale = Locale(language, territory) if territory else None
        except UnknownLocaleError:  # CLDR has no English of Japan; then as people write it in the default territory
            locale = Locale(language, vocabulary["default_territory"])
        if locale is not None:
            break
    locale = locale or Locale(language)
    month_first = locale.date_formats["medium"].pattern.startswith("M")
    order = "month_first" if month_first else "day_first"
    return _Style(
        locale=str(locale),
        long=vocabulary[f"{order}_long"],
        short=vocabulary[f"{order}_short"],
        year=vocabulary[f"year_{order}"],
        twelve_hour="h" in locale.time_formats["short"].pattern,
        am=vocabulary["am"],
        pm=vocabulary["pm"],
    )


def _clock(local: datetime, style: _Style) -> str:
    if not style.twelve_hour:
        return f"{local.hour:02d}:{local.minute:02d}"
    return f"{local.hour % 12 or 12}:{local.minute:02d} {style.am if local.hour < 12 else style.pm}"


def _offset(moment: datetime, zone: str) -> timedelta:
    return moment.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()


def _offset_name(local: datetime) -> str:
    if local.tzname() == "UTC":
        return "UTC"
    minutes = int((local.utcoffset() or timedelta()).total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02d}" if rest else "")


def _abbreviation(local: datetime) -> str:
    """``CEST``, or ``UTC+8`` where the zone has no name of letters (tzdata has ``+08``)."""
    name = local.tzname() or ""
    return name if name.isalpha() else _offset_name(local)


def _with_offset(local: datetime) -> str:
    name, offset = _abbreviation(local), _offset_name(local)
    return offset if name == offset else f"{name}, {offset}"


def _place(moment: datetime, zone: str, language: str, *, offset: bool = True) -> str:
    """``New York, EDT, UTC-4``; without a city for zones that have none."""
    from babel.core import get_global
    from babel.dates import get_timezone_location

    local = moment.astimezone(ZoneInfo(zone))
    known = "/" in zone and not zone.startswith("Etc/") and get_global("zone_territories").get(zone)
    city = get_timezone_location(zone, locale=language, return_city=True) if known else ""
    rest = _with_offset(local) if offset else _abbreviation(local)
    return f"{city}, {rest}" if city else rest
