"""``classify``: what is made of .ics files, without any account, service or network."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC
from pathlib import Path

from calwatch.cli import context, out, shapes, words
from calwatch.detect.interview import recognise
from calwatch.detect.options import InterviewsOptions
from calwatch.errors import ConfigError, NotFound
from calwatch.formats import ical
from calwatch.model.booking import Recognition, Role
from calwatch.model.event import Event
from calwatch.model.me import Me
from calwatch.model.plain import one_line

_LARGEST = 200_000_000  # bytes; what the reader takes


def classify(args: argparse.Namespace) -> int:
    """Every event of the files, with the evidence. 1 if a file had something that could not be read."""
    me, options, zone = _person(args)
    found: list[tuple[str, Event, str]] = []
    wrong: list[tuple[str, str]] = []
    for path in _files(args.files):
        events, comment, unread = _events(path, me, zone)
        wrong += [(str(path), reason) for reason in unread]
        found += [(str(path), event, comment) for event in events]
    if not me.emails:
        me = _everywhere(event for _, event, _ in found)
    rows: list[tuple[str, Event, Recognition]] = [
        (file, event, recognise(event, me=me, options=options, comment=comment)) for file, event, comment in found
    ]
    if args.json:
        out.document([shapes.classified(file, known) for file, _, known in rows])
    else:
        for file, event, known in rows:
            out.say(f"{file}: {one_line(event.summary) or 'no title'}: {_verdict(known)}, score {known.score:.2f}")
            parts = {
                "company": known.company,
                "stage": words.stage(known.stage) if known.stage else None,
                "contact": str(known.contact.person) if known.contact is not None else None,
                "language": known.language,
            }
            if known.is_interview:
                out.say("  " + ", ".join(f"{name}: {one_line(value)}" for name, value in parts.items() if value))
            for line in known.evidence:
                out.say(f"  - {one_line(line, 300)}")
    for file, reason in wrong:
        out.remark(f"{file}: {reason}")
    return 1 if wrong else 0


def _verdict(known: Recognition) -> str:
    if known.is_interview:
        return "an interview of yours"
    return "an interview that you hold" if known.role is Role.INTERVIEWER else "no interview of yours"


def _person(args: argparse.Namespace) -> tuple[Me, InterviewsOptions, str]:
    """Who is asking: from the configuration if there is one; a named one must be right."""
    try:
        settings = context.settings_of(args)
    except ConfigError:
        if args.config is not None:
            raise
        return Me(), InterviewsOptions(), str(UTC)
    you = settings.you
    me = Me(emails=settings.addresses, name=you.name, employer=frozenset(you.employer))
    return me, settings.interviews, you.timezone


def _everywhere(events: Iterable[Event]) -> Me:
    """Without a configuration: whoever is invited to most of the events is taken for the user, and that is said."""
    listed = [{attendee.person for attendee in event.attendees} for event in events]
    invited = Counter(person.email for people in listed for person in people)
    names = {person.email: person.name for people in listed for person in people if person.name}
    address, times = invited.most_common(1)[0] if invited else ("", 0)
    if times < 3 or times * 2 < sum(1 for people in listed if people):
        out.remark("No configuration was found, so it is not known who you are; --config FILE tells.")
        return Me()
    out.remark(f"No configuration was found; {address}, who is invited to most of these events, is taken for you.")
    return Me(emails=frozenset({address}), name=names.get(address, ""))


def _files(paths: list[Path]) -> Iterator[Path]:
    """The files named, and the .ics files of folders named. Raises NotFound for what is not there."""
    for path in paths:
        if path.is_dir():
            yield from sorted(path.rglob("*.ics"))
        elif path.exists():
            yield path
        else:
            raise NotFound(f"{path}: there is no such file")


def _events(path: Path, me: Me, zone: str) -> tuple[list[Event], str, list[str]]:
    """The events of one file (a series as its first occurrence), its COMMENT, and what could not be read."""
    try:
        if path.stat().st_size > _LARGEST:
            return [], "", ["larger than 200 MB"]
        data = path.read_bytes()
    except OSError as error:
        return [], "", [f"cannot be read ({error.strerror})"]
    parsed = ical.read(data, me=me.emails, viewer_zone=zone, window=None, ref=path.name)
    events = []
    for item in parsed.items:
        event = item if isinstance(item, Event) else item.master or next(iter(item.overrides), None)
        if event is not None:
            events.append(event if isinstance(item, Event) else replace(event, recurring=True))
    unread = [f"{problem.name}: {problem.reason}" for problem in parsed.problems]
    if not events and not unread:
        unread = ["no event in it"]
    return events, parsed.comment, unread
