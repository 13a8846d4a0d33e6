"""Whatever the times and zones: each printed line stands in the letter and reads back as the instant it came from."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from builders import NOW
from calwatch.draft.compose import compose, relist
from calwatch.draft.etiquette import EtiquetteContext, blocked, check
from calwatch.draft.foreign import label, one_line
from calwatch.draft.times import TimePrinter
from calwatch.model.draft import ZoneGuess
from calwatch.model.span import Span
from letter_briefs import a_brief

CITIES = ("Europe/Berlin", "America/New_York", "Europe/London", "Australia/Sydney")
# Saturdays of 2026 (and Sydney's first of April and October) around which one of the four cities changes its clocks
WEEKENDS = ("2026-03-07", "2026-03-28", "2026-04-04", "2026-10-03", "2026-10-24", "2026-10-31")

zones = st.sampled_from(CITIES)


@st.composite
def spans(draw: st.DrawFn) -> Span:
    """An hour between two days before and four after a change of clocks, by day in Berlin's sense of it."""
    day = datetime.fromisoformat(draw(st.sampled_from(WEEKENDS))).replace(tzinfo=UTC)
    start = day + timedelta(minutes=15 * draw(st.integers(-192, 384)))
    return Span(start, start + timedelta(minutes=draw(st.sampled_from((30, 45, 60, 90)))))


slot_lists = st.lists(spans(), min_size=1, max_size=5, unique=True).map(lambda found: tuple(sorted(found)))


def read_back(line: str, zone: str, zone_line: str) -> datetime:
    """The start that a person reads off a line: its date and time, at its own offset, else at the list's."""
    match = re.match(r"\w{3},? (?:(\w{3,9}) (\d+)|(\d+) (\w{3,9})), (\d+):(\d\d)", line)
    assert match is not None
    month = (match[1] or match[4])[:3]
    hour = int(match[5])
    if re.search(r"\b[ap]m\b", line.split("(", 1)[0]):
        first = re.search(r"\b([ap])m\b", line)
        assert first is not None
        hour = hour % 12 + (12 if first[1] == "p" else 0)
    date = datetime.strptime(f"2026 {month} {match[2] or match[3]}", "%Y %b %d")  # noqa: DTZ007  zone added below
    offset = re.search(r"UTC([+-]\d+)", line.split("(", 1)[0]) or re.search(r"UTC([+-]\d+)", zone_line)
    assert offset is not None
    return date.replace(hour=hour, minute=int(match[6]), tzinfo=UTC) - timedelta(hours=int(offset[1]))


@settings(deadline=None)  # the first example loads Babel and the templates
@given(slots=slot_lists, zone=zones, own=zones)
def test_every_line_reads_back_as_its_slot(slots: tuple[Span, ...], zone: str, own: str) -> None:
    printed = TimePrinter(zone, own, NOW).listed(slots)
    for slot, line in zip(slots, printed.slot_lines, strict=True):
        assert read_back(line, zone, printed.zone_line) == slot.start


@settings(deadline=None)  # the first example loads Babel and the templates
@given(slots=slot_lists, zone=zones, own=zones)
def test_the_users_own_time_stands_in_brackets_whenever_it_differs(
    slots: tuple[Span, ...], zone: str, own: str
) -> None:
    printed = TimePrinter(zone, own, NOW).listed(slots)
    for slot, line in zip(slots, printed.slot_lines, strict=True):
        theirs, mine = slot.start.astimezone(ZoneInfo(zone)), slot.start.astimezone(ZoneInfo(own))
        if theirs.utcoffset() != mine.utcoffset():
            hour = f"{mine.hour % 12 or 12}:" if own in ("America/New_York", "Australia/Sydney") else f"{mine:%H}:"
            assert f"{hour}{mine:%M}" in line.split("(", 1)[1]


@settings(deadline=None)  # the first example loads Babel and the templates
@given(slots=slot_lists, others=slot_lists, zone=zones, own=zones, keep=st.integers(0, 5))
def test_every_selected_line_is_in_the_text_before_and_after_switching(
    slots: tuple[Span, ...], others: tuple[Span, ...], zone: str, own: str, keep: int
) -> None:
    brief = a_brief(slots=slots, alternatives=others, user_zone=own, recipient_zone=ZoneGuess(zone, "x"))
    letter = compose(brief)
    assert not blocked(check(letter, EtiquetteContext()))
    assert all(line in letter.content.text for line in letter.slot_lines)
    every = sorted({*letter.slots, *letter.alternatives})
    changed = relist(letter, every[keep : keep + 3] or every[:1], brief)
    assert len(changed.slot_lines) == len(changed.slots)
    assert all(line in changed.content.text for line in changed.slot_lines)
    assert not blocked(check(changed, EtiquetteContext()))


@settings(deadline=None)  # the first example loads Babel and the templates
@given(text=st.text(max_size=300))
def test_foreign_text_is_one_printable_line(text: str) -> None:
    for clean in (one_line(text), label(text)):
        assert clean == " ".join(clean.split())
        assert all(c.isprintable() or c == " " for c in clean)
