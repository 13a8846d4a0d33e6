"""What the person is told, once per thing and step, gathered into one message and kept out of their quiet hours."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from calwatch.errors import NeedsSignIn, Retry, Stop
from calwatch.model.case import DraftState, Intent, Situation, Urgency, Weight
from calwatch.model.draft import Draft
from calwatch.model.plain import one_line
from calwatch.model.span import Span
from calwatch.model.trouble import Case
from calwatch.model.workdays import urgency
from calwatch.notify import wording
from calwatch.notify.wording import Item, Topic
from calwatch.pipeline import known
from calwatch.pipeline.parts import Parts

log = logging.getLogger(__name__)

_PENDING = "notices:pending"
URGENT_AFTER_QUIET = timedelta(hours=2)


def _queue(parts: Parts, item: Item, key: str) -> None:
    """Remembers one thing to say; the same ``key`` is said only once, also over restarts."""
    told = f"told:{key}"
    if parts.store.meta.get(told) is not None:
        return
    with parts.store.write():
        parts.store.meta.set(told, parts.now().timestamp())
        pending = list(_pending(parts))
        pending.append(
            {
                "topic": item.topic.value,
                "start": item.start.timestamp() if item.start else None,
                "number": item.number,
                "urgency": item.urgency.value,
                "account": item.account,
                "company": item.company,
                "title": item.title,
                "situation": item.situation.value if item.situation else None,
                "text": item.text,
            }
        )
        parts.store.meta.set(_PENDING, pending)


def _pending(parts: Parts) -> list[dict[str, Any]]:
    value = parts.store.meta.get(_PENDING)
    return value if isinstance(value, list) else []


def _item(parts: Parts, saved: dict[str, Any]) -> Item:
    start = saved["start"]
    return Item(
        topic=Topic(saved["topic"]),
        start=datetime.fromtimestamp(start, tz=parts.now().tzinfo) if start is not None else None,
        number=saved["number"],
        urgency=Urgency(saved["urgency"]),
        account=saved["account"],
        company=saved["company"],
        title=saved["title"],
        situation=Situation(saved["situation"]) if saved["situation"] else None,
        text=saved["text"],
    )


def flush(parts: Parts) -> None:
    """Says everything pending in one message; a failed notifier is tried again with the next pass."""
    pending = _pending(parts)
    now = parts.now()
    if not pending:
        return
    items = [_item(parts, saved) for saved in pending]
    quiet = is_quiet(parts, now)
    urgent = _not_yet_woken_for(parts, items, now) if quiet else []
    if quiet and not urgent:
        return
    approval, wish = parts.preferences.approval, parts.preferences.notify
    notice = wording.compose(
        items, detail=wish.detail, zone=parts.preferences.zone, now=now, public_url=approval.public_url
    )
    try:
        parts.say(notice)
    except (Retry, Stop, NeedsSignIn) as reason:
        log.warning("a message could not be delivered: %s", reason)
        if parts.store.meta.get("notifier:failed") is None:
            parts.store.meta.set("notifier:failed", {"at": now.timestamp(), "why": str(reason)})
        return
    if parts.store.meta.get("notifier:failed") is not None:
        parts.store.meta.set("notifier:failed", None)
    with parts.store.write():
        parts.store.meta.set(_PENDING, None)
        for start in urgent:
            parts.store.meta.set(_woken_key(parts, start, now), now.timestamp())


def _not_yet_woken_for(parts: Parts, items: Sequence[Item], now: datetime) -> list[datetime]:
    """The appointments among ``items`` that may break these quiet hours, and have not done so yet."""
    starts = {item.start for item in items if item.start is not None and _breaks_quiet(parts, item, now)}
    return [start for start in sorted(starts) if parts.store.meta.get(_woken_key(parts, start, now)) is None]


def _woken_key(parts: Parts, start: datetime, now: datetime) -> str:
    return f"woken:{quiet_ends(parts, now).date().isoformat()}:{start.isoformat()}"


def is_quiet(parts: Parts, now: datetime) -> bool:
    """Whether ``now`` lies in the person's quiet hours (their wall time, usually over midnight)."""
    quiet = parts.preferences.notify.quiet
    if quiet is None:
        return False
    wall = now.astimezone(ZoneInfo(parts.preferences.zone)).time()
    begin, end = quiet
    return begin <= wall < end if begin <= end else wall >= begin or wall < end


def quiet_ends(parts: Parts, now: datetime) -> datetime:
    """The next end of the quiet hours after ``now``; ``now`` itself when there are none."""
    quiet = parts.preferences.notify.quiet
    if quiet is None or not is_quiet(parts, now):
        return now
    local = now.astimezone(ZoneInfo(parts.preferences.zone))
    end = local.replace(hour=quiet[1].hour, minute=quiet[1].minute, second=0, microsecond=0)
    return end if end > local else end + timedelta(days=1)


def _breaks_quiet(parts: Parts, item: Item, now: datetime) -> bool:
    return item.start is not None and now < item.start < quiet_ends(parts, now) + URGENT_AFTER_QUIET


def _about(parts: Parts, draft: Draft, topic: Topic, text: str = "") -> Item:
    case = parts.store.cases.get(draft.case_id)
    interview = known.interview_of(parts, case)
    return Item(
        topic=topic,
        start=case.start,
        number=draft.id,
        urgency=urgency(case.start, draft.respond_by, parts.now(), parts.preferences.zone),
        account=draft.account if draft.stored else "",
        company=interview.recognition.company or "",
        title=interview.lead.event.summary,
        situation=case.situation,
        text=text,
    )


def _unspoken(parts: Parts) -> bool:
    """Until the first pass is over its one message speaks for all drafts it found."""
    return parts.store.meta.get("first_pass") is None


def ready(parts: Parts, draft: Draft, case: Case) -> None:
    if _unspoken(parts):
        parts.store.meta.set(f"told:ready:{draft.id}", parts.now().timestamp())
        return
    topic = Topic.QUESTION if case.weight is Weight.QUESTION else Topic.READY
    _queue(parts, _about(parts, draft, topic), f"ready:{draft.id}")


def returned(parts: Parts, draft: Draft) -> None:
    _queue(parts, _about(parts, draft, Topic.BACK, draft.notice), f"back:{draft.id}:{draft.version}:{draft.notice}")


def taken(parts: Parts, draft: Draft, slot: Span) -> None:
    """A time offered in a letter that is out is no longer free."""
    _queue(parts, _about(parts, draft, Topic.TAKEN), f"taken:{draft.id}:{slot.start.isoformat()}")


def failed(parts: Parts, draft: Draft) -> None:
    _queue(parts, _about(parts, draft, Topic.FAILED, draft.notice), f"failed:{draft.id}:{draft.version}")


def sent(parts: Parts, draft: Draft) -> None:
    """Puts on record that asking for another time frees nobody from the old one."""
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


def gone(parts: Parts, draft: Draft, why: str) -> None:
    if parts.store.meta.get(f"told:ready:{draft.id}") is not None:
        _queue(parts, _about(parts, draft, Topic.HANDLED, why), f"gone:{draft.id}")


def handled(parts: Parts, case: Case) -> None:
    if _unspoken(parts):
        return
    interview = known.interview_of(parts, case)
    item = Item(
        topic=Topic.HANDLED,
        start=case.start,
        company=interview.recognition.company or "",
        title=interview.lead.event.summary,
        situation=case.situation,
    )
    _queue(parts, item, f"handled:{case.id}")


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
    _queue(parts, _about(parts, draft, Topic.UNSURE), f"unsure:{draft.id}:{draft.attempts}:{draft.version}")


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
    item = Item(
        topic=Topic.QUESTION,
        start=case.start,
        company=interview.recognition.company or "",
        title=interview.lead.event.summary,
        situation=case.situation,
    )
    _queue(parts, item, f"removed:{case.id}")


def account_unwell(parts: Parts, account: str, state: str, detail: str) -> None:
    topic = {"needs_sign_in": Topic.SIGN_IN, "error": Topic.ERROR}.get(state)
    if topic is None:
        return
    day = parts.now().date().isoformat()
    _queue(parts, Item(topic=topic, account=account, text=detail), f"account:{account}:{state}:{day}")


def welcome(parts: Parts, *, appointments: int, need: int) -> bool:
    """One message after the first look, in numbers only; whether it could be delivered."""
    notice = wording.first_pass(appointments, need, public_url=parts.preferences.approval.public_url)
    try:
        parts.say(notice)
    except (Retry, Stop, NeedsSignIn) as reason:
        log.warning("the first message could not be delivered: %s", reason)
        return False
    return True


def remind(parts: Parts, now: datetime) -> datetime | None:
    """Nudges and reminders that are due for waiting drafts; gives when the next one is."""
    upcoming: list[datetime] = []
    for draft in parts.store.drafts.open_drafts():
        if draft.state is not DraftState.WAITING:
            continue
        case = parts.store.cases.get(draft.case_id)
        if case.weight is not Weight.CLASH:
            continue  # a question asks once
        for topic, moment, key in _steps(parts, draft, case):
            if moment > now:
                upcoming.append(moment)
            elif now - moment < timedelta(hours=12) and moment > draft.created:
                _queue(parts, _about(parts, draft, topic), f"{key}:{draft.id}")
    return min(upcoming, default=None)


def _steps(parts: Parts, draft: Draft, case: Case) -> list[tuple[Topic, datetime, str]]:
    wish = parts.preferences.notify
    steps = [(Topic.NUDGE, draft.created + after, f"nudge{int(after.total_seconds())}") for after in wish.nudge]
    if wish.nudge:
        days = range(1, 15)
        steps += [(Topic.NUDGE, draft.created + max(wish.nudge) + timedelta(days=d), f"daily{d}") for d in days]
    steps += [(Topic.REMIND, case.start - before, f"remind{int(before.total_seconds())}") for before in wish.remind]
    return [step for step in steps if step[1] < case.start]
