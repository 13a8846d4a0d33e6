"""One draft as text for a person: what is wrong, whom the letter goes to and why, what it says, what approving does."""

from __future__ import annotations

from collections.abc import Sequence

from calwatch.cli import out, shapes
from calwatch.model.booking import Booking, Interview
from calwatch.model.draft import Channel, Draft, Effect, Level
from calwatch.model.plain import one_line
from calwatch.model.trouble import Case


def text(
    draft: Draft, case: Case, about: Interview, clashes: Sequence[Booking], effects: Sequence[Effect], zone: str
) -> str:
    """The whole draft, one screen if possible."""
    letter = draft.letter
    head = f"Draft {draft.id}, version {draft.version}: {draft.state.value}"
    if case.outcome is not None:
        head += f" ({case.outcome.value})"
    lines = [head, f"  {one_line(about.lead.event.summary) or 'an appointment'}", f"  {appointment(about, zone)}"]
    lines += [f"  {case.situation.value}: {one_line(why)}" for why in case.why[:1]] or [f"  {case.situation.value}"]
    lines += [
        f"  in the way: {one_line(b.event.summary) or 'busy'}, {out.stretch(b.event.start, b.event.end, zone)}"
        for b in clashes
    ]
    if draft.notice:
        lines.append(f"  ! {one_line(draft.notice, 300)}")
    if letter.reschedule_link:
        lines.append(f"  They offer a page to pick another time yourself: {one_line(letter.reschedule_link, 500)}")
    if letter.channel is Channel.PHONE and letter.phone is not None:
        lines.append("  The start is near: calling is the better way.")
    lines += ["", *_header(draft), "", *letter.content.text.rstrip("\n").split("\n"), ""]
    lines += _phone(draft)
    lines += _alternatives(draft, zone)
    lines += _remarks(draft)
    lines += ["If you approve:", *(f"  {n}. {a}" for n, a in enumerate(_steps(draft, effects), 1))]
    lines.append(f"Best answered by {out.wall(draft.respond_by, zone)}; expires {out.wall(draft.expires, zone)}.")
    return "\n".join(lines)


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
    lines = [
        f"Other times that are free, in your zone; to offer some of these instead: calwatch edit {draft.id} --slots 1,2"
    ]
    lines += [f"  {n}. {out.stretch(s.start, s.end, zone)}" for n, s in enumerate(letter.alternatives, 1)]
    return [*lines, ""]


def _remarks(draft: Draft) -> list[str]:
    found = draft.letter.etiquette
    words = {Level.BLOCK: "must be changed", Level.WARN: "remark"}
    lines = [f"  {words[f.level]}: {one_line(f.text, 300)} [{one_line(f.guideline)}]" for f in found]
    return [*lines, ""] if lines else []


def _steps(draft: Draft, effects: Sequence[Effect]) -> list[str]:
    steps = shapes.actions(draft, effects)
    done = {
        "planned": "",
        "done": " (done)",
        "failed": " (failed)",
        "attempted": " (under way)",
        "skipped": " (skipped)",
    }
    return [one_line(step["detail"], 300) + done.get(step["state"], "") for step in steps] or ["nothing is sent"]
