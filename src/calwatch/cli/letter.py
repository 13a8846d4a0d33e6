"""One draft as text for a person: what is wrong, whom the letter goes to and why, what it says, what approving does."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from calwatch.cli import out, shapes, words
from calwatch.model.booking import Booking, Interview
from calwatch.model.case import DraftState, Intent, Situation
from calwatch.model.draft import Channel, Draft, Effect, Finding, Level
from calwatch.model.plain import one_line
from calwatch.model.trouble import Case


def text(
    draft: Draft, case: Case, about: Interview, clashes: Sequence[Booking], effects: Sequence[Effect], zone: str
) -> str:
    """The whole draft, one screen if possible."""
    letter = draft.letter
    outcome = words.OUTCOME[case.outcome] if case.outcome is not None else ""
    head = f"Draft {draft.id}, version {draft.version}: {draft.state.value}" + (f" ({outcome})" if outcome else "")
    lines = [head, f"  {one_line(about.lead.event.summary) or 'an appointment'}", f"  {appointment(about, zone)}"]
    told = one_line(case.why[0]) if case.why else words.TROUBLE[case.situation]
    moved = "They moved it to this time. " if case.situation is Situation.MOVED and case.why else ""
    lines.append(f"  {moved}{words.capital(told).rstrip('.')}.")
    lines += [
        f"  In the way: {one_line(b.event.summary) or 'busy'}, {out.stretch(b.event.start, b.event.end, zone)}"
        for b in clashes
        if not b.event.summary or one_line(b.event.summary) not in told  # the sentence above names it already
    ]
    if draft.notice:
        lines.append(f"  ! {one_line(draft.notice, 300)}")
    if letter.reschedule_link:
        lines.append(f"  They offer a page to pick another time yourself: {one_line(letter.reschedule_link, 500)}")
    if letter.channel is Channel.PHONE and letter.phone is not None:
        lines.append("  The start is near: calling is the better way.")
    body = letter.content.text.strip("\n") or "(The text is not kept after a case is closed.)"
    lines += ["", *_header(draft), "", *body.split("\n"), ""]
    waits = draft.state is DraftState.WAITING
    if waits:
        lines += [*_phone(draft), *_alternatives(draft, zone), *_remarks(draft)]
    lines += [_doing(draft, zone), *(f"  {n}. {a}" for n, a in enumerate(_steps(draft, effects), 1))]
    if waits:
        lines += ["", *choices(draft, case), _in_time(draft, zone)]
    return "\n".join(lines)


def choices(draft: Draft, case: Case) -> list[str]:
    """What the person can do now, the commands first; "keep the interview" leads where something else can give way."""
    number, letter = draft.id, draft.letter
    approve = (f"approve {number}", words.choice(letter.intent, case))
    if not letter.content.to:
        approve = (f"edit {number} --to ADDRESS", "name whom to write to; before that it cannot be approved")
    elif blocks(draft):
        approve = (f"edit {number}", "change what must be changed; before that it cannot be approved")
    rows = [approve]
    rows += [(f"edit {number} --intent {v.value}", f"instead {words.choice(v, case)}") for v in others(draft)]
    if case.situation is Situation.CONFLICT:
        keep = (f"dismiss {number} --because keep", "keep the interview: you move the other thing")
        rows = [keep, *rows] if case.movable else [*rows, keep]
    rows.append((f"dismiss {number} --because handled", "you tell them yourself"))
    width = max(len(command) for command, _ in rows)
    return ["Your choices:", *(f"  calwatch {command:<{width}}  {meaning}" for command, meaning in rows)]


def others(draft: Draft) -> list[Intent]:
    """The other intents this draft can be changed to."""
    return [variant for variant in draft.letter.variants if variant is not draft.letter.intent]


def blocks(draft: Draft) -> list[Finding]:
    """What must be changed before this letter can go out."""
    return [finding for finding in draft.letter.etiquette if finding.level is Level.BLOCK]


def _doing(draft: Draft, zone: str) -> str:
    """The heading over what approving does, or did."""
    if draft.state is DraftState.WAITING:
        return "If you approve:"
    if draft.state is DraftState.APPROVED and draft.due_at is not None:
        local = draft.due_at.astimezone(ZoneInfo(zone))
        return f"Approved; at {local:%H:%M:%S}, unless you call it back (calwatch undo {draft.id}):"
    if draft.state in (DraftState.APPROVED, DraftState.SENDING, DraftState.UNSURE, DraftState.SENT):
        return "What you approved:" if draft.approved_at is not None else "What belongs to it:"
    return "Approving would have done this:"


def _in_time(draft: Draft, zone: str) -> str:
    expires = f"xpires {out.wall(draft.expires, zone)}."
    if draft.respond_by >= draft.expires:
        return f"E{expires}"
    return f"Best sent by {out.deadline(draft.respond_by, zone)}; e{expires}"


def appointment(about: Interview, zone: str) -> str:
    """When it is, and in the other zone too when its invitation was written in one."""
    span, written = about.span, about.lead.event.timezone
    mine = out.stretch(span.start, span.end, zone)
    return (
        mine if written in (None, zone) else f"{mine} ({out.stretch(span.start, span.end, written or zone)} {written})"
    )


def _header(draft: Draft) -> list[str]:
    content, recipient = draft.letter.content, draft.letter.recipient
    if content.to:
        lines = [f"To: {one_line(', '.join(str(p) for p in content.to))}"]
    else:
        lines = [f"To: nobody yet; name somebody: calwatch edit {draft.id} --to ADDRESS"]
    if content.cc:
        lines.append(f"Cc: {one_line(', '.join(str(p) for p in content.cc))}")
    lines.append(f"Subject: {one_line(content.subject)}")
    lines.append("In the thread of their mail." if recipient.in_reply_to else "As a new mail.")
    if recipient.evidence:
        lines.append(f"Why them: {one_line(recipient.evidence, 300)}")
    return lines


def _phone(draft: Draft) -> list[str]:
    card = draft.letter.phone
    if card is None:
        return []
    return [
        f"By phone: {one_line(card.name)}, {one_line(card.number)} ({one_line(card.evidence)})",
        *(f"  {line}" for line in card.script.splitlines()),
        "  Voicemail: " + one_line(card.voicemail, 500),
        "",
    ]


def _alternatives(draft: Draft, zone: str) -> list[str]:
    letter = draft.letter
    if not letter.alternatives:
        return []
    lines = [f"Other times that are free, in your zone; to offer some of these: calwatch edit {draft.id} --slots 1,2"]
    lines += [f"  {n}. {out.stretch(s.start, s.end, zone)}" for n, s in enumerate(letter.alternatives, 1)]
    return [*lines, ""]


def _remarks(draft: Draft) -> list[str]:
    found = draft.letter.etiquette
    level = {Level.BLOCK: "must be changed", Level.WARN: "remark"}
    lines = [f"  {level[f.level]}: {one_line(f.text, 300)} [{one_line(f.guideline)}]" for f in found]
    return [*lines, ""] if lines else []


def _steps(draft: Draft, effects: Sequence[Effect]) -> list[str]:
    steps = shapes.actions(draft, effects)
    done = {
        "planned": "",
        "done": " (done)",
        "failed": " (failed)",
        "attempted": " (under way)",
        "skipped": " (not done)",
    }
    return [one_line(step["detail"], 300) + done.get(step["state"], "") for step in steps] or ["nothing is sent"]
