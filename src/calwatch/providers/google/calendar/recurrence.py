"""The ``recurrence`` lines of a series as ``Series`` fields; what cannot be followed is named, the rest counts."""

from __future__ import annotations

from dataclasses import dataclass

from calwatch.formats.component import MOST_DATES
from calwatch.formats.ical import occurrence_named
from calwatch.formats.lines import Line, content_lines
from calwatch.formats.moments import Zone, Zones, read_moments
from calwatch.recur.rules import parse_rule

_MOST_RULES = 20
_LONGEST_RULE = 2000
_MOST_LINES = 1000


@dataclass(frozen=True, slots=True)
class Recurrence:
    """``remark`` says what was left out of the reading, ``""`` when nothing was."""

    rrules: tuple[str, ...]
    rdates: tuple[str, ...]
    rdate_durations: tuple[tuple[str, int], ...]
    exdates: tuple[str, ...]
    remark: str


def read_recurrence(written: list[str], zone: Zone, *, all_day: bool) -> Recurrence:
    """``written`` are lines of RFC 5545; times without a zone of their own are in that of the series, ``zone``."""
    zones = Zones(zone.key, dict)
    lines = [line for text in written[:_MOST_LINES] for line in content_lines(text.encode("utf-8", "replace"))]
    rules, remarks = _rules([line for line in lines if line.name == "RRULE"])
    if any(line.name == "EXRULE" for line in lines):
        remarks.append("it has an EXRULE, which is not followed: it may be shown on days it does not take place")
    added = _dates([line for line in lines if line.name == "RDATE"], zones, all_day=all_day)
    removed = _dates([line for line in lines if line.name == "EXDATE"], zones, all_day=all_day)
    return Recurrence(
        rrules=tuple(rules),
        rdates=tuple(added),
        rdate_durations=tuple((key, seconds) for key, seconds in added.items() if seconds is not None),
        exdates=tuple(removed),
        remark="; ".join(remarks),
    )


def _rules(lines: list[Line]) -> tuple[list[str], list[str]]:
    rules, remarks = [], []
    for line in lines[:_MOST_RULES]:
        rule = line.value.strip()[:_LONGEST_RULE]
        try:
            parse_rule(rule)
        except ValueError as error:
            remarks.append(str(error))
        else:
            rules.append(rule)
    return rules, remarks[:2]


def _dates(lines: list[Line], zones: Zones, *, all_day: bool) -> dict[str, int | None]:
    found: dict[str, int | None] = {}
    for line in lines:
        for moment, seconds in read_moments(line, zones, max(0, MOST_DATES - len(found))):
            found[occurrence_named(moment, all_day, zones)] = seconds
    return found
