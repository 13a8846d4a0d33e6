"""The answer to an invitation that goes with a letter: which one, and what it says and proposes itself.

It follows the mail, where everything stands; the line and the one time it carries are for whoever reads only the
calendar. They are part of what the person approves.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from calwatch.draft.language import LANGUAGES, words
from calwatch.model.booking import Interview, Sighting, Source
from calwatch.model.case import EffectKind, Intent
from calwatch.model.draft import Action, Letter
from calwatch.model.event import Response
from calwatch.model.span import Span
from calwatch.ports import NO_NOTE, Note

if TYPE_CHECKING:
    from calwatch.pipeline.parts import Parts

_ANSWERS = {"decline": Response.DECLINED, "tentative": Response.TENTATIVE}


@dataclass(frozen=True, slots=True)
class Rsvp:
    """One answer as an effect stores it: ``str()`` is what ``read_rsvp`` reads."""

    answer: Response
    note: Note = NO_NOTE

    def __str__(self) -> str:
        proposal = self.note.proposal
        span = f"{proposal.start.isoformat()}/{proposal.end.isoformat()}" if proposal is not None else ""
        return "\n".join((self.answer.value, span, self.note.comment)).rstrip("\n")


def read_rsvp(value: str) -> Rsvp:
    """Also of the answers stored before they carried anything: those are one word."""
    answer, span, comment = (*value.split("\n", 2), "", "")[:3]
    start, _, end = span.partition("/")
    proposal = Span(datetime.fromisoformat(start), datetime.fromisoformat(end)) if end else None
    return Rsvp(Response(answer), Note(comment, proposal))


def planned(parts: Parts, letter: Letter, interview: Interview) -> Action | None:
    """The answer that approving ``letter`` gives, ``None`` when there is nothing to answer or it is answered so."""
    wish = parts.preferences.replies.rsvp
    wanted = {Intent.RESCHEDULE: wish.reschedule, Intent.WITHDRAW: wish.withdraw}.get(letter.intent, "none")
    answer = _ANSWERS.get(wanted)
    own = [s for b in interview.bookings for s in b.sightings if s.source is Source.CALENDAR and not s.busy_account]
    if answer is None or not own or interview.lead.event.response in (answer, Response.OWN):
        return None
    said = words(letter.language).answers
    comment = said["reschedule" if letter.intent is Intent.RESCHEDULE else "withdraw"]
    proposal = _proposal(parts, letter, interview, own)
    detail = f'then answer the invitation with {wanted!r}, saying "{comment}"'
    if proposal is not None:
        detail += f" and, where the invitation allows it, proposing {in_words(proposal, parts.preferences.zone)} in it"
    return Action(EffectKind.RSVP.value, detail, str(Rsvp(answer, Note(comment, proposal))))


@cache
def lines() -> frozenset[str]:
    """What our answers say beside themselves, in every language."""
    return frozenset(line for language in LANGUAGES for line in words(language).answers.values())


def in_words(span: Span, zone_name: str) -> str:
    """``Wed 6 May 15:00–16:00`` on the person's clocks."""
    start, end = span.start.astimezone(ZoneInfo(zone_name)), span.end.astimezone(ZoneInfo(zone_name))
    return f"{start:%a} {start.day} {start:%b} {start:%H:%M}–{end:%H:%M}"


def _proposal(parts: Parts, letter: Letter, interview: Interview, own: list[Sighting]) -> Span | None:
    """The first offered time, if it replaces the one appointment there is and its calendar can say so."""
    if letter.intent is not Intent.RESCHEDULE or len(interview.bookings) != 1:
        return None
    if not any(_proposes(parts, sighting) for sighting in own):
        return None
    length = interview.span.end - interview.span.start
    return next((slot for slot in letter.slots[:1] if slot.end - slot.start == length), None)


def _proposes(parts: Parts, sighting: Sighting) -> bool:
    account = parts.accounts.get(sighting.account)
    return account is not None and account.calendar is not None and account.calendar.proposes
