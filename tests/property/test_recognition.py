"""Recognition takes any text: it never fails, never answers an unsafe address, and always says why."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from builders import an_event
from calwatch.detect.interview import recognise
from calwatch.detect.options import InterviewsOptions
from calwatch.model.addresses import is_unreadable
from calwatch.model.event import Attendee, Person
from calwatch.model.me import Me

ME = Me(emails=frozenset({"alex@rivera.example"}), name="Alex Rivera")

_pieces = st.sampled_from(
    [
        "Interview",
        "Vorstellungsgespräch",
        "with",
        "Acme",
        "no-reply@acme.example",
        "alex@rivera.example",
        "write to",
        "dana@acme.example",
        "Candidate:",
        "Alex Rivera",
        "https://jobs.lever.co/x",
        "<a href='mailto:x@y.example'>",
        "\n",
        "-::~:~::~:~:~:~::-",
        "________________________",
        "recruiter",
        "role",
        "Questions?",
        "\u202e",
        "\x00",
        "&amp;",
        "@",
        "(",
    ]
)
_text = st.one_of(st.text(max_size=200), st.lists(_pieces, max_size=30).map(" ".join))
_people = st.builds(
    Person, st.sampled_from(["", "dana@acme.example", "no-reply@acme.example", "x"]), st.text(max_size=20)
)


@settings(max_examples=150, deadline=None)
@given(title=_text, body=_text, place=_text, organizer=st.none() | _people, guests=st.lists(_people, max_size=3))
def test_any_event_gets_a_safe_verdict_with_its_reasons(
    title: str, body: str, place: str, organizer: Person | None, guests: list[Person]
) -> None:
    event = an_event(
        summary=title,
        description=body,
        location=place,
        organizer=organizer,
        attendees=tuple(Attendee(guest) for guest in guests),
    )
    found = recognise(event, me=ME, options=InterviewsOptions())
    assert 0 <= found.score <= 1
    assert found.evidence
    if found.contact:
        assert not is_unreadable(found.contact.person.email)
        assert not ME.owns(found.contact.person.email)
    assert found == recognise(event, me=ME, options=InterviewsOptions())
