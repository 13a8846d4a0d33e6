"""iCalendar files read into events and series: the door through which all calendar files and invitations come in.

Broken components are named and left out, never the file for one of them. What lies surely outside the wanted window is
passed over on its raw bytes. Numbers are bounded everywhere, for a calendar file is foreign text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import TYPE_CHECKING

from calwatch.formats.blocks import normalise, stretches
from calwatch.formats.component import Component, Reading, UnreadableComponent, read_component
from calwatch.formats.header import Header
from calwatch.formats.lines import decode, one_line
from calwatch.formats.moments import Moment, Zones
from calwatch.formats.prune import Pruner, may_prune, raw_uid
from calwatch.model.event import Event, Series
from calwatch.model.span import Span
from calwatch.model.walltime import wall_time

if TYPE_CHECKING:
    from calwatch.formats.blocks import Data

LARGEST_FILE = 200_000_000
"""Bytes; larger files are refused whole."""

_MOST_PROBLEMS = 200


@dataclass(frozen=True, slots=True)
class Unreadable:
    """One component (or the whole file, ``name`` = its ref) that could not be read; ``reason`` is for the person."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a file held: ``parsed`` components were read whole, ``pruned`` ones lie surely outside the window.

    With the methods CANCEL and REPLY the time may be missing: such an event starts and ends at its original start, or
    else at its DTSTAMP. ``comment`` joins the COMMENTs. ``remarks`` name what was read all the same, though perhaps not
    as its author meant it.
    """

    items: tuple[Event | Series, ...] = ()
    problems: tuple[Unreadable, ...] = ()
    method: str = ""
    comment: str = ""
    parsed: int = 0
    pruned: int = 0
    remarks: tuple[Unreadable, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class RawResource:
    """All components with one UID inside a big file, unparsed. ``digest`` changes when any of their bytes do."""

    uid: str
    digest: str
    data: Data
    spans: tuple[tuple[int, int], ...]

    @property
    def blocks(self) -> Iterator[bytes]:
        return (self.data[start:end] for start, end in self.spans)


def read(
    data: Data,
    *,
    me: frozenset[str],
    viewer_zone: str,
    window: Span | None = None,
    ref: str = "",
    etag: str = "",
) -> Parsed:
    """Reads a whole file.

    ``me`` are the user's lower-case addresses; ``viewer_zone`` places floating and all-day events. With a ``window``,
    single events surely outside it (two days of margin) are counted and not read; series always come whole.
    """
    name = ref or "calendar"
    if len(data) > LARGEST_FILE:
        return Parsed(problems=(Unreadable(name, f"the file is larger than {LARGEST_FILE // 1_000_000} MB"),))
    data = normalise(data)
    if data.find(b"BEGIN:VCALENDAR") < 0 and data.find(b"BEGIN:VEVENT") < 0:
        what = "not an iCalendar file: it has no BEGIN:VCALENDAR" if data[:1] else "empty"
        return Parsed(problems=(Unreadable(name, f"the file is {what}"),))
    header = Header(data)
    reading = Reading(me=me, zones=header.zones(viewer_zone), method=header.method, ref=ref, etag=etag)
    pruner = Pruner(window) if window is not None and may_prune(data) else None
    groups = _Groups(reading)
    passed_over: dict[bytes, list[tuple[int, int]]] = {}
    pruned = 0
    for stretch in stretches(data, b"VEVENT"):
        block = data[stretch.start : stretch.end]
        if not stretch.closed:
            groups.refuse(raw_uid(block), "the event has no END:VEVENT; the file may be half-written")
        elif pruner is not None and pruner.surely_outside(block):
            passed_over.setdefault(raw_uid(block), []).append((stretch.start, stretch.end))
            pruned += 1
        else:
            groups.add(block)
    # A version outside the window may be the newer one of an event inside it, or the master of an override.
    for uid in passed_over.keys() & groups.raw_uids if passed_over else ():
        for start, end in passed_over[uid]:
            groups.add(data[start:end])
            pruned -= 1
    if data.find(b"BEGIN:VCALENDAR") >= 0 and data.find(b"END:VCALENDAR") < 0:
        groups.refuse(b"", "the file ends before END:VCALENDAR; it may be half-written", name=name)
    return groups.finish(pruned)


def resources(data: Data) -> Iterator[RawResource]:
    """The file as one resource per UID, in file order of their first component, without parsing any.

    Keep the digests and compare them next time: equal digest, unchanged resource. Events without a UID are resources
    of their own.
    """
    data = normalise(data)
    shared = Header(data).digest
    found: dict[bytes, list[tuple[int, int]]] = {}
    for stretch in stretches(data, b"VEVENT"):
        block = data[stretch.start : stretch.end]
        found.setdefault(raw_uid(block) or _uid_of_nameless(block), []).append((stretch.start, stretch.end))
    for uid, spans in found.items():
        digest = blake2b(shared, digest_size=16)
        for start, end in spans:
            digest.update(data[start:end])
        yield RawResource(one_line(decode(uid)), digest.hexdigest(), data, tuple(spans))


def read_header(data: Data) -> Header:
    """The header for ``read_resource``; make it once per file."""
    return Header(normalise(data))


def read_resource(
    raw: RawResource,
    header: Header,
    *,
    me: frozenset[str],
    viewer_zone: str,
    window: Span | None = None,
    ref: str | None = None,
    etag: str | None = None,
) -> Parsed:
    """Reads one resource of a big file as ``read`` does; ``ref`` is its UID and ``etag`` its digest unless given."""
    reading = Reading(
        me=me,
        zones=header.zones(viewer_zone),
        method=header.method,
        ref=raw.uid if ref is None else ref,
        etag=raw.digest if etag is None else etag,
    )
    groups = _Groups(reading)
    blocks = list(raw.blocks)
    pruner = Pruner(window) if window is not None else None
    if pruner is not None and all(may_prune(block) and pruner.surely_outside(block) for block in blocks):
        return Parsed(method=header.method, pruned=len(blocks))
    for block in blocks:
        if block.endswith(b"END:VEVENT"):
            groups.add(block)
        else:
            groups.refuse(raw_uid(block), "the event has no END:VEVENT; the file may be half-written")
    return groups.finish(0)


class _Groups:
    """Collects components by UID and what could not be read."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._components: dict[str, list[Component]] = {}
        self._problems: list[Unreadable] = []
        self._remarks: dict[Unreadable, None] = {}
        self._refused = 0
        self._parsed = 0
        self._comments: list[str] = []
        self.raw_uids: set[bytes] = set()

    def add(self, block: bytes) -> None:
        self._parsed += 1
        raw = raw_uid(block)
        try:
            component = read_component(block, self._reading)
        except UnreadableComponent as error:
            self.refuse(raw, str(error))
            return
        if not component.uid:
            name = _uid_of_nameless(block).decode("ascii")
            component = replace(component, uid=name, event=replace(component.event, uid=name))
        self.raw_uids.add(raw)
        self._components.setdefault(component.uid, []).append(component)
        for zone in component.unknown_zones[: _MOST_PROBLEMS - len(self._remarks)]:
            reason = f"time zone '{zone}' is not known; read in your own zone"
            self._remarks[Unreadable(component.uid[:200], reason)] = None
        if component.comment:
            self._comments.append(component.comment)

    def refuse(self, raw: bytes, reason: str, *, name: str = "") -> None:
        self._refused += 1
        if self._refused <= _MOST_PROBLEMS:
            number = self._parsed or self._refused
            self._problems.append(Unreadable(name or one_line(decode(raw))[:200] or f"event number {number}", reason))

    def finish(self, pruned: int) -> Parsed:
        if self._refused > _MOST_PROBLEMS:
            more = self._refused - _MOST_PROBLEMS
            self._problems.append(Unreadable(self._reading.ref or "calendar", f"{more} more events cannot be read"))
        return Parsed(
            items=tuple(_assemble(components, self._reading.zones) for components in self._components.values()),
            problems=tuple(self._problems),
            method=self._reading.method,
            comment="\n".join(self._comments[:20]),
            parsed=self._parsed,
            pruned=pruned,
            remarks=tuple(self._remarks),
        )


def _uid_of_nameless(block: bytes) -> bytes:
    """A stable name for an event without a UID: the same bytes give the same one."""
    return b"nameless-" + blake2b(block, digest_size=12).hexdigest().encode()


def _assemble(components: Iterable[Component], zones: Zones) -> Event | Series:
    """One event, or a master with its overrides; of two versions the greater (SEQUENCE, DTSTAMP) counts (RFC 5546)."""
    master: Component | None = None
    overrides: list[Component] = []
    for component in sorted(components, key=lambda c: c.rank):
        if component.recurrence is None:
            master = component
        else:
            overrides.append(component)
    if master is not None and not (overrides or master.rules or master.added):
        return master.event
    all_day = master is not None and master.event.all_day

    def key(moment: Moment) -> str:
        return occurrence_named(moment, all_day, zones)

    replaced: Mapping[str, Component] = {key(c.recurrence): c for c in overrides if c.recurrence is not None}
    some = master or overrides[-1]
    added = {key(moment): seconds for moment, seconds in master.added} if master else {}
    custom = zones.text_of(master.start.zone.key) if master else None
    return Series(
        ref=some.event.ref,
        uid=some.uid,
        etag=some.event.etag,
        master=replace(master.event, recurring=True) if master else None,
        local_start=master.start.local if master else None,
        zone_key=master.start.zone.key if master else "UTC",
        rrules=master.rules if master else (),
        rdates=tuple(added),
        rdate_durations=tuple((name, seconds) for name, seconds in added.items() if seconds is not None),
        exdates=tuple(key(moment) for moment in master.removed) if master else (),
        overrides=tuple(replace(c.event, recurrence_id=name, recurring=True) for name, c in replaced.items()),
        this_and_future=tuple(name for name, c in replaced.items() if c.this_and_future),
        zones=((master.start.zone.key, custom),) if master and custom is not None else (),
        nominal_days=master.nominal_days if master else 0,
    )


def occurrence_named(moment: Moment, all_day: bool, zones: Zones) -> str:
    """The key of the occurrence a RECURRENCE-ID, RDATE or EXDATE names, in the master's terms.

    Exchange names occurrences of all-day series by times: midnight as written means that date, else the viewer's day.
    """
    if not all_day or moment.is_date:
        return moment.key
    midnight = getattr(moment.local, "hour", 0) == getattr(moment.local, "minute", 0) == 0
    day = moment.day if midnight else wall_time(moment.instant, zones.floating.zone).date()
    return day.strftime("%Y%m%d")
