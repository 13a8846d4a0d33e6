"""The picture of the days around one draft: what is taken, the interview, what is in its way, what is offered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import g
from markupsafe import Markup

from calwatch.model.draft import Draft
from calwatch.model.plain import one_line
from calwatch.model.span import Span
from calwatch.store import overview
from calwatch.web.texts import LANGUAGES
from calwatch.web.week import Block, Kind, Labels, Week, days, draw

_DAY = timedelta(days=1)


def picture(draft: Draft, around: overview.Around) -> Markup:
    """The SVG; everything in it that strangers wrote is escaped by ``draw``."""
    tell, letter, zone = g.tell, draft.letter, g.site.zone
    interview = around.about.span
    blocks = [Block(b.event.span, Kind.CLASH, one_line(b.event.summary) or tell("draft.busy")) for b in around.clashes]
    blocks += [Block(interview, Kind.INTERVIEW, overview.name_of(around.about))]
    blocks += [Block(span, Kind.ALTERNATIVE) for span in letter.alternatives]
    blocks += [Block(span, Kind.OFFERED, str(n)) for n, span in enumerate(letter.slots, 1)]
    blocks += [Block(span, Kind.BUSY) for span in _busy(blocks, around)]
    other = letter.recipient_timezone
    clashes = "; ".join(f"{b.label}, {tell.stretch(b.span.start, b.span.end)}" for b in blocks if b.kind is Kind.CLASH)
    offered = "; ".join(tell.stretch(span.start, span.end) for span in letter.slots)
    labels = Labels(
        name=tell("draft.picture"),
        described=tell(
            "picture.described",
            interview=tell.stretch(interview.start, interview.end),
            clash=clashes or tell("picture.nothing"),
            offered=offered or tell("picture.nothing"),
        ),
        busy=tell("picture.busy"),
        interview=tell("picture.interview"),
        clash=tell("picture.clash"),
        offered=tell("picture.offered"),
        alternative=tell("picture.alternative"),
    )
    week = Week(
        blocks=blocks,
        zone=zone,
        other_zone=other.name if other is not None else None,
        today=tell.now.astimezone(ZoneInfo(zone)).date(),
        labels=labels,
        locale=LANGUAGES[tell.language],
    )
    return Markup(draw(week))  # noqa: S704 - well-formed and escaped by draw, which its tests prove with hostile labels


def _busy(blocks: Iterable[Block], around: overview.Around) -> Iterable[Span]:
    """Taken time on the days that are shown, without what is drawn for itself."""
    place = ZoneInfo(g.site.zone)
    own = (*around.case.booking_ids, *around.case.clashing_ids)
    for day in days(blocks, g.site.zone):
        begin = datetime.combine(day, time(0), place)
        window = Span(begin.astimezone(UTC), datetime.combine(day + _DAY, time(0), place).astimezone(UTC))
        yield from g.site.store.bookings.busy_spans(window, exclude=own)
