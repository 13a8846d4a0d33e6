"""Joining is symmetric, and finding all conflicts is what comparing everything with everything finds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from calwatch.detect.conflicts import Conflicts, overlapping
from calwatch.model.event import Attendee, Event, Person, Response, Status
from calwatch.model.span import Span
from calwatch.model.twins import are_twins
from calwatch.watch.guards import believable

START = datetime(2026, 5, 5, 13, tzinfo=UTC)
people = st.sampled_from(
    [
        Person("alex.rivera@example.com", "Alex Rivera"),
        Person("dana@acme.example", "Dana Fox"),
        Person("robin@globex.example", "Robin Lee"),
        Person("no-reply@hiring.example"),
    ]
)
texts = st.one_of(
    st.sampled_from(
        [
            "",
            "Busy",
            "Interview",
            "Interview with Acme",
            "Acme",
            "Globex final",
            "Dentist",
            "Vorstellungsgespräch Acme",
            "1:1",
        ]
    ),
    st.text(max_size=30),
)
links = st.sampled_from(
    ["", "https://acme.zoom.us/j/1", "https://acme.zoom.us/j/1?pwd=x", "https://meet.google.com/a-b-c", "HQ"]
)


@st.composite
def events(draw: st.DrawFn) -> Event:
    return Event(
        ref="r",
        uid=draw(st.sampled_from(["a@x", "b@x", "a_R20260501T090000@x"])),
        start=START + timedelta(minutes=draw(st.sampled_from([0, 0, 0, 15]))),
        end=START + timedelta(minutes=draw(st.sampled_from([60, 60, 60, 75]))),
        summary=draw(texts),
        location=draw(links),
        organizer=draw(st.none() | people),
        attendees=tuple(Attendee(person) for person in draw(st.lists(people, max_size=3))),
        busy_only=draw(st.booleans()),
        status=draw(st.sampled_from(list(Status))),
        response=draw(st.sampled_from(list(Response))),
    )


@settings(max_examples=300, deadline=None)
@given(events(), events())
def test_twins_are_symmetric_and_everything_with_length_is_its_own_twin(a: Event, b: Event) -> None:
    assert are_twins(a, b) == are_twins(b, a)
    assert are_twins(a, a)


minutes = st.integers(0, 4000)
spans = st.lists(
    st.tuples(minutes, st.sampled_from([0, 1, 15, 60, 500, 2000])).map(
        lambda pair: Span(START + timedelta(minutes=pair[0]), START + timedelta(minutes=sum(pair)))
    ),
    max_size=40,
)


def share_time(a: Span, b: Span) -> bool:
    return a.start < a.end and b.start < b.end and a.overlaps(b)


@settings(max_examples=150, deadline=None)
@given(spans)
def test_all_pairs_are_those_that_comparing_everything_finds(given_spans: list[Span]) -> None:
    naive = [(i, j) for i, a in enumerate(given_spans) for j, b in enumerate(given_spans) if i < j and share_time(a, b)]
    assert overlapping(given_spans) == naive


@settings(max_examples=150, deadline=None)
@given(spans, spans)
def test_the_index_finds_what_one_span_overlaps(known: list[Span], asked: list[Span]) -> None:
    index = Conflicts(known)
    for span in asked:
        assert index.of(span) == [i for i, other in enumerate(known) if share_time(span, other)]


@given(st.integers(0, 500), st.integers(0, 500))
def test_losing_more_is_never_more_believable(known: int, gone: int) -> None:
    if not believable(known, gone):
        assert not believable(known, gone + 1)
