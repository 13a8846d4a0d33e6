"""The development corpus as a regression test: how many interviews are found, and that no contact is ever unsafe."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from calwatch.detect.interview import recognise
from calwatch.detect.options import InterviewsOptions
from calwatch.formats.ical import read
from calwatch.model.booking import Recognition, Role
from calwatch.model.event import Event, Series
from calwatch.model.me import Me

FOLDER = Path(__file__).parent / "corpus"
ME = Me(emails=frozenset({"alex.rivera@example.com", "alex@rivera.example"}), name="Alex Rivera")


@dataclass(frozen=True)
class Judged:
    """A labelled file and what recognition made of it."""

    label: dict[str, Any]
    found: Recognition

    @property
    def contact(self) -> str | None:
        return self.found.contact.person.email if self.found.contact else None


@cache
def judged() -> tuple[Judged, ...]:
    lines = (FOLDER / "labels.jsonl").read_text("utf-8").splitlines()
    return tuple(_judge(json.loads(line)) for line in lines if line.strip())


def _judge(label: dict[str, Any]) -> Judged:
    data = (FOLDER / label["file"]).read_bytes()
    parsed = read(data, me=ME.emails, viewer_zone="Europe/Berlin", window=None, ref=label["file"])
    event = _first(parsed.items[0])
    return Judged(label, recognise(event, me=ME, options=InterviewsOptions(), comment=parsed.comment))


def _first(item: Event | Series) -> Event:
    if isinstance(item, Event):
        return item
    assert item.master is not None
    return replace(item.master, recurring=True)


def test_interviews_are_found_and_little_else() -> None:
    true_positives = sum(j.found.is_interview and j.label["is_interview"] for j in judged())
    said = sum(j.found.is_interview for j in judged())
    wanted = sum(j.label["is_interview"] for j in judged())
    assert 2 * true_positives / (said + wanted) >= 0.93


def test_the_contact_is_the_one_a_careful_person_would_write_to() -> None:
    wanted = [j for j in judged() if j.label["is_interview"]]
    assert sum(j.contact == j.label["contact_email"] for j in wanted) / len(wanted) >= 0.93


def test_no_contact_is_an_address_nobody_reads() -> None:
    listed = set((FOLDER / "noreply.txt").read_text("utf-8").split())
    assert [j.label["file"] for j in judged() if j.contact in listed] == []
    assert [j.contact for j in judged() if j.contact and "reply" in j.contact.split("@")[0]] == []


def test_no_contact_is_the_user() -> None:
    assert [j.label["file"] for j in judged() if j.contact and (ME.owns(j.contact) or ME.works_with(j.contact))] == []


def test_the_language_of_interviews_is_known() -> None:
    right = [j for j in judged() if j.label["is_interview"] and j.found.is_interview]
    assert sum(j.found.language == j.label["language"] for j in right) / len(right) >= 0.95


def test_interviewers_are_told_from_candidates() -> None:
    assert sum(j.found.role == j.label["role"] for j in judged()) / len(judged()) >= 0.93
    assert all(j.found.role is Role.CANDIDATE for j in judged() if j.found.is_interview)


def test_every_verdict_says_why() -> None:
    assert all(j.found.evidence and all(sentence.strip() for sentence in j.found.evidence) for j in judged())
