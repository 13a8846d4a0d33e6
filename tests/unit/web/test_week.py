"""The picture of the week: where things are drawn follows from their times, and nobody's words can break it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import calwatch.web
from calwatch.model.span import Span
from calwatch.web.week import Block, Kind, Labels, Week, days, draw
from calwatch.web.week.lettering import clip, width, wrap

BERLIN = "Europe/Berlin"
LABELS = Labels("Your days", "All in words.", "busy", "the interview", "in the way", "offered", "also free")
WIDTH = 360
SVG = "{http://www.w3.org/2000/svg}"


def at(day: int, hour: float, *, month: int = 4, zone: str = BERLIN) -> datetime:
    minutes = round(hour * 60)
    return datetime(2026, month, day, minutes // 60, minutes % 60, tzinfo=ZoneInfo(zone))


def span(day: int, begin: float, end: float, *, month: int = 4, zone: str = BERLIN, nights: int = 0) -> Span:
    last = date(2026, month, day) + timedelta(days=nights)
    return Span(at(day, begin, month=month, zone=zone), at(last.day, end, month=last.month, zone=zone))


INTERVIEW = Block(span(14, 10, 11), Kind.INTERVIEW, "Adyen")
CLASH = Block(span(14, 10.5, 11.5), Kind.CLASH, "Dentist")


def offered(number: int, day: int, begin: float, end: float, *, month: int = 4) -> Block:
    return Block(span(day, begin, end, month=month), Kind.OFFERED, str(number))


@dataclass(frozen=True)
class Rectangle:
    x: float
    y: float
    width: float
    height: float

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def right(self) -> float:
        return self.x + self.width


class Picture:
    """What a browser would make of the markup."""

    def __init__(
        self,
        *blocks: Block,
        zone: str = BERLIN,
        other: str | None = None,
        today: date | None = None,
        locale: str = "en_GB",
        labels: Labels = LABELS,
        prefix: str = "week",
    ) -> None:
        week = Week(blocks=blocks, zone=zone, other_zone=other, today=today, labels=labels, locale=locale)
        self.markup = draw(week, prefix=prefix)
        self.root = ET.fromstring(self.markup.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))  # noqa: S314 - our own markup, which must parse
        _, _, self.width, self.height = (float(n) for n in self.root.attrib["viewBox"].split())

    def boxes(self, kind: Kind) -> list[Rectangle]:
        return self.rectangles(f"./{SVG}g[@class='week-{kind.value}']")

    def rectangles(self, groups: str) -> list[Rectangle]:
        found = [rect for group in self.root.iterfind(groups) for rect in group.iterfind(f"{SVG}rect")]
        return [Rectangle(*(float(r.attrib[name]) for name in ("x", "y", "width", "height"))) for r in found]

    def words(self, name: str) -> list[str]:
        """The texts of one class of group."""
        return [t.text or "" for group in self.groups(name) for t in group.iter(f"{SVG}text")]

    def groups(self, name: str) -> list[ET.Element]:
        return self.root.findall(f"./{SVG}g[@class='week-{name}']")

    @property
    def mine(self) -> list[str]:
        return [word for word in self.words("mine") if ":" in word]

    @property
    def theirs(self) -> list[str]:
        return [word for word in self.words("theirs") if ":" in word]

    @property
    def dates(self) -> list[str]:
        return self.words("days")[1::2]

    @property
    def rows(self) -> list[float]:
        line = next(path for path in self.root.iter(f"{SVG}path") if path.get("class") == "week-line")
        return [float(y) for y in re.findall(r"M[\d.]+ ([\d.]+)H", line.attrib["d"])]

    def hour(self, y: float) -> float:
        """The time of the day at that height, by the axis."""
        first, second, *_ = self.rows
        return int(self.mine[0][:2]) + (y - first) / (second - first)

    def stretches(self, kind: Kind) -> list[tuple[float, float]]:
        return [(round(self.hour(b.y), 1), round(self.hour(b.bottom), 1)) for b in self.boxes(kind)]

    @property
    def gaps(self) -> int:
        dotted = [p.attrib["d"] for p in self.root.iter(f"{SVG}path") if p.get("class") == "week-gap"]
        return sum(steps.count("M") for steps in dotted)


# -- where time lies -------------------------------------------------------------------------------------------------


def test_top_and_bottom_of_a_block_are_its_times_on_the_axis() -> None:
    picture = Picture(INTERVIEW, CLASH, offered(1, 16, 9.5, 10.5), Block(span(16, 13, 17), Kind.BUSY))
    assert picture.stretches(Kind.INTERVIEW) == [(10, 11)]
    assert picture.stretches(Kind.CLASH) == [(10.5, 11.5)]
    assert picture.stretches(Kind.OFFERED) == [(9.5, 10.5)]
    assert picture.stretches(Kind.BUSY) == [(13, 17)]
    assert (picture.mine[0], picture.mine[-1]) == ("08:00", "18:00")


def test_what_clashes_stands_beside_the_interview_and_a_jagged_line_between_them() -> None:
    picture = Picture(INTERVIEW, CLASH)
    (interview,), (clash,) = picture.boxes(Kind.INTERVIEW), picture.boxes(Kind.CLASH)
    assert interview.right < clash.x
    (seam,) = [path for path in picture.root.iter(f"{SVG}path") if path.get("class") == "week-seam"]
    start = re.match(r"M([\d.]+) ([\d.]+)", seam.attrib["d"])
    assert start is not None
    assert interview.right < float(start[1]) < clash.x
    assert round(picture.hour(float(start[2])), 1) == 10.5


def test_blocks_that_only_touch_keep_the_whole_column() -> None:
    picture = Picture(offered(1, 14, 9, 10), offered(2, 14, 10, 11))
    first, second = picture.boxes(Kind.OFFERED)
    assert (first.x, first.width) == (second.x, second.width)


def test_however_many_clash_none_leaves_its_column() -> None:
    clashes = [Block(span(14, 9 + n / 4, 12), Kind.CLASH, f"Meeting {n}") for n in range(8)]
    picture = Picture(INTERVIEW, *clashes, offered(1, 15, 10, 11))
    (neighbour,) = picture.boxes(Kind.OFFERED)
    assert len(picture.boxes(Kind.CLASH)) == 8
    assert all(box.width > 10 and box.right < neighbour.x for box in picture.boxes(Kind.CLASH))


def test_early_and_late_hours_are_shown_when_something_needs_them() -> None:
    assert Picture(Block(span(14, 6.5, 7), Kind.INTERVIEW)).mine[0] == "06:00"
    assert Picture(Block(span(14, 19, 20.25), Kind.INTERVIEW)).mine[-1] == "21:00"


def test_taken_time_makes_no_day_longer() -> None:
    picture = Picture(INTERVIEW, Block(span(14, 5, 9), Kind.BUSY), Block(span(14, 20, 22), Kind.BUSY))
    assert picture.stretches(Kind.BUSY) == [(8, 9)]


def test_a_block_of_twelve_hours_is_twelve_hours_high() -> None:
    assert Picture(Block(span(14, 7, 19), Kind.INTERVIEW)).stretches(Kind.INTERVIEW) == [(7, 19)]


def test_an_interview_over_midnight_is_on_both_days() -> None:
    picture = Picture(Block(span(14, 23, 1, nights=1), Kind.INTERVIEW, "Sydney"))
    assert picture.stretches(Kind.INTERVIEW) == [(23, 24), (0, 1)]
    assert picture.dates == ["14 Apr", "15"]
    first, second = picture.boxes(Kind.INTERVIEW)
    assert first.right < second.x


def test_what_is_short_is_still_high_enough_for_its_number_and_stays_inside() -> None:
    picture = Picture(INTERVIEW, offered(1, 16, 9, 9 + 1 / 12), offered(2, 16, 17 + 11 / 12, 18))
    first, last = picture.boxes(Kind.OFFERED)
    assert (first.height, last.height) == (13, 13)
    assert picture.hour(first.y) == 9
    assert last.bottom == picture.rows[-1]


def test_an_interview_without_a_length_is_seen() -> None:
    (box,) = Picture(Block(span(14, 10, 10), Kind.INTERVIEW)).boxes(Kind.INTERVIEW)
    assert box.height == 13


# -- days ------------------------------------------------------------------------------------------------------------


def test_a_week_is_shown_whole_with_less_room_for_days_that_have_nothing() -> None:
    picture = Picture(INTERVIEW, offered(1, 16, 10, 11), Block(span(15, 9, 12), Kind.BUSY))
    assert picture.dates == ["14 Apr", "15", "16"]
    assert picture.gaps == 0
    (busy,), (slot,) = picture.boxes(Kind.BUSY), picture.boxes(Kind.OFFERED)
    assert busy.width < slot.width


def test_days_further_apart_are_left_out_and_the_gap_is_marked() -> None:
    picture = Picture(INTERVIEW, offered(1, 21, 10, 11), offered(2, 22, 10, 11), offered(3, 27, 10, 11))
    assert picture.dates == ["14 Apr", "21", "22", "27"]
    assert picture.gaps == 2


def test_fourteen_slots_on_many_days_are_eight_columns_and_the_rest_is_named() -> None:
    # The month's name has no room in so narrow a column.
    slots = [offered(n, 14 + n, 10, 11) for n in range(1, 15)]
    picture = Picture(INTERVIEW, *slots)
    assert picture.dates == ["14/04", "15", "16", "17", "18", "19", "20", "21"]
    numbers = [t.text for t in picture.root.iter(f"{SVG}text") if t.get("class") == "week-number"]
    assert numbers == ["1", "2", "3", "4", "5", "6", "7"]
    assert picture.words("legend")[0] == "… offered: 8, 9, 10, 11, 12, 13, 14"


def test_alternatives_bring_no_more_than_six_days() -> None:
    blocks = [INTERVIEW, *(Block(span(d, 9, 10), Kind.ALTERNATIVE) for d in range(16, 30, 2))]
    assert [day.day for day in days(blocks, BERLIN)] == [14, 16, 18, 20, 22, 24]


def test_a_fortnight_away_brings_the_day_of_the_interview_only() -> None:
    away = Block(span(6, 0, 0, nights=14), Kind.CLASH, "Crete")
    assert days([INTERVIEW, away], BERLIN) == [date(2026, 4, 14)]


def test_a_whole_day_is_a_strip_above_the_hours_and_behind_its_column() -> None:
    picture = Picture(INTERVIEW, offered(1, 15, 10, 11), Block(span(14, 0, 0, nights=2), Kind.CLASH, "Crete"))
    (strip,) = picture.boxes(Kind.CLASH)
    assert strip.bottom < picture.rows[0]
    behind = picture.rectangles(f"./{SVG}g[@class='week-behind week-clash']")
    assert [(b.y, b.bottom) for b in behind] == [(picture.rows[0], picture.rows[-1])] * 2
    assert strip.x == behind[0].x
    assert strip.right == pytest.approx(behind[1].right, abs=0.2)
    assert "Crete" in picture.words("clash")


def test_strips_that_share_a_day_lie_below_each_other() -> None:
    whole = span(14, 0, 0, nights=1)
    picture = Picture(INTERVIEW, Block(whole, Kind.CLASH, "Crete"), Block(whole, Kind.BUSY))
    (clash,), (busy,) = picture.boxes(Kind.CLASH), picture.boxes(Kind.BUSY)
    assert clash.bottom < busy.y < busy.bottom < picture.rows[0]


def test_no_more_than_three_strips_push_the_hours_down() -> None:
    whole = [Block(span(14, 0, 0, nights=1), Kind.CLASH, f"Away {n}") for n in range(5)]
    assert len(Picture(INTERVIEW, *whole).boxes(Kind.CLASH)) == 3


def test_days_and_months_are_written_in_the_language_of_the_page() -> None:
    picture = Picture(INTERVIEW, offered(1, 15, 10, 11), locale="de_DE")
    assert picture.words("days") == ["Di", "14. Apr.", "Mi", "15"]


def test_a_new_month_is_named_where_it_begins() -> None:
    picture = Picture(Block(span(30, 10, 11), Kind.INTERVIEW), offered(1, 1, 10, 11, month=5))
    assert picture.dates == ["30 Apr", "1 May"]


def test_today_is_marked_only_when_it_is_shown() -> None:
    assert 'class="week-today"' in Picture(INTERVIEW, today=date(2026, 4, 14)).markup
    assert 'class="week-today"' not in Picture(INTERVIEW, today=date(2026, 4, 13)).markup


def test_what_lasts_for_ever_is_a_whole_day_like_any_other() -> None:
    always = Span(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
    picture = Picture(INTERVIEW, Block(always, Kind.CLASH, "Away"), Block(always, Kind.OFFERED, "1"))
    assert picture.stretches(Kind.INTERVIEW) == [(10, 11)]
    strips = [*picture.boxes(Kind.CLASH), *picture.boxes(Kind.OFFERED)]
    assert strips
    assert all(strip.bottom < picture.rows[0] for strip in strips)


# -- both sides' clocks ----------------------------------------------------------------------------------------------


def test_the_right_axis_is_the_recipients_clock() -> None:
    picture = Picture(INTERVIEW, other="America/New_York")
    assert (picture.theirs[0], picture.theirs[-1]) == ("02:00", "12:00")
    assert "Berlin" in picture.words("mine")
    assert "New York" in picture.words("theirs")


@pytest.mark.parametrize(("zone", "eight"), [("Asia/Kolkata", "11:30"), ("Asia/Kathmandu", "11:45")])
def test_zones_half_or_a_quarter_hour_apart_are_exact(zone: str, eight: str) -> None:
    assert Picture(INTERVIEW, other=zone).theirs[0] == eight


def test_where_it_is_another_day_there_the_axis_says_so() -> None:
    assert Picture(INTERVIEW, other="Pacific/Auckland").theirs[5:7] == ["23:00", "00:00+1"]
    assert Picture(INTERVIEW, other="America/Los_Angeles").theirs[:2] == ["23:00−1", "00:00"]


def test_without_another_zone_or_with_the_same_clock_there_is_one_axis() -> None:
    for other in (None, BERLIN, "Europe/Paris"):
        picture = Picture(INTERVIEW, other=other)
        assert picture.groups("theirs") == []
        assert "Berlin" not in picture.words("mine")


def test_a_day_on_which_only_one_side_has_changed_its_clocks_is_starred_and_told() -> None:
    # America changes on 8 March 2026, Europe on the 29th: in between New York is five hours behind, not six.
    picture = Picture(
        Block(span(26, 15, 16, month=3), Kind.INTERVIEW),
        offered(1, 27, 15, 16, month=3),
        offered(2, 30, 15, 16, month=3),
        other="America/New_York",
    )
    assert picture.theirs[0] == "03:00"
    assert picture.dates == ["26 Mar", "27", "28", "29*", "30*"]
    note = "* 12:00 Berlin = 06:00 New York"
    assert picture.words("legend")[0] == note
    assert note in "".join(picture.root.itertext())
    assert note in (picture.root.findtext(f"{SVG}desc") or "")


def test_the_axis_is_right_for_the_day_of_the_interview_even_when_an_earlier_day_differs() -> None:
    picture = Picture(
        offered(1, 26, 15, 16, month=3), Block(span(30, 15, 16, month=3), Kind.INTERVIEW), other="America/New_York"
    )
    assert picture.theirs[0] == "02:00"
    assert picture.dates[0] == "26 Mar*"
    assert picture.words("legend")[0] == "* 12:00 Berlin = 07:00 New York"


def test_on_a_day_of_23_hours_blocks_are_where_the_clock_says() -> None:
    # 29 March 2026: two o'clock is three o'clock.
    picture = Picture(
        Block(Span(datetime(2026, 3, 29, 0, 30, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)), Kind.INTERVIEW),
        offered(1, 29, 9, 10, month=3),
    )
    assert picture.stretches(Kind.INTERVIEW) == [(1.5, 3.5)]
    assert picture.stretches(Kind.OFFERED) == [(9, 10)]


def test_on_a_day_of_25_hours_blocks_are_where_the_clock_says() -> None:
    # 25 October 2026: from three o'clock back to two.
    picture = Picture(
        Block(span(25, 1, 4, month=10), Kind.INTERVIEW),
        offered(1, 25, 9, 10, month=10),
    )
    assert picture.stretches(Kind.INTERVIEW) == [(1, 4)]
    assert picture.stretches(Kind.OFFERED) == [(9, 10)]


def test_a_block_that_ends_earlier_by_the_clock_than_it_began_is_still_drawn() -> None:
    begin = datetime(2026, 10, 25, 0, 45, tzinfo=UTC)  # 02:45, and half an hour later it is 02:15
    picture = Picture(Block(Span(begin, begin + timedelta(minutes=30)), Kind.INTERVIEW))
    assert picture.stretches(Kind.INTERVIEW)[0][0] == 2.2


@pytest.mark.parametrize(("day", "month"), [(29, 3), (25, 10)])
def test_a_whole_day_is_whole_with_23_and_with_25_hours(day: int, month: int) -> None:
    whole = Block(span(day, 0, 0, month=month, nights=1), Kind.CLASH, "Away")
    picture = Picture(Block(span(day, 10, 11, month=month), Kind.INTERVIEW), whole)
    (strip,) = picture.boxes(Kind.CLASH)
    assert strip.bottom < picture.rows[0]


def test_a_day_without_a_midnight_is_whole_too() -> None:
    # In Beirut the clock goes from midnight to one o'clock: 29 March 2026 has no 00:30.
    zone = "Asia/Beirut"
    whole = Block(span(29, 0, 0, month=3, zone=zone, nights=1), Kind.BUSY)
    picture = Picture(Block(span(29, 10, 11, month=3, zone=zone), Kind.INTERVIEW), whole, zone=zone)
    (strip,) = picture.boxes(Kind.BUSY)
    assert strip.bottom < picture.rows[0]


# -- what is said ----------------------------------------------------------------------------------------------------


def test_nothing_but_taken_time_is_no_picture() -> None:
    week = Week(
        blocks=[Block(span(14, 9, 10), Kind.BUSY)], zone=BERLIN, other_zone=None, today=None, labels=LABELS, locale="en"
    )
    assert draw(week) == ""


def test_the_interview_alone_is_a_picture() -> None:
    picture = Picture(INTERVIEW)
    assert picture.words("interview") == ["Adyen", "10:00–11:00"]
    assert picture.words("legend") == ["the interview: Adyen"]


def test_the_legend_explains_what_is_there_and_names_what_clashes() -> None:
    second = Block(span(14, 10, 10.5), Kind.CLASH, "Standup")
    picture = Picture(INTERVIEW, CLASH, second, offered(1, 15, 9, 10))
    assert picture.words("legend") == ["the interview: Adyen", "in the way: Dentist +1", "offered"]


def test_offers_carry_their_numbers() -> None:
    picture = Picture(INTERVIEW, *(offered(n, 14 + n // 3, 12 + n % 3, 13 + n % 3) for n in range(1, 13)))
    numbers = [t.text for t in picture.root.iter(f"{SVG}text") if t.get("class") == "week-number"]
    assert sorted(numbers, key=lambda n: int(n or 0)) == [str(n) for n in range(1, 13)]


def test_it_is_one_image_with_a_name_and_all_of_it_in_words() -> None:
    root = Picture(INTERVIEW, prefix="d7").root
    assert root.get("role") == "img"
    named = [root.find(f"*[@id='{name}']") for name in (root.get("aria-labelledby") or "").split()]
    assert [element.text for element in named if element is not None] == ["Your days", "All in words."]


def test_two_pictures_on_a_page_share_no_id() -> None:
    ids = [set(re.findall(r'id="([^"]+)"', Picture(INTERVIEW, CLASH, prefix=p).markup)) for p in ("one", "two")]
    assert ids[0]
    assert not ids[0] & ids[1]


@pytest.mark.parametrize("prefix", ["", 'x"y', "1st", "a b", "ä"])
def test_a_prefix_that_is_no_name_is_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match="cannot begin an id"):
        Picture(INTERVIEW, prefix=prefix)


def test_an_unknown_zone_is_an_error() -> None:
    with pytest.raises(ZoneInfoNotFoundError):
        Picture(INTERVIEW, other="Mars/Olympus")


# -- hostile words ---------------------------------------------------------------------------------------------------

HOSTILE = [
    "<script>alert(1)</script>",
    "</text></svg><img src=x onerror=alert(1)>",
    "]]><!-- -->",
    "\"' onload='alert(1)",
    "&amp;&lt;&#x202e;",
    "\u202egnilleps\u202c \u2066isolated\u2069",
    "\x00\x07\x1b[31mred\x1b[0m\x85",
    "\ud800 alone",
    "\ufffe\uffff",
    "one\r\ntwo\u2028three\tfour",
    "x" * 100_000,
    "🦊" * 300,
    "ש" * 300,
]


@pytest.mark.parametrize("label", HOSTILE)
def test_hostile_words_stay_words(label: str) -> None:
    kinds = [kind for kind in Kind if kind is not Kind.BUSY]
    blocks = [Block(span(14, 9 + n, 11 + n), kind, label) for n, kind in enumerate(kinds)]
    blocks.append(Block(span(14, 0, 0, nights=1), Kind.CLASH, label))
    hostile = Labels(label, label, label, label, label, label, label)
    innocent = Picture(*(Block(b.span, b.kind, "A name") for b in blocks))
    picture = Picture(*blocks, labels=hostile)
    allowed = {element.tag for element in innocent.root.iter()}
    assert {element.tag for element in picture.root.iter()} <= allowed
    assert not any(name.startswith("on") or name == "style" for e in picture.root.iter() for name in e.attrib)
    said = "".join(picture.root.itertext())
    assert said.isprintable()
    assert len(picture.markup) < 12_000


def test_a_name_is_shown_as_it_was_written() -> None:
    assert "R&D <Team>" in Picture(Block(span(14, 9, 11), Kind.INTERVIEW, "R&D <Team>")).words("interview")


# -- letters ---------------------------------------------------------------------------------------------------------


@given(st.text(max_size=60), st.floats(0, 400), st.integers(1, 5))
def test_what_is_clipped_or_wrapped_fits(text: str, room: float, lines: int) -> None:
    assert clip(text, room, 11) == "" or width(clip(text, room, 11), 11) <= room
    wrapped = wrap(text, room, 11, lines=lines, bold=True)
    assert len(wrapped) <= lines
    assert all(width(line, 11, bold=True) <= room for line in wrapped)


def test_what_fits_is_left_as_it_is_and_what_does_not_ends_in_an_ellipsis() -> None:
    assert clip("Dentist", 100, 11) == "Dentist"
    assert clip("Dentist", 36, 11) == "Den…"
    assert clip("Dentist", 20, 11) == ""
    assert wrap("Dentist Dr. Weber", 60, 11, lines=2) == ["Dentist", "Dr. Weber"]
    assert wrap("Dentist Dr. Weber", 60, 11, lines=1) == ["Dentist…"]


# -- any week at all -------------------------------------------------------------------------------------------------

ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Auckland", "Asia/Beirut", "Pacific/Kiritimati")
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis adds the zone
LENGTHS = st.one_of(
    st.timedeltas(timedelta(0), timedelta(hours=4)),
    st.timedeltas(timedelta(0), timedelta(days=20)),
    st.just(timedelta(days=400)),
)


def _near(start: datetime) -> st.SearchStrategy[Block]:
    return st.builds(
        lambda away, length, kind, label: Block(Span(start + away, start + away + length), kind, label),
        st.timedeltas(timedelta(days=-9), timedelta(days=9)),
        LENGTHS,
        st.sampled_from(Kind),
        st.text(max_size=20),
    )


@st.composite
def weeks(draw_from: st.DrawFn) -> tuple[list[Block], str, str | None]:
    start = draw_from(MOMENTS)
    blocks = draw_from(st.lists(_near(start), max_size=30))
    interview = Block(Span(start, start + draw_from(LENGTHS)), Kind.INTERVIEW, "It")
    return [interview, *blocks], draw_from(st.sampled_from(ZONES)), draw_from(st.sampled_from((None, *ZONES)))


def _numbers(root: ET.Element) -> Iterable[tuple[str, float]]:
    for element in root.iter():
        for name, value in element.attrib.items():
            if name in ("x", "y", "width", "height", "cx", "cy", "r"):
                yield name, float(value)


@settings(max_examples=150, deadline=None)
@given(weeks())
def test_any_week_is_well_formed_and_inside_its_frame(week: tuple[list[Block], str, str | None]) -> None:
    blocks, zone, other = week
    picture = Picture(*blocks, zone=zone, other=other, today=blocks[0].span.start.date())
    assert len(picture.dates) <= 8
    assert picture.boxes(Kind.INTERVIEW)
    assert all(0 <= value <= max(WIDTH, picture.height) for _, value in _numbers(picture.root))
    everything = picture.rectangles(f".//{SVG}g")
    assert all(box.width > 0 and box.height > 0 for box in everything)
    assert all(box.right <= WIDTH + 0.1 and box.bottom <= picture.height + 0.1 for box in everything)
    for steps in (path.attrib["d"] for path in picture.root.iterfind(f"{SVG}path")):
        corners = [(float(x), float(y)) for x, y in re.findall(r"M([\d.]+) ([\d.]+)", steps)]
        assert corners
        assert all(x <= WIDTH and y <= picture.height for x, y in corners)


@settings(max_examples=50, deadline=None)
@given(weeks())
def test_every_offer_is_in_the_picture_or_named_below_it(week: tuple[list[Block], str, str | None]) -> None:
    blocks, zone, other = week
    numbered = [Block(b.span, b.kind, str(n) if b.kind is Kind.OFFERED else "") for n, b in enumerate(blocks)]
    picture = Picture(*numbered, zone=zone, other=other)
    shown = set(days(numbered, zone))
    below = " ".join(picture.words("legend"))
    for block in numbered:
        local = block.span.start.astimezone(ZoneInfo(zone)).date()
        if block.kind is Kind.OFFERED and local not in shown and block.span.duration < timedelta(hours=1):
            assert f"{block.label}" in below


# -- what it may not do ----------------------------------------------------------------------------------------------


def test_every_class_has_its_style_and_nothing_is_styled_in_the_markup() -> None:
    picture = Picture(
        INTERVIEW,
        CLASH,
        offered(1, 15, 9, 10),
        offered(2, 27, 9, 10),
        Block(span(14, 0, 0, nights=1), Kind.BUSY),
        Block(span(15, 12, 13), Kind.ALTERNATIVE),
        today=date(2026, 4, 14),
        other="America/New_York",
    )
    sheet = (Path(calwatch.web.__file__).parent / "static" / "week.css").read_text(encoding="utf-8")
    used = {name for names in re.findall(r'class="([^"]+)"', picture.markup) for name in names.split()}
    assert {name for name in used if not re.search(rf"\.{name}\b", sheet)} == set()
    assert "style" not in picture.markup


def test_a_usual_draft_is_a_small_picture() -> None:
    busy = [Block(span(day, begin, begin + 1.5), Kind.BUSY) for day in range(14, 21) for begin in (8, 11, 15)]
    spare = [Block(span(day, 13, 14), Kind.ALTERNATIVE) for day in range(15, 21)]
    offers = [offered(n, 15 + n, 10, 11) for n in range(1, 5)]
    assert len(Picture(INTERVIEW, CLASH, *busy, *spare, *offers, other="America/New_York").markup) < 8_000
