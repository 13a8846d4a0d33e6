"""Whatever the calendars look like, an offered time is free, within hours, and offered only once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from calwatch.model.span import Span
from calwatch.model.workdays import add_working_days
from calwatch.propose.free import still_free
from calwatch.propose.options import SlotsOptions
from calwatch.propose.slots import SlotRequest, candidates, offer

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Sydney", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")
HOURS = ((time(9), time(17, 30)), (time(7), time(20)), (time(12), time(15)), (time(1), time(4)))
DAYS = ("mon-fri", "mon-sun", "tue,thu", "sat-sun")

# Around the spring and autumn changes of both hemispheres.
moments = st.datetimes(datetime(2026, 3, 1), datetime(2026, 11, 30), timezones=st.just(UTC)).map(  # noqa: DTZ001 - hypothesis wants naive bounds
    lambda moment: moment.replace(second=0, microsecond=0)
)


@st.composite
def spans(draw: st.DrawFn, near: datetime) -> Span:
    start = near + timedelta(minutes=draw(st.integers(-3 * 1440, 30 * 1440)))
    return Span(start, start + timedelta(minutes=draw(st.sampled_from((0, 5, 30, 60, 200, 1440, 4000)))))


@st.composite
def requests(draw: st.DrawFn) -> SlotRequest:
    now = draw(moments)
    original = None
    if draw(st.booleans()):
        start = now + timedelta(minutes=15 * draw(st.integers(-200, 1500)))
        original = Span(start, start + timedelta(minutes=draw(st.sampled_from((30, 60, 300)))))
    options = SlotsOptions(
        hours={draw(st.sampled_from(DAYS)): draw(st.sampled_from(HOURS))},
        prefer=draw(st.sampled_from(((), ((time(12), time(13, 30)),)))),
        count=draw(st.integers(1, 6)),
        per_day=draw(st.integers(1, 3)),
        buffer=timedelta(minutes=draw(st.sampled_from((0, 10, 15, 45)))),
        notice=timedelta(hours=draw(st.sampled_from((0, 24, 60)))),
        within=timedelta(days=draw(st.sampled_from((3, 14, 25)))),
    )
    busy_days = draw(st.lists(st.integers(0, 25), max_size=3))
    return SlotRequest(
        duration=timedelta(minutes=draw(st.sampled_from((15, 45, 50, 60, 120, 300)))),
        original=original,
        now=now,
        busy=draw(st.lists(spans(now), max_size=25)),
        reserved=draw(st.lists(spans(now), max_size=4)),
        zone=draw(st.sampled_from(ZONES)),
        recipient_zone=draw(st.sampled_from((None, *ZONES))),
        options=options,
        windows=draw(st.sampled_from((None, True, False))),
        interviews_on={now.date() + timedelta(days=number): draw(st.integers(0, 3)) for number in busy_days},
        holidays=frozenset(
            now.date() + timedelta(days=number) for number in draw(st.lists(st.integers(0, 25), max_size=4))
        ),
    )


def within_hours(
    span: Span, zone: str, hours: Sequence[tuple[tuple[time, time], ...]], holidays: frozenset[date]
) -> bool:
    start, end = span.start.astimezone(ZoneInfo(zone)), span.end.astimezone(ZoneInfo(zone))
    if start.date() != end.date() or start.date() in holidays:
        return False
    return any(opens <= start.time() and end.time() <= closes for opens, closes in hours[start.weekday()])


def check(span: Span, request: SlotRequest) -> None:
    """Every rule of an offered time, restated on datetimes instead of epoch seconds."""
    options = request.options
    taken = [other.padded(options.buffer) for other in (*request.busy, *request.reserved) if other.start < other.end]
    assert not any(span.overlaps(other) for other in taken)
    assert within_hours(span, request.zone, [options.hours_on(weekday) for weekday in range(7)], request.holidays)
    if request.recipient_zone is not None:
        office = [((time(8), time(18)),)] * 5 + [()] * 2
        assert within_hours(span, request.recipient_zone, office, frozenset())
    assert span.start >= request.now + options.notice
    assert span.duration >= request.duration
    assert span.start.timestamp() % 900 == 0
    day = request.now.astimezone(ZoneInfo(request.zone)).date()
    there = span.start.astimezone(ZoneInfo(request.zone)).date()
    between = [day + timedelta(days=number) for number in range(1, (there - day).days)]
    assert any(d.weekday() < 5 and d not in request.holidays for d in between) or request.now.astimezone(
        ZoneInfo(request.zone)
    ).time() == time(0)
    base = request.now
    if request.original is not None:
        assert not span.overlaps(request.original)
        assert span.start >= add_working_days(request.original.start, -3, request.zone, request.holidays)
        base = max(base, request.original.start)
    assert span.end <= base + options.within


@settings(max_examples=150, deadline=None)
@given(requests())
def test_every_offered_time_keeps_every_rule(request: SlotRequest) -> None:
    found = offer(request)
    for span in (*found.slots, *found.alternatives):
        check(span, request)
    assert len(found.slots) <= request.options.count
    assert list(found.slots) == sorted(found.slots)
    everything = (*found.slots, *found.alternatives)
    assert not any(a.overlaps(b) for i, a in enumerate(everything) for b in everything[i + 1 :])
    days = [span.start.astimezone(ZoneInfo(request.zone)).date() for span in found.slots]
    for day in days:
        assert request.interviews_on.get(day, 0) + days.count(day) <= request.options.per_day
    assert still_free(found.slots, request.busy, request.reserved, request.options.buffer) == ()
    assert found.slots or found.why


@settings(max_examples=80, deadline=None)
@given(requests())
def test_no_free_time_on_the_grid_is_missed(request: SlotRequest) -> None:
    """Walks the whole grid and asks the restated rules of every quarter hour."""
    found = set(candidates(request))
    length = timedelta(seconds=request.seconds)
    first = request.now.replace(minute=0) - timedelta(days=1)
    for number in range(request.now.minute % 7, 28 * 96, 7):  # a seventh of the grid, not always the same
        start = first + timedelta(minutes=15 * number)
        span = Span(start, start + length)
        day = start.astimezone(ZoneInfo(request.zone)).date()
        if request.interviews_on.get(day, 0) >= request.options.per_day:
            assert span not in found
            continue
        try:
            check(span, request)
        except AssertionError:
            assert span not in found
        else:
            assert span in found
