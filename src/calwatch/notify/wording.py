"""What messages say: discreet by default, so that a glance at a locked phone tells nothing about a search for work.

A discreet message never contains interview, job, recruiter, candidate, reply, a company, a person or an event title.
Both kinds say where to act: the page if it is public, else the Drafts folder, else the command.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal
from zoneinfo import ZoneInfo

from calwatch.model.case import Situation, Urgency
from calwatch.model.plain import one_line
from calwatch.ports import Notice

Detail = Literal["discreet", "full"]

FORBIDDEN = ("interview", "job", "recruiter", "candidate", "reply", "company", "hiring", "application", "career")
"""Words no discreet message may contain, also not by way of an account's name."""


class Topic(StrEnum):
    """What a message is about."""

    READY = "ready"  # a draft became ready
    QUESTION = "question"  # something only the person can say
    NUDGE = "nudge"  # a draft is still waiting
    REMIND = "remind"  # the start comes near
    BACK = "back"  # an approved draft waits again: preflight failed, or its time passed
    FAILED = "failed"  # the provider refused it
    UNSURE = "unsure"  # whether it was sent is unknown
    TAKEN = "taken"  # an offered time is taken meanwhile
    HANDLED = "handled"  # trouble seen, and the person has already written
    SIGN_IN = "sign-in"  # an account needs signing in
    ERROR = "error"  # an account cannot be read


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing to tell. ``start`` is the appointment's; ``account`` names the mailbox whose Drafts hold the draft.

    ``company``, ``title``, ``situation`` and ``text`` (a sentence) are used in full detail only.
    """

    topic: Topic
    start: datetime | None = None
    number: int | None = None
    urgency: Urgency = Urgency.SOON
    account: str = ""
    company: str = ""
    title: str = ""
    situation: Situation | None = None
    text: str = ""


_DISCREET: dict[Topic, str] = {
    Topic.READY: "needs a decision. Ready for you.",
    Topic.QUESTION: "has a question for you.",
    Topic.NUDGE: "still needs a decision.",
    Topic.REMIND: "is coming up and still needs a decision.",
    Topic.BACK: "needs another look. Nothing has left.",
    Topic.FAILED: "could not be done. Nothing has left.",
    Topic.UNSURE: "needs your word: calwatch cannot tell whether it is done.",
    Topic.TAKEN: "has changed. Please look again.",
    Topic.HANDLED: "looks settled already. Nothing to do.",
    Topic.SIGN_IN: "An account needs you to sign in again.",
    Topic.ERROR: "An account cannot be read at the moment.",
}

_FULL: dict[Topic, str] = {
    Topic.READY: "a reply is ready for you.",
    Topic.QUESTION: "calwatch has a question.",
    Topic.NUDGE: "a reply is still waiting for you.",
    Topic.REMIND: "starts soon, and the reply is still waiting.",
    Topic.BACK: "the approved reply was not sent and waits again.",
    Topic.FAILED: "the reply could not be sent.",
    Topic.UNSURE: "it is unknown whether the reply was sent. Please look and answer the question.",
    Topic.TAKEN: "a time you offered is taken now.",
    Topic.HANDLED: "you have already written; no draft was made.",
    Topic.SIGN_IN: "please sign in again.",
    Topic.ERROR: "cannot be read.",
}

_SITUATIONS: dict[Situation, str] = {
    Situation.MANUAL: "as you asked",
    Situation.CANCELLED: "was cancelled",
    Situation.MOVED: "was moved to a time that does not work",
    Situation.DECLINED: "you declined it",
    Situation.INTERVIEWER_DECLINED: "the other side declined",
    Situation.REMOVED: "vanished from your calendar",
    Situation.CONFLICT: "something else takes the time",
}

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def compose(items: Sequence[Item], *, detail: Detail, zone: str, now: datetime, public_url: str = "") -> Notice:
    """One message about all ``items`` (at least one), the most urgent first. Times are wall times in ``zone``."""
    if not items:
        raise ValueError("a message needs something to say")
    ranked = sorted(items, key=lambda i: (-list(Urgency).index(i.urgency), i.start is None, i.start or now))
    lines = [_line(item, detail=detail, zone=zone, now=now) for item in ranked]
    urgent = any(item.urgency is Urgency.NOW for item in items)
    where = _where(ranked, detail=detail, public_url=public_url)
    if len(lines) == 1:
        title, _, rest = lines[0].partition(". ")
        return Notice(title=title.rstrip("."), body=" ".join(part for part in (rest, where) if part), urgent=urgent)
    title = f"{len(lines)} things for you"
    return Notice(title=title, body="\n".join([*lines, where] if where else lines), urgent=urgent)


def first_pass(found: int, need: int, *, public_url: str = "") -> Notice:
    """The one message after the first look at an account; discreet in either detail."""
    things = "1 appointment" if found == 1 else f"{found} appointments"
    needs = {0: "none needs you", 1: "1 needs you"}.get(need, f"{need} need you")
    body = f"Look at {public_url}" if public_url and need else ("`calwatch drafts` shows more." if need else "")
    return Notice(title=f"{things} found, {needs}", body=body)


def when(start: datetime, *, zone: str, now: datetime) -> str:
    """``Thu 14:00`` within six days, else ``Thu 30 Apr 14:00``; wall time in ``zone``."""
    local, today = start.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone)).date()
    clock = f"{local:%H:%M}"
    if 0 <= (local.date() - today).days <= 6:
        return f"{_DAYS[local.weekday()]} {clock}"
    return f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]} {clock}"


def _line(item: Item, *, detail: Detail, zone: str, now: datetime) -> str:
    subject = when(item.start, zone=zone, now=now) if item.start else ""
    if detail == "discreet":
        said = _DISCREET[item.topic]
        if item.topic in (Topic.SIGN_IN, Topic.ERROR):
            return said
        return f"{subject} {said}" if subject else f"Something {said}"
    name = " ".join(part for part in (one_line(item.title, 80), f"({one_line(item.company, 60)})") if part != "()")
    what = _SITUATIONS[item.situation] if item.situation is not None else ""
    said = one_line(item.text, 200) or _FULL[item.topic]
    head = ", ".join(part for part in (subject, name or item.account) if part)
    body = "; ".join(part for part in (what, said) if part)
    return f"{head}: {body}" if head else f"{body[:1].upper()}{body[1:]}"


def _where(items: Sequence[Item], *, detail: Detail, public_url: str) -> str:
    """Where to act. Never a loopback link: on another device it would lead nowhere, and it would name the page."""
    drafts = [i for i in items if i.number is not None and i.topic not in (Topic.HANDLED, Topic.SIGN_IN, Topic.ERROR)]
    if not drafts:
        return ""
    if public_url:
        only = len(drafts) == 1 and drafts[0].topic is not Topic.QUESTION
        return f"{public_url.rstrip('/')}/d/{drafts[0].number}" if only else public_url
    if any(i.topic in (Topic.QUESTION, Topic.UNSURE) for i in drafts):
        return "`calwatch questions` lists it." if len(drafts) == 1 else "`calwatch status` lists them."
    boxes = sorted({i.account for i in drafts if i.account})
    if boxes and detail == "discreet" and any(word in box.lower() for word in FORBIDDEN for box in boxes):
        return "It waits in your Drafts."
    if boxes:
        return f"In Drafts of your {' and '.join(one_line(box, 40) for box in boxes)} mail."
    return f"`calwatch show {drafts[0].number}`" if len(drafts) == 1 else "`calwatch drafts` lists them."
