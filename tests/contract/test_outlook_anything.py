"""Whatever people do in an Outlook calendar, and however Outlook tells of it, reading on shows what Outlook shows."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calwatch.errors import Resync
from calwatch.model.event import Response, Status
from contract.calendar_suite import HOUR, START, WINDOW, Ledger
from contract.outlook_calendar_world import OutlookCalendarWorld
from fakes.clock import ManualClock
from fakes.microsoft.calendar import CalendarState
from fakes.microsoft.calendar_times import Window, ends, starts
from fakes.microsoft.server import FakeMicrosoft

DEEDS = st.lists(
    st.tuples(
        st.sampled_from(
            ["single", "weekly", "move", "move", "far", "remove", "cancel", "decline", "words", "touch", "again"]
        ),
        st.integers(0, 9),
        st.integers(0, 6),
        st.booleans(),
    ),
    min_size=3,
    max_size=12,
)
"""What is done, to which entry, how, and whether we read on afterwards."""

SWITCHES = (
    "empty_pages",
    "duplicates",
    "replays",
    "spurious_removed",
    "omit_masters",
    "masters_first",
    "uid_per_occurrence",
    "preserve_declined",
    "returns_with_new_id",
)
MANNERS = st.fixed_dictionaries(
    {name: st.booleans() for name in SWITCHES}
    | {"page_size": st.sampled_from([1, 3, 1000]), "removed_series": st.sampled_from(["all", "master"])}
)
WORDS = {
    Response.ACCEPTED: "accepted",
    Response.DECLINED: "declined",
    Response.NEEDS_ACTION: "notResponded",
}
INSIDE = Window(WINDOW.start, WINDOW.end)


def do(outlook: CalendarState, deed: str, which: int, number: int) -> None:
    """One deed, as far as it is possible."""
    book = outlook.book()
    if deed in ("single", "weekly"):
        start = START + timedelta(days=number, hours=which % 5)
        outlook.add(start, answer=Response.ACCEPTED, weeks=5 if deed == "weekly" else 0)
        return
    if deed == "again":
        for ref in sorted(outlook.away)[:1]:
            outlook.edit(ref, subject="Again")
        return
    entries = [book.entries[ref] for ref in sorted(book.entries)]
    if not entries:
        return
    entry = entries[which % len(entries)]
    occurrences = book.expanded(entry, INSIDE) if entry.is_series and number < 5 else []
    ref = occurrences[number % len(occurrences)].ids.immutable if occurrences else entry.ids.immutable
    _, item = outlook.locate(ref)
    match deed:
        case "move":
            outlook.move(ref, starts(item.raw) + number * HOUR)
        case "far" if item.type != "seriesMaster" or not outlook.omit_masters:
            # Of a series that leaves the window without its master being named, no round says anything.
            outlook.move(ref, WINDOW.end + number * 8 * HOUR)
        case "remove" | "cancel" | "touch":
            getattr(outlook, deed)(ref)
        case "decline":
            outlook.answer(ref, Response.DECLINED)
        case "words":
            outlook.edit(ref, subject=f"Words {number}")


def what_outlook_shows(outlook: CalendarState) -> list[tuple[Any, ...]]:
    return sorted(
        (
            starts(i.raw),
            ends(i.raw),
            bool(i.raw.get("isCancelled")),
            i.raw["iCalUId"],
            i.raw["responseStatus"]["response"],
        )
        for i in outlook.book().items(INSIDE)
    )


def what_we_show(ledger: Ledger) -> list[tuple[Any, ...]]:
    return sorted((e.start, e.end, e.status is Status.CANCELLED, e.uid, WORDS[e.response]) for e in ledger.events())


def poll(ledger: Ledger) -> None:
    try:
        ledger.pull()
    except Resync:
        ledger.cursor = None
        ledger.pull()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(DEEDS, MANNERS)
def test_reading_on_ends_where_outlook_is(
    microsoft: FakeMicrosoft,
    clock: ManualClock,
    deeds: list[tuple[str, int, int, bool]],
    manners: dict[str, Any],
) -> None:
    outlook = microsoft.calendar
    outlook.books.clear()
    outlook.away.clear()
    outlook.primary = outlook.add_calendar("Calendar")
    with tempfile.TemporaryDirectory() as folder:
        world = OutlookCalendarWorld(microsoft, clock, Path(folder), manners=manners)
        ledger = Ledger(world)
        world.add(START, weekly=5)
        poll(ledger)
        for deed, which, number, read_on in deeds:
            do(outlook, deed, which, number)
            if read_on:
                poll(ledger)
        poll(ledger)
        assert what_we_show(ledger) == what_outlook_shows(outlook)
        kept = ledger.cursor
        poll(ledger)
        assert ledger.cursor == kept, "nothing has happened since"
        ledger.cursor = None
        poll(ledger)
        assert what_we_show(ledger) == what_outlook_shows(outlook)
    assert not microsoft.violations
