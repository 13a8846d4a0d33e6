"""Bookings into interviews: the sessions that one mail would deal with are one interview, one case, one letter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from calwatch.model.addresses import is_unreadable
from calwatch.model.booking import Booking, Interview, Recognition, Source
from calwatch.model.event import Status
from calwatch.model.twins import title_words

GAP_AT_MOST = timedelta(minutes=90)

Recognised = tuple[Booking, Recognition, str]
"""A booking, what ``detect.interview`` made of it, and the account it is dealt with from."""


def group(recognised: Sequence[Recognised], zone: str) -> tuple[Interview, ...]:
    """The interviews among ``recognised``, by start; bookings that are none are left out.

    Sessions belong together with the same contact or company, the same local day in ``zone``, and gaps of 90 minutes
    at most. A cancelled session stands apart from those that still take place (the next one may be its replacement),
    an all-day entry from timed ones, and through one agency contact two known companies stay two interviews.
    ``recognition`` is that of the highest score, completed with the company or contact that only another session
    tells.
    """
    place = ZoneInfo(zone)
    rows = sorted(
        (row for row in recognised if row[1].is_interview),
        key=lambda row: (row[0].event.start, row[0].id),
    )
    clusters: list[list[Recognised]] = []
    by_day: dict[tuple[date, bool, bool], list[list[Recognised]]] = {}
    for row in rows:
        event = row[0].event
        key = (_day(event.start, place), event.status is Status.CANCELLED, event.all_day)
        same_day = by_day.setdefault(key, [])
        fitting = [cluster for cluster in same_day if _fits(row, cluster)]
        if not fitting:
            same_day.append([row])
            clusters.append(same_day[-1])
            continue
        fitting[0].append(row)
        for other in fitting[1:]:  # this session ties what looked like two
            fitting[0].extend(other)
            same_day[:] = [cluster for cluster in same_day if cluster is not other]
            clusters[:] = [cluster for cluster in clusters if cluster is not other]
    return tuple(sorted((_interview(cluster) for cluster in clusters), key=lambda i: (i.span.start, i.id)))


def _day(moment: datetime, place: ZoneInfo) -> date:
    return moment.astimezone(place).date()


def _fits(row: Recognised, cluster: Sequence[Recognised]) -> bool:
    end = max(other[0].event.end for other in cluster)
    near = row[0].event.start - end <= GAP_AT_MOST  # rows come by start, so the gap is behind
    return near and any(_same_side(row[1], other[1]) for other in cluster)


def _same_side(a: Recognition, b: Recognition) -> bool:
    company_a, company_b = title_words(a.company or ""), title_words(b.company or "")
    if company_a and company_a == company_b:
        return True
    if company_a and company_b and (a.agency or b.agency):
        return False
    if a.contact is None or b.contact is None:
        return False
    address = a.contact.person.email
    return address == b.contact.person.email and not is_unreadable(address)


def _interview(cluster: Sequence[Recognised]) -> Interview:
    ordered = sorted(cluster, key=lambda row: (row[0].event.start, row[0].id))
    bookings = tuple(booking for booking, _, _ in ordered)
    in_calendar = any(s.source is Source.CALENDAR for booking in bookings for s in booking.sightings)
    return Interview(
        id=min(booking.id for booking in bookings),
        bookings=bookings,
        recognition=_recognition([recognition for _, recognition, _ in ordered]),
        account=ordered[0][2],
        source=Source.CALENDAR if in_calendar else Source.MAIL,
    )


def _recognition(all_of_them: Sequence[Recognition]) -> Recognition:
    """The strongest session's, with what only the others know, and in person if any session is."""
    best = max(all_of_them, key=lambda recognition: recognition.score)
    return replace(
        best,
        company=best.company or next((r.company for r in all_of_them if r.company), None),
        contact=best.contact or next((r.contact for r in all_of_them if r.contact is not None), None),
        stage=best.stage or next((r.stage for r in all_of_them if r.stage), None),
        job=best.job or next((r.job for r in all_of_them if r.job), None),
        reschedule_link=best.reschedule_link
        or next((r.reschedule_link for r in all_of_them if r.reschedule_link), None),
        in_person=any(r.in_person for r in all_of_them),
        agency=any(r.agency for r in all_of_them),
    )
