"""Whatever the store is given it gives back, and its shortcuts agree with the plain way of working things out."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from builders import NOW, a_sighting
from calwatch.model.booking import Recognition
from calwatch.model.draft import Draft, Effect, Letter
from calwatch.model.event import Event, Response, Series, Status
from calwatch.model.ledger import HistoryEntry
from calwatch.model.message import Content, Message
from calwatch.model.span import Span
from calwatch.model.trouble import Case
from calwatch.store import Store, codec, open_store
from calwatch.watch.bookings import strongest

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
MOMENTS = st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2099, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants naive bounds
SPANS = st.builds(lambda start, length: Span(start, start + length), MOMENTS, st.timedeltas(timedelta(0), timedelta(9)))
PLAIN: dict[type[Any], st.SearchStrategy[Any]] = {
    str: TEXT,
    datetime: MOMENTS,
    date: st.dates(),
    Span: SPANS,
    dict[str, Any]: st.dictionaries(TEXT, st.integers() | TEXT | st.none(), max_size=3),
}
for kind, strategy in PLAIN.items():
    if kind in (str, datetime, date, Span):
        st.register_type_strategy(kind, strategy)
st.register_type_strategy(float, st.floats(0, 1))

KINDS = (Event, Series, Recognition, Content, Letter, Draft, Effect, Case, HistoryEntry, Message)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_value_comes_back_as_it_went_in(kind: type[Any], data: st.DataObject) -> None:
    value = data.draw(st.from_type(kind))
    assert codec.from_json(kind, codec.to_json(kind, value)) == value


@given(st.text(max_size=30))
def test_any_text_fits_a_column_and_comes_back(text: str) -> None:
    kept = codec.column(text)
    kept.encode()
    assert codec.uncolumn(kept) == text


@given(MOMENTS)
def test_due_moments_are_never_early_and_less_than_a_second_late(moment: datetime) -> None:
    due = codec.due_seconds(moment)
    assert due is not None
    assert timedelta(0) <= codec.moment(due) - moment < timedelta(seconds=1)
    assert timedelta(0) <= moment - codec.moment(codec.seconds(moment)) < timedelta(seconds=1)


@given(st.text(st.characters(categories=["Cs"]), min_size=1, max_size=5))
def test_text_that_no_json_can_hold_is_replaced_and_not_refused(broken: str) -> None:
    event = Event(ref="r", uid="u", start=NOW, end=NOW, summary=f"caf{broken}")
    kept = codec.from_json(Event, codec.to_json(Event, event))
    assert kept.summary == "caf" + "?" * len(broken)
    assert replace(kept, summary="") == replace(event, summary="")


REFS = st.sampled_from(["a.ics", "b.ics", "c.ics"])
PLACES = st.sampled_from([("personal", "one"), ("personal", "two"), ("work", "one")])
EVENTS = st.builds(
    lambda uid, hour, length, **fields: Event(
        ref="", uid=uid, start=NOW + timedelta(hours=hour), end=NOW + timedelta(hours=hour + length), **fields
    ),
    st.sampled_from(["u1", "u2", "u3", "u4"]),
    st.integers(0, 60),
    st.sampled_from([0, 1, 30, 80]),
    summary=st.sampled_from(["", "Interview with Acme", "Dentist"]),
    sequence=st.integers(0, 2),
    transparent=st.booleans(),
    status=st.sampled_from(Status),
    response=st.sampled_from([Response.OWN, Response.DECLINED, Response.ACCEPTED]),
    recurrence_id=st.sampled_from([None, "20260501"]),
)


class Joining(RuleBasedStateMachine):
    """Resources come, change and go; the bookings must always be what joining everything anew would give."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="calwatch-"))
        self.shown: dict[tuple[str, str, str], list[Event]] = {}

    @initialize()
    def open_the_store(self) -> None:
        self.store: Store = open_store(self.folder)

    @rule(place=PLACES, ref=REFS, events=st.lists(EVENTS, max_size=3, unique_by=lambda e: (e.uid, e.recurrence_id)))
    def put(self, place: tuple[str, str], ref: str, events: list[Event]) -> None:
        events = [replace(event, ref=ref, etag="1") for event in events]
        self.store.sightings.put_resource(*place, ref, "1", events, now=NOW)
        self.shown[(*place, ref)] = events
        before = self.store.counters.rows_written
        assert not self.store.sightings.put_resource(*place, ref, "1", events, now=NOW)
        assert self.store.counters.rows_written == before

    @rule(place=PLACES, ref=REFS)
    def drop(self, place: tuple[str, str], ref: str) -> None:
        self.store.sightings.drop_resource(*place, ref, now=NOW)
        self.shown.pop((*place, ref), None)

    @invariant()
    def bookings_are_as_if_joined_anew(self) -> None:
        groups: dict[tuple[str, str | None], list[Any]] = {}
        for (account, calendar, _ref), events in self.shown.items():
            for event in events:
                sighting = a_sighting(event, account=account, calendar=calendar)
                groups.setdefault((event.uid, event.recurrence_id), []).append(sighting)
        expected = {
            key: strongest(sorted(seen, key=lambda s: (s.account, s.calendar, s.event.ref)))
            for key, seen in groups.items()
        }
        for (uid, recurrence_id), event in expected.items():
            booking = self.store.bookings.by_uid(uid, recurrence_id)
            assert booking is not None
            assert booking.event == event
            assert set(booking.sightings) == set(groups[uid, recurrence_id])
        assert self.store.bookings.count() == len(expected)
        for start in (0, 20, 59):
            window = Span(NOW + timedelta(hours=start), NOW + timedelta(hours=start + 2))
            naive = sorted(e.span for e in expected.values() if e.busy and e.span.overlaps(window))
            assert self.store.bookings.busy_spans(window) == naive
        for booking in self.store.bookings.overlapping(Span(NOW - timedelta(days=9), NOW + timedelta(days=9))):
            if booking.twin_of is not None:
                original = self.store.bookings.booking(booking.twin_of)
                assert original.twin_of is None
                assert original.event.span == booking.event.span

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder)


TestJoining = Joining.TestCase
TestJoining.settings = settings(
    max_examples=10,
    stateful_step_count=20,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking whole databases takes minutes
    suppress_health_check=[HealthCheck.too_slow],
)
