"""What one mail would deal with is one interview."""

from __future__ import annotations

from builders import a_booking, a_recognition, a_sighting, an_invitation
from calwatch.model.booking import Booking, Contact, Interview, Recognition, Source
from calwatch.model.event import Person, Status
from calwatch.watch.interviews import group

ROBIN = Contact(person=Person("robin@globex.example", "Robin"), evidence="organizer")
NOBODY = Contact(person=Person("no-reply@hiring.example"), evidence="organizer")


def session(start: str, minutes: int = 45, number: int = 1, **fields: object) -> Booking:
    return a_booking(an_invitation(start, minutes, **fields), id=number)


def ids(found: tuple[Interview, ...]) -> list[tuple[int, ...]]:
    return [interview.booking_ids for interview in found]


def grouped(*rows: tuple[Booking, Recognition], zone: str = "Europe/Berlin") -> tuple[Interview, ...]:
    return group([(booking, recognition, "personal") for booking, recognition in rows], zone)


def test_a_loop_of_sessions_is_one_interview() -> None:
    rows = [
        (session("2026-05-05 12:00", number=3), a_recognition()),
        (session("2026-05-05 08:00", number=1), a_recognition(score=0.7, in_person=True)),
        (session("2026-05-05 10:15", number=2), a_recognition(score=0.9, company=None)),
    ]
    found = grouped(*rows)
    assert ids(found) == [(1, 2, 3)]
    assert found[0].id == 1
    assert [booking.id for booking in found[0].bookings] == [1, 2, 3]
    assert found[0].recognition.in_person
    assert found[0].recognition.company == "Acme"


def test_a_gap_of_more_than_ninety_minutes_parts_them() -> None:
    near = grouped(
        (session("2026-05-05 08:00", 60, 1), a_recognition()), (session("2026-05-05 10:30", 60, 2), a_recognition())
    )
    far = grouped(
        (session("2026-05-05 08:00", 60, 1), a_recognition()), (session("2026-05-05 10:31", 60, 2), a_recognition())
    )
    assert ids(near) == [(1, 2)]
    assert ids(far) == [(1,), (2,)]


def test_the_local_day_counts_and_not_the_utc_one() -> None:
    rows = [
        (session("2026-05-05 21:00", 60, 1), a_recognition()),
        (session("2026-05-05 22:30", 60, 2), a_recognition()),  # 00:30 the next day in Berlin
    ]
    assert ids(grouped(*rows)) == [(1,), (2,)]
    assert ids(grouped(*rows, zone="America/New_York")) == [(1, 2)]


def test_two_companies_are_two_interviews() -> None:
    rows = [
        (session("2026-05-05 08:00", number=1), a_recognition()),
        (session("2026-05-05 09:00", number=2), a_recognition(company="Globex", contact=ROBIN)),
    ]
    assert ids(grouped(*rows)) == [(1,), (2,)]


def test_the_same_contact_ties_sessions_whose_company_is_unknown() -> None:
    rows = [
        (session("2026-05-05 08:00", number=1), a_recognition()),
        (session("2026-05-05 09:00", number=2), a_recognition(company=None)),
    ]
    assert ids(grouped(*rows)) == [(1, 2)]


def test_an_address_nobody_reads_ties_nothing() -> None:
    rows = [
        (session("2026-05-05 08:00", number=1), a_recognition(company=None, contact=NOBODY)),
        (session("2026-05-05 09:00", number=2), a_recognition(company=None, contact=NOBODY)),
    ]
    assert ids(grouped(*rows)) == [(1,), (2,)]


def test_one_agency_contact_for_two_companies_is_two_interviews() -> None:
    rows = [
        (session("2026-05-05 08:00", number=1), a_recognition(agency=True)),
        (session("2026-05-05 09:00", number=2), a_recognition(agency=True, company="Globex")),
    ]
    assert ids(grouped(*rows)) == [(1,), (2,)]


def test_a_cancelled_session_stands_apart_from_those_that_take_place() -> None:
    rows = [
        (session("2026-05-05 08:00", number=1, status=Status.CANCELLED), a_recognition()),
        (session("2026-05-05 09:00", number=2), a_recognition()),
    ]
    assert ids(grouped(*rows)) == [(1,), (2,)]


def test_what_is_no_interview_is_left_out() -> None:
    assert grouped((session("2026-05-05 08:00"), a_recognition(is_interview=False))) == ()


def test_a_later_session_ties_what_looked_like_two() -> None:
    rows = [
        (session("2026-05-05 08:00", number=1), a_recognition(contact=None)),
        (session("2026-05-05 08:15", number=2), a_recognition(company=None)),
        (session("2026-05-05 09:00", number=3), a_recognition()),
    ]
    assert ids(grouped(*rows)) == [(1, 2, 3)]


def test_the_source_is_the_calendar_as_soon_as_one_session_is_there() -> None:
    event = an_invitation()
    mailed = a_booking(event, id=1, sightings=(a_sighting(event, source=Source.MAIL, calendar=""),))
    assert grouped((mailed, a_recognition()))[0].source is Source.MAIL
    assert grouped((session("2026-05-05 13:00"), a_recognition()))[0].source is Source.CALENDAR
