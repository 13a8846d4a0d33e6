"""What there is to tell the person, once per thing and step; ``telling`` says it, gathered and outside quiet hours."""

from __future__ import annotations

from datetime import datetime

from calwatch.model.case import DraftState, Intent, Weight
from calwatch.model.draft import Draft
from calwatch.model.plain import one_line
from calwatch.model.span import Span
from calwatch.model.trouble import Case
from calwatch.notify import wording
from calwatch.notify.topics import Topic
from calwatch.pipeline import known, outbox, reminders
from calwatch.pipeline.parts import Parts


def _unspoken(parts: Parts) -> bool:
    """Until the first pass is over its one message speaks for all drafts it found."""
    return parts.store.meta.get("first_pass") is None


def welcome(parts: Parts, *, appointments: int, need: int) -> None:
    """One message after the first look, in numbers only."""
    outbox.put(parts, "welcome", Topic.WELCOME, found=appointments, need=need)


# --- a draft, from ready to over -----------------------------------------------------------------------------------


def ready(parts: Parts, draft: Draft, case: Case) -> None:
    if _unspoken(parts):
        outbox.mark(parts, f"ready:{draft.id}")
        return
    answered = any(question.answer is not None for question in parts.store.questions.of_case(case.id))
    topic = Topic.QUESTION if case.weight is Weight.QUESTION and not answered else Topic.READY
    outbox.put(parts, f"ready:{draft.id}", topic, draft=draft.id)


def returned(parts: Parts, draft: Draft) -> None:
    key = f"back:{draft.id}:{draft.version}:{draft.notice}"
    outbox.put(parts, key, Topic.BACK, draft=draft.id, text=draft.notice)


def failed(parts: Parts, draft: Draft) -> None:
    outbox.put(parts, f"failed:{draft.id}:{draft.version}", Topic.FAILED, draft=draft.id, text=draft.notice)


def gone(parts: Parts, draft: Draft, why: str) -> None:
    """What a draft was about went away; told to those who had heard of it."""
    if not outbox.was_put(parts, f"ready:{draft.id}"):
        return
    only = outbox.hearers(outbox.load(parts), draft.id)
    if only is None or only:
        outbox.put(parts, f"gone:{draft.id}", Topic.GONE, case=draft.case_id, text=why, only=only)


def handled(parts: Parts, case: Case) -> None:
    if not _unspoken(parts):
        outbox.put(parts, f"handled:{case.id}", Topic.HANDLED, case=case.id)


# --- after the letter ----------------------------------------------------------------------------------------------


def sent(parts: Parts, draft: Draft) -> None:
    """Asking for another time frees nobody from the old one: that is on record, and said while it is still to come."""
    if draft.letter.intent is not Intent.RESCHEDULE:
        return
    parts.store.history.add(
        at=parts.now(),
        who="calwatch",
        kind="note",
        what="until it is settled the old appointment stands",
        draft_id=draft.id,
        case_id=draft.case_id,
    )
    outbox.put(parts, f"sent:{draft.id}", Topic.SENT, draft=draft.id)


def taken(parts: Parts, draft: Draft, slot: Span) -> None:
    """A time offered in a letter that is out is no longer free."""
    outbox.put(parts, f"taken:{draft.id}:{slot.start.isoformat()}", Topic.TAKEN, draft=draft.id, at=slot.start)


def rebooked(parts: Parts, case: Case, start: datetime) -> None:
    """They answered with another time."""
    outbox.put(parts, f"rebooked:{case.id}:{start.isoformat()}", Topic.REBOOKED, case=case.id, at=start)


def called_off(parts: Parts, case: Case) -> None:
    """They cancelled the old time; a new one is still to come."""
    outbox.put(parts, f"called-off:{case.id}", Topic.CALLED_OFF, case=case.id)


def closed(parts: Parts, case: Case) -> None:
    """They cancelled what the person withdrew from."""
    outbox.put(parts, f"closed:{case.id}", Topic.CLOSED, case=case.id)


# --- questions -----------------------------------------------------------------------------------------------------


def ask_sent(parts: Parts, draft: Draft) -> None:
    """The question after a doubt; unanswered means: do nothing, never a second mail by itself."""
    parts.store.questions.ask(
        "sent",
        "It is unknown whether this mail left. Is it in your Sent folder, or did they answer it?",
        ("sent", "not-sent"),
        key=f"sent:{draft.id}:{draft.version}",
        now=parts.now(),
        case_id=draft.case_id,
        draft_id=draft.id,
    )
    outbox.put(parts, f"unsure:{draft.id}:{draft.attempts}:{draft.version}", Topic.UNSURE, draft=draft.id)


def ask_removed(parts: Parts, case: Case) -> None:
    interview = known.interview_of(parts, case)
    title = one_line(interview.lead.event.summary, 80) or "An appointment"
    day = wording.when(case.start, zone=parts.preferences.zone, now=parts.now())
    parts.store.questions.ask(
        "removed",
        f"“{title}” ({day}) vanished from your calendar. Did you drop it, or did they cancel?",
        ("dropped", "they-cancelled"),
        key=f"removed:{case.id}",
        now=parts.now(),
        expires=case.start,
        case_id=case.id,
    )
    outbox.put(parts, f"removed:{case.id}", Topic.QUESTION, case=case.id)


# --- what time alone brings ----------------------------------------------------------------------------------------


def account_unwell(parts: Parts, account: str, state: str, detail: str) -> None:
    """An account began to need the person."""
    reminders.account_unwell(parts, account, state, detail)


def remind(parts: Parts, now: datetime) -> datetime | None:
    """Nudges, reminders and accounts that nobody could read for long, as they become due; gives when the next is."""
    waiting = [draft for draft in parts.store.drafts.open_drafts() if draft.state is DraftState.WAITING]
    moments = (reminders.of_drafts(parts, waiting, now), reminders.of_accounts(parts, now))
    return min((moment for moment in moments if moment is not None), default=None)
