"""The person's absences: whole days, halves of days, and entries that only look like one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from builders import ALEX, NOW, a_booking, an_event, an_interview, an_invitation, at
from calwatch.detect.rules import strongest_trouble
from calwatch.detect.view import Neighbour, Trouble, View
from calwatch.model.booking import Interview
from calwatch.model.case import Situation, Weight
from calwatch.model.event import Event, Kind, Person
from calwatch.model.me import Me

ME = Me(emails=frozenset({ALEX.email}), name="Alex Rivera")
ROBIN = Person("robin@globex.example", "Robin Lee")
INTERVIEW = an_interview()  # Tuesday 5 May 2026, 15:00-16:00 in Berlin
BOOKED = at("2026-04-10 09:00")


def beside(event: Event, interview: Interview = INTERVIEW, **fields: Any) -> Trouble | None:
    return look(Neighbour(booking=a_booking(event)), interview, **fields)


def look(neighbour: Neighbour, interview: Interview = INTERVIEW, **fields: Any) -> Trouble | None:
    given: dict[str, Any] = {"now": NOW, "me": ME, "zone": "Europe/Berlin", "booked_at": BOOKED, **fields}
    return strongest_trouble(interview, View(neighbours=(neighbour,), **given))


def weight(trouble: Trouble | None) -> Weight | None:
    assert trouble is None or trouble.situation is Situation.CONFLICT
    return trouble.weight if trouble else None


def all_day(summary: str, first: date = date(2026, 5, 5), days: int = 1, **fields: Any) -> Event:
    """An all-day entry as it is read for a viewer in Berlin (UTC+2 in May)."""
    start = at(f"{first.isoformat()} 00:00") - timedelta(hours=2)
    return an_event(
        start,
        days * 1440,
        summary=summary,
        all_day=True,
        start_date=first,
        end_date=first + timedelta(days=days),
        **fields,
    )


@pytest.mark.parametrize(
    "summary",
    ["Vacation", "OOO", "Urlaub", "krankgeschrieben", "Congés", "Vacaciones en Cádiz", "Férias", "Ferie", "Vakantie"],
)
def test_an_absence_of_several_days_is_a_clash_in_seven_languages(summary: str) -> None:
    assert weight(beside(all_day(summary, days=5))) is Weight.CLASH


def test_a_providers_out_of_office_is_an_absence_whatever_it_is_called() -> None:
    assert weight(beside(all_day("Sailing", days=3, kind=Kind.OUT_OF_OFFICE))) is Weight.CLASH


@pytest.mark.parametrize(
    "event",
    [
        all_day("Mia's birthday"),
        all_day("Bank holiday"),
        all_day("Urlaub beantragen"),
        all_day("Dana's vacation"),
        all_day("Robin OOO", organizer=ROBIN),
        all_day("Kick-off week", days=5),
    ],
)
def test_all_day_entries_that_are_not_the_persons_absence_are_a_line_in_status(event: Event) -> None:
    assert weight(beside(event)) is Weight.NOTICE


def test_a_day_off_taken_after_the_booking_is_asked_about() -> None:
    assert weight(beside(all_day("Day off", created=BOOKED + timedelta(days=1)))) is Weight.QUESTION
    assert weight(beside(all_day("Day off", created=BOOKED - timedelta(days=1)))) is Weight.CLASH
    assert weight(beside(all_day("Day off", days=3, created=BOOKED + timedelta(days=1)))) is Weight.CLASH


def test_at_the_first_pass_nothing_came_later_than_the_interview() -> None:
    absence = Neighbour(booking=a_booking(all_day("Day off")), first_seen=NOW)
    assert weight(look(absence, first_seen=NOW)) is Weight.CLASH
    assert weight(look(absence, first_seen=NOW - timedelta(days=2))) is Weight.QUESTION
    assert weight(look(absence)) is Weight.CLASH


@pytest.mark.parametrize(
    "summary",
    [
        "OOO AM",
        "Urlaub vormittags",
        "Congé matin",
        "Vacaciones (mañana)",
        "Férias de manhã",
        "Ferie mattina",
        "Verlof 's ochtends",
    ],
)
def test_a_morning_off_leaves_the_afternoon(summary: str) -> None:
    assert beside(all_day(summary)) is None
    morning = an_interview(an_invitation("2026-05-05 08:00"))
    assert weight(beside(all_day(summary), interview=morning)) is Weight.CLASH


@pytest.mark.parametrize(
    "summary",
    [
        "OOO PM",
        "Urlaub nachmittags",
        "Congé après-midi",
        "Vacaciones tarde",
        "Férias à tarde",
        "Ferie pomeriggio",
        "Verlof middag",
    ],
)
def test_an_afternoon_off_leaves_the_morning(summary: str) -> None:
    assert weight(beside(all_day(summary))) is Weight.CLASH
    morning = an_interview(an_invitation("2026-05-05 08:00"))
    assert beside(all_day(summary), interview=morning) is None


@pytest.mark.parametrize("summary", ["Half day off", "halber Tag Urlaub", "Congé demi-journée", "Halve dag verlof"])
def test_half_a_day_that_does_not_say_which_is_asked_about(summary: str) -> None:
    assert weight(beside(all_day(summary))) is Weight.QUESTION


def test_german_am_is_no_morning() -> None:
    assert weight(beside(all_day("Urlaub am Meer"))) is Weight.CLASH


def test_an_absence_marked_as_free_is_only_told() -> None:
    assert weight(beside(all_day("Vacation", days=5, transparent=True))) is Weight.NOTICE
    assert beside(all_day("Mia's birthday", transparent=True)) is None
