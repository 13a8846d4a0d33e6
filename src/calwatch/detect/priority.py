"""Which of two colliding interviews to move, and why: the easier one to move, said in words a person can check."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from calwatch.detect.words import plain_title
from calwatch.model.booking import Interview
from calwatch.model.event import Response
from calwatch.model.me import Me
from calwatch.model.workdays import working_days_between

# The later the stage, the harder to get its people together again, and the more is at stake.
_STAGES: tuple[tuple[str, ...], ...] = (
    ("recruiter", "screen", "phone", "intro", "info", "chat", "initial", "hr"),
    ("hiring", "manager", "first", "behavioral", "behavioural"),
    ("technical", "coding", "system", "design", "case", "assessment", "presentation", "second"),
    ("panel", "team", "peer", "onsite", "loop", "trial"),
    ("final", "executive", "founder", "ceo", "offer"),
)
_UNKNOWN_STAGE = 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """``move`` gives way to ``keep``; ``why`` is one sentence for the person."""

    move: Interview
    keep: Interview
    why: str


def which_to_move(
    a: Interview,
    b: Interview,
    *,
    now: datetime,
    zone: str,
    me: Me,
    priority: Sequence[str] = (),
    moved_before: frozenset[int] = frozenset(),
) -> Verdict:
    """The interview of the two that should move; the same whichever is named first.

    ``moved_before`` holds the ids of interviews already moved once at the user's request: such a one moves last.
    Then: unanswered before tentative before accepted; the earlier stage; the one with more notice left (working
    days); the one with fewer people to bring together again; the company lower on the user's list; the later start;
    the later id.
    """
    tests: tuple[tuple[Callable[[Interview], float], Callable[[Interview, Interview], str]], ...] = (
        (
            lambda i: float(i.id in moved_before),
            lambda move, keep: f"{_name(keep)} has already been moved once at your request, {_name(move)} has not",
        ),
        (_answer_rank, _answer_words),
        (
            _stage_rank,
            lambda move, keep: f"{_name(move)} is the earlier stage ({_stage(move)}, the other is {_stage(keep)})",
        ),
        (
            lambda i: -float(working_days_between(now, i.span.start, zone)),
            lambda move, keep: f"{_name(move)} leaves more notice",
        ),
        (
            lambda i: float(_people(i, me)),
            lambda move, keep: f"fewer people have to find a new time for {_name(move)}",
        ),
        (
            lambda i: -float(_wanted(i, priority)),
            lambda move, keep: f"{_name(keep)} stands higher on your list of companies",
        ),
        (lambda i: -i.span.start.timestamp(), lambda move, keep: f"{_name(move)} starts later"),
        (lambda i: -float(i.id), lambda move, keep: f"{_name(move)} came into the calendar later"),
    )
    for rank, words in tests:
        first, second = rank(a), rank(b)
        if first != second:
            move, keep = (a, b) if first < second else (b, a)
            return Verdict(move, keep, f"{words(move, keep)}.")
    return Verdict(a, b, "Both are the same interview.")


def _answer_rank(interview: Interview) -> float:
    """0 unanswered, 1 tentative, 2 anything firm; a loop is as firm as its firmest session."""
    ranks = {Response.NEEDS_ACTION: 0, Response.TENTATIVE: 1}
    return float(max(ranks.get(booking.event.response, 2) for booking in interview.bookings))


def _answer_words(move: Interview, keep: Interview) -> str:
    said = "you have not answered" if _answer_rank(move) == 0 else 'you answered "maybe" to'
    return f"{said} {_name(move)} yet" if _answer_rank(move) == 0 else f"{said} {_name(move)}"


def _stage_rank(interview: Interview) -> float:
    words = (interview.recognition.stage or "").lower().replace("_", " ").replace("-", " ").split()
    ranks = [rank for rank, names in enumerate(_STAGES) if any(word in names for word in words)]
    return float(max(ranks, default=_UNKNOWN_STAGE))


def _stage(interview: Interview) -> str:
    return (interview.recognition.stage or "unknown").replace("_", " ")


def _people(interview: Interview, me: Me) -> int:
    return len(
        {
            attendee.person.email
            for booking in interview.bookings
            for attendee in booking.event.attendees
            if attendee.cutype in {"INDIVIDUAL", "UNKNOWN"} and not me.owns(attendee.person.email)
        }
    )


def _wanted(interview: Interview, priority: Sequence[str]) -> int:
    """Position on the user's list; whatever is not on it comes after all that is."""
    company = (interview.recognition.company or "").casefold().strip()
    for position, name in enumerate(priority):
        wanted = name.casefold().strip()
        if company and wanted and (company == wanted or company.startswith(wanted + " ")):
            return position
    return len(priority)


def _name(interview: Interview) -> str:
    company = interview.recognition.company
    return f"the interview with {company}" if company else f"“{plain_title(interview.lead.event.summary)}”"
