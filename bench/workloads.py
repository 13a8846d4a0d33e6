"""Seeded calendars to measure with: W1 is a person's two years, W2 a heavy user's ten.

    python bench/workloads.py OUTDIR [--only w1,w2,w3] [--vdir]

W1 has 5,000 appointments with 60 series and their exceptions (4.8 MB), W2 50,000 with 400 series (47 MB), W3 fifty
calendars of 1,000. Nine zones, floating and all-day times, twelve kinds of series. The same seed gives the same bytes.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

SEED = 20261122

_US = (("20070311T020000", "BYMONTH=3;BYDAY=2SU"), ("20071104T020000", "BYMONTH=11;BYDAY=1SU"))
_EU = ("BYMONTH=3;BYDAY=-1SU", "BYMONTH=10;BYDAY=-1SU")
_AU = (("20081005T020000", "BYMONTH=10;BYDAY=1SU"), ("20080406T030000", "BYMONTH=4;BYDAY=1SU"))

# zone -> ((DAYLIGHT onset and rule), (STANDARD onset and rule), standard offset, daylight offset)
_DAYLIGHT_ZONES = {
    "America/New_York": (*_US, "-0500", "-0400"),
    "America/Los_Angeles": (*_US, "-0800", "-0700"),
    "Europe/Berlin": (("19810329T020000", _EU[0]), ("19961027T030000", _EU[1]), "+0100", "+0200"),
    "Europe/London": (("19810329T010000", _EU[0]), ("19961027T020000", _EU[1]), "+0000", "+0100"),
    "Australia/Sydney": (*_AU, "+1000", "+1100"),
    "Australia/Lord_Howe": (_AU[0], ("20080406T020000", _AU[1][1]), "+1030", "+1100"),
}
_ZONE_WEIGHTS = {
    "America/New_York": 50,
    "America/Los_Angeles": 12,
    "Europe/Berlin": 12,
    "Europe/London": 10,
    "Asia/Kolkata": 5,
    "Australia/Sydney": 3,
    "Australia/Lord_Howe": 1,
    "UTC": 5,
    "floating": 2,
}
_TITLE = (
    "sync review planning interview onsite recruiter screen panel hiring manager standup retro design system coding "
    "pair lunch 1:1 offer debrief take-home prep call"
)
_WORDS = _TITLE.split()
_PEOPLE = [f"person{number}@example.{domain}" for number in range(60) for domain in ("com", "org")]
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DST_EDGES = (
    ("America/New_York", 1, 30),
    ("Europe/Berlin", 2, 30),
    ("Australia/Sydney", 2, 30),
    ("Australia/Lord_Howe", 2, 15),
    ("Europe/London", 1, 45),
)
_HEAD = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//calwatch//workload 1//EN\r\nCALSCALE:GREGORIAN\r\n"
    "METHOD:PUBLISH\r\nX-WR-CALNAME:workload\r\n"
)
_FOOT = "END:VCALENDAR\r\n"

Wall = datetime | date


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One VEVENT to be written; times are wall times in ``zone`` (dates when all-day)."""

    uid: str
    zone: str
    start: Wall
    end: Wall
    summary: str
    created: datetime
    description: str = ""
    location: str = ""
    organizer: str = ""
    attendees: tuple[tuple[str, str], ...] = ()
    status: str = "CONFIRMED"
    transparent: bool = False
    sequence: int = 0
    minutes: int | None = None  # written as DURATION instead of DTEND
    alarm: bool = False
    rule: str = ""
    excluded: tuple[Wall, ...] = ()
    added: tuple[Wall, ...] = ()
    original: Wall | None = None

    @property
    def all_day(self) -> bool:
        return not isinstance(self.start, datetime)


def generate(seed: int, *, size: int, series: int, first: date, last: date, tag: str) -> list[Entry]:
    """``size`` masters, ``series`` of them recurring, with their overrides on top; shuffled."""
    chance = random.Random(seed)
    entries: list[Entry] = []
    for number in range(series):
        entries += _series(chance, number, first, last, f"{tag}-s{number:05d}")
    entries += [_single(chance, first, last, f"{tag}-e{number:05d}") for number in range(size - series)]
    chance.shuffle(entries)
    return entries


def _common(chance: random.Random, name: str, day: date) -> dict[str, object]:
    """The fields that every kind of entry has."""
    organizer = chance.choice(_PEOPLE) if chance.random() < 0.7 else ""
    answers = ("ACCEPTED", "NEEDS-ACTION", "TENTATIVE", "DECLINED")
    guests = chance.sample(_PEOPLE, chance.randint(1, 6)) if organizer else []
    description = ""
    if chance.random() < 0.6:
        description = " ".join(chance.choices(_WORDS, k=chance.randint(5, 90)))
        if chance.random() < 0.4:
            link = f"https://meet.example.com/{chance.getrandbits(48):012x}?pwd={chance.getrandbits(96):024x}"
            number = chance.randint(1_000_000, 9_999_999)
            description += f"\nJoin: {link}; dial +1 555 {number}, PIN 1234#\nÜbersicht – 面接 ✓"
    return {
        "uid": f"{name}-{chance.getrandbits(40):010x}@calwatch.test",
        "organizer": organizer,
        "attendees": tuple((guest, chance.choices(answers, (70, 15, 8, 7))[0]) for guest in guests),
        "description": description,
        "location": chance.choice(("", "Room 4, Floor 2", "https://meet.example.com/abc-defg-hij", "Berlin; HQ")),
        "summary": " ".join(chance.choices(_WORDS, k=3)).title(),
        "status": chance.choices(("CONFIRMED", "TENTATIVE", "CANCELLED"), (90, 7, 3))[0],
        "transparent": chance.random() < 0.06,
        "sequence": chance.randint(0, 3),
        "created": datetime(day.year, day.month, 1, tzinfo=UTC) - timedelta(chance.randint(1, 60)),
        "alarm": chance.random() < 0.25,
    }


def _zone(chance: random.Random) -> str:
    return chance.choices(tuple(_ZONE_WEIGHTS), tuple(_ZONE_WEIGHTS.values()))[0]


def _single(chance: random.Random, first: date, last: date, name: str) -> Entry:
    day = first + timedelta(chance.randint(0, (last - first).days))
    while day.weekday() > 4 and chance.random() < 0.85:
        day += timedelta(1)
    fields = _common(chance, name, day)
    kind = chance.random()
    if kind < 0.04:
        return Entry(**fields, zone="", start=day, end=day + timedelta(chance.randint(1, 5)))  # type: ignore[arg-type] # mixed fields
    zone = _zone(chance)
    hour = chance.choices(range(24), [1] * 7 + [8] * 12 + [2] * 5)[0]
    start = _at(day, hour, chance.choice((0, 15, 30, 45)))
    if zone in _DAYLIGHT_ZONES and _in_gap(start, zone):  # gaps are met by series
        start += timedelta(hours=2)
    minutes = chance.choice((15, 25, 30, 30, 45, 60, 60, 90, 120))
    end = start + timedelta(minutes=minutes)
    as_duration = minutes if kind > 0.9 else None
    return Entry(**fields, zone=zone, start=start, end=end, minutes=as_duration)  # type: ignore[arg-type] # mixed fields


def _at(day: date, hour: int, minute: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute)  # noqa: DTZ001 - a wall time


def _in_gap(local: datetime, zone: str) -> bool:
    place = ZoneInfo(zone)
    return local.replace(tzinfo=place).astimezone(UTC).astimezone(place).replace(tzinfo=None) != local


def _series(chance: random.Random, number: int, first: date, last: date, name: str) -> list[Entry]:
    day = first + timedelta(chance.randint(0, max(1, int((last - first).days * 0.8))))
    fields = _common(chance, name, day)
    fields["status"] = "CONFIRMED" if chance.random() < 0.97 else "TENTATIVE"
    zone, kind = _zone(chance), number % 12
    hour, minute = chance.randint(7, 18), chance.choice((0, 15, 30, 45))
    length = timedelta(minutes=chance.choice((15, 25, 30, 45, 50, 60, 90)))
    step = 0  # days between occurrences, for the kinds that get exceptions
    match kind:
        case 0:  # weekday stand-up without end
            day += timedelta((7 - day.weekday()) % 7)
            rule, length, step = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", timedelta(minutes=15), 7
        case 1:
            rule, step = f"FREQ=WEEKLY;INTERVAL=2;BYDAY={_WEEKDAYS[day.weekday()]}", 14
        case 2:  # third Tuesday of the month, and the like
            nth, weekday = chance.randint(1, 4), chance.randint(0, 4)
            day = _nth_weekday(day.year, day.month, weekday, nth)
            rule = f"FREQ=MONTHLY;BYDAY={nth}{_WEEKDAYS[weekday]}"
        case 3:  # away for days
            day = day.replace(day=min(day.day, 28))
            fields["summary"] = "Out of office"
            rule = chance.choice(("FREQ=YEARLY", "FREQ=MONTHLY;INTERVAL=3"))
            end = day + timedelta(chance.randint(1, 4))
            return [Entry(**fields, zone="", start=day, end=end, rule=rule)]  # type: ignore[arg-type] # mixed fields
        case 4:  # daily at an hour that DST skips or repeats
            (zone, hour, minute), rule, step = _DST_EDGES[(number // 12) % 5], "FREQ=DAILY", 1
        case 5:  # across midnight
            rule, step = f"FREQ=WEEKLY;BYDAY={_WEEKDAYS[day.weekday()]}", 7
            hour, minute, length = 23, 30, timedelta(minutes=90)
        case 6:
            rule = f"FREQ=DAILY;COUNT={chance.randint(5, 60)}"
        case 7:
            until = day + timedelta(chance.randint(30, 400))
            rule, step = f"FREQ=WEEKLY;UNTIL={until:%Y%m%d}T235959Z;BYDAY={_WEEKDAYS[day.weekday()]}", 7
            zone = "America/New_York" if zone == "floating" else zone
        case 8:
            day = _last_day(day)
            day -= timedelta((day.weekday() - 4) % 7)
            rule = "FREQ=MONTHLY;BYDAY=-1FR"
        case 9:  # last working day of the month
            day = _last_day(day)
            day -= timedelta(max(0, day.weekday() - 4))
            rule = "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"
        case 10:  # skips the short months
            day, rule = date(day.year, chance.choice((1, 3, 5, 7, 8)), 31), "FREQ=MONTHLY;BYMONTHDAY=31"
        case _:
            day += timedelta((1 - day.weekday()) % 7)
            rule, step = "FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=TU,TH", 14
    start = _at(day, hour, minute)
    master = Entry(**fields, zone=zone, start=start, end=start + length, rule=rule)  # type: ignore[arg-type] # mixed fields
    return _with_exceptions(chance, master, step, biweekly=kind == 1) if step else [master]


def _with_exceptions(chance: random.Random, master: Entry, step: int, *, biweekly: bool) -> list[Entry]:
    """Three excluded dates and three overrides, one of them cancelled; the biweekly ones also get RDATEs."""
    start, end = master.start, master.end
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        return [master]
    length = end - start
    originals = [start + timedelta(days=step * number) for number in sorted(chance.sample(range(1, 60), 6))]
    if "UNTIL=" in master.rule:
        until = master.rule.partition("UNTIL=")[2][:8]
        originals = [original for original in originals if original.strftime("%Y%m%d") < until]
    entries: list[Entry] = []
    for number, original in enumerate(originals[3:]):
        begin = original + timedelta(minutes=chance.choice((-60, 30, 90, 24 * 60)))
        entries.append(
            replace(
                master,
                rule="",
                start=begin,
                end=begin + length,
                original=original,
                sequence=master.sequence + 1,
                status="CANCELLED" if number == 2 else master.status,
            )
        )
    added = tuple(start + timedelta(days=3 + 14 * number) for number in (2, 5)) if biweekly else ()
    return [*entries, replace(master, excluded=tuple(originals[:3]), added=added)]


def _nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    day = date(year, month, 1)
    return day + timedelta((weekday - day.weekday()) % 7 + 7 * (nth - 1))


def _last_day(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1) - timedelta(1)


def write_event(entry: Entry) -> str:
    """The entry as a folded VEVENT."""
    created = f"{entry.created:%Y%m%dT%H%M%SZ}"
    lines = ["BEGIN:VEVENT", f"UID:{entry.uid}", f"DTSTAMP:{created}", _moment("DTSTART", entry.start, entry)]
    lines.append(_moment("DTEND", entry.end, entry) if entry.minutes is None else f"DURATION:PT{entry.minutes}M")
    if entry.original is not None:
        lines.append(_moment("RECURRENCE-ID", entry.original, entry))
    if entry.rule:
        lines.append(f"RRULE:{entry.rule}")
    lines += [_moment("EXDATE", moment, entry) for moment in entry.excluded]
    lines += [_moment("RDATE", moment, entry) for moment in entry.added]
    lines += [
        f"SUMMARY:{_escaped(entry.summary)}",
        f"SEQUENCE:{entry.sequence}",
        f"STATUS:{entry.status}",
        f"TRANSP:{'TRANSPARENT' if entry.transparent else 'OPAQUE'}",
        f"CREATED:{created}",
        f"LAST-MODIFIED:{created}",
    ]
    if entry.location:
        lines.append(f"LOCATION:{_escaped(entry.location)}")
    if entry.description:
        lines.append(f"DESCRIPTION:{_escaped(entry.description)}")
    if entry.organizer:
        lines.append(f"ORGANIZER;CN={entry.organizer.partition('@')[0]}:mailto:{entry.organizer}")
    for guest, answer in entry.attendees:
        lines.append(f"ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={answer};CN={guest}:mailto:{guest}")
    if entry.alarm:
        lines += ["BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:Reminder", "TRIGGER:-PT15M", "END:VALARM"]
    lines.append("END:VEVENT")
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _moment(name: str, moment: Wall, entry: Entry) -> str:
    if entry.all_day:
        return f"{name};VALUE=DATE:{moment:%Y%m%d}"
    text = f"{moment:%Y%m%dT%H%M%S}"
    if entry.zone in ("UTC", "floating"):
        return f"{name}:{text}{'Z' if entry.zone == 'UTC' else ''}"
    return f"{name};TZID={entry.zone}:{text}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> str:
    """At most 75 octets a line (RFC 5545 §3.1), never inside a character."""
    if len(line.encode()) <= 75:
        return line
    pieces, piece, size = [], "", 0
    for character in line:
        width = len(character.encode())
        if size + width > 74:
            pieces.append(piece)
            piece, size = "", 0
        piece, size = piece + character, size + width
    return "\r\n ".join([*pieces, piece])


def time_zones() -> dict[str, str]:
    """TZID → VTIMEZONE of every zone the workloads use."""
    found = {}
    for name, (daylight, standard, winter, summer) in _DAYLIGHT_ZONES.items():
        found[name] = _time_zone(
            name, (("DAYLIGHT", *daylight, winter, summer), ("STANDARD", *standard, summer, winter))
        )
    found["Asia/Kolkata"] = _time_zone("Asia/Kolkata", (("STANDARD", "19700101T000000", "", "+0530", "+0530"),))
    return found


def _time_zone(name: str, observances: Sequence[tuple[str, str, str, str, str]]) -> str:
    lines = ["BEGIN:VTIMEZONE", f"TZID:{name}"]
    for kind, onset, rule, before, after in observances:
        lines += [f"BEGIN:{kind}", f"DTSTART:{onset}"]
        lines += [f"RRULE:FREQ=YEARLY;{rule}"] if rule else []
        lines += [f"TZOFFSETFROM:{before}", f"TZOFFSETTO:{after}", f"TZNAME:{kind[:3]}", f"END:{kind}"]
    return "".join(f"{line}\r\n" for line in [*lines, "END:VTIMEZONE"])


def write_file(path: Path, entries: Iterable[Entry]) -> None:
    """All entries in one .ics file."""
    with path.open("w", newline="", encoding="utf-8") as file:
        file.write(_HEAD + "".join(time_zones().values()))
        for entry in entries:
            file.write(write_event(entry))
        file.write(_FOOT)


def write_vdir(folder: Path, entries: Iterable[Entry]) -> int:
    """One .ics file per UID; gives their number."""
    folder.mkdir(parents=True, exist_ok=True)
    by_uid: dict[str, list[Entry]] = {}
    for entry in entries:
        by_uid.setdefault(entry.uid, []).append(entry)
    zones = time_zones()
    for uid, parts in by_uid.items():
        used = sorted({part.zone for part in parts if part.zone in zones})
        text = _HEAD + "".join(zones[zone] for zone in used) + "".join(write_event(part) for part in parts) + _FOOT
        (folder / f"{uid.partition('@')[0]}.ics").write_text(text, encoding="utf-8", newline="")
    return len(by_uid)


def w1() -> list[Entry]:
    return generate(SEED + 1, size=5000, series=60, first=date(2025, 1, 1), last=date(2026, 12, 31), tag="w1")


def w2() -> list[Entry]:
    return generate(SEED + 2, size=50000, series=400, first=date(2017, 1, 1), last=date(2026, 12, 31), tag="w2")


def w3(number: int) -> list[Entry]:
    """One of the fifty calendars of a team."""
    seed, tag = SEED + 1000 + number, f"w3c{number:02d}"
    return generate(seed, size=1000, series=20, first=date(2025, 1, 1), last=date(2026, 12, 31), tag=tag)


def cached(name: str, *, vdir: bool = False) -> Path:
    """The path of workload ``w1`` or ``w2`` (a file, or a folder with ``vdir``), made once per machine."""
    folder = Path(tempfile.gettempdir()) / f"calwatch-workloads-{SEED}"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / (f"{name}-vdir" if vdir else f"{name}.ics")
    if not path.exists():
        partial = path.with_name(path.name + ".partial")
        entries = {"w1": w1, "w2": w2}[name]()
        if vdir:
            write_vdir(partial, entries)
        else:
            write_file(partial, entries)
        partial.rename(path)  # a cut-off run leaves nothing that looks finished
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("outdir", type=Path)
    parser.add_argument("--only", default="w1,w2,w3")
    parser.add_argument("--vdir", action="store_true", help="also one file per appointment")
    options = parser.parse_args()
    options.outdir.mkdir(parents=True, exist_ok=True)
    for name, make in (("w1", w1), ("w2", w2)):
        if name in options.only:
            entries = make()
            write_file(options.outdir / f"{name}.ics", entries)
            if options.vdir:
                write_vdir(options.outdir / f"{name}-vdir", entries)
    if "w3" in options.only:
        (options.outdir / "w3").mkdir(exist_ok=True)
        for number in range(50):
            write_file(options.outdir / "w3" / f"calendar-{number:02d}.ics", w3(number))


if __name__ == "__main__":
    main()
