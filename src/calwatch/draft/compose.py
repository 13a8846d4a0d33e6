"""Makes the letter: the template that fits the case, the times printed, the person's edits kept when times change."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from calwatch.draft import phone, wording
from calwatch.draft.brief import Brief
from calwatch.draft.facts import context_of, short_notice
from calwatch.draft.foreign import one_line
from calwatch.draft.language import words
from calwatch.draft.names import greeting
from calwatch.draft.relisting import swap
from calwatch.draft.times import Printed, TimePrinter
from calwatch.model.case import Intent, Occasion, Situation
from calwatch.model.draft import Channel, Letter, LetterKind
from calwatch.model.message import Content
from calwatch.model.span import Span

_BY_OCCASION = {
    Occasion.LATE: "late",
    Occasion.NO_SHOW: "no_show",
    Occasion.MISSED: "missed",
    Occasion.EXTENSION: "extension",
}
_VARIANTS: dict[Situation, tuple[Intent, ...]] = {
    Situation.CANCELLED: (Intent.ACKNOWLEDGE, Intent.WITHDRAW),
    Situation.INTERVIEWER_DECLINED: (Intent.ACKNOWLEDGE, Intent.WITHDRAW),
}
_REPLY_MARKS = ("re:", "aw:", "sv:", "antw:", "rv:", "réf:", "ref:")


@dataclass(frozen=True, slots=True)
class _Worded:
    """A letter's text, and which of the times the brief allows it really prints."""

    subject: str
    text: str
    printed: Printed
    slots: tuple[Span, ...]


def compose(brief: Brief) -> Letter:
    """The whole letter for a brief, without etiquette findings.

    ``slots`` holds exactly the times the text prints: letters that offer none (a withdrawal, thanks for promised
    times, a calendar that could not be read) have none. Raises ConfigError when the person's own template is broken.
    """
    worded = _words_for(brief)
    card = phone.card(brief, worded.slots, _printer(brief))
    by_phone = card is not None
    return Letter(
        intent=brief.intent,
        kind=brief.kind,
        channel=Channel.PHONE if by_phone else Channel.EMAIL,
        content=Content(to=brief.recipient.to, cc=brief.recipient.cc, subject=worded.subject, text=worded.text),
        language=brief.language,
        recipient=brief.recipient,
        recipient_timezone=brief.recipient_zone,
        slots=worded.slots,
        slot_lines=worded.printed.slot_lines,
        zone_line=worded.printed.zone_line if worded.slots else "",
        alternatives=_others(brief, worded.slots) if worded.printed.alternative_lines else (),
        alternative_lines=worded.printed.alternative_lines,
        phone=card,
        reschedule_link=brief.reschedule_link,
        actions=brief.actions,
        variants=variants(brief),
        why=_why(brief, worded.slots, by_phone=by_phone),
    )


def turned_late(letter: Letter, brief: Brief) -> Letter:
    """The same letter once calling is the better way: with the phone card, if they gave a number. No word changes."""
    card = phone.card(brief, letter.slots, _printer(brief))
    if card is None:
        return letter
    return replace(letter, phone=card, channel=Channel.PHONE, why=_why(brief, letter.slots, by_phone=True))


def relist(letter: Letter, slots: Sequence[Span], brief: Brief, *, gone: Collection[Span] = ()) -> Letter:
    """The same letter offering ``slots`` (of its own and its alternatives, any order): edits of the person stay.

    Only the printed times and the zone above them change. A letter nobody edited is worded anew, so that "these
    times" and "this time" stay right. Times in ``gone`` are taken and do not stay as alternatives. Raises ValueError
    for a time that is neither offered nor an alternative.
    """
    known = {*letter.slots, *letter.alternatives}
    chosen = tuple(sorted(set(slots)))
    unknown = [span for span in chosen if span not in known]
    if unknown:
        raise ValueError(f"{unknown[0].start.isoformat()} is not one of the free times of this letter")
    others = tuple(sorted(known - set(chosen) - set(gone)))
    wanted = replace(brief, intent=letter.intent, slots=chosen, alternatives=others)
    before = replace(brief, intent=letter.intent, slots=letter.slots, alternatives=letter.alternatives)
    printed = _printer(brief).listed(chosen, others)
    if letter.content.text.strip() == _words_for(before).text.strip():
        text = _words_for(wanted).text
    else:
        text = swap(
            letter.content.text,
            old_lines=letter.slot_lines,
            new_lines=printed.slot_lines,
            old_zone=letter.zone_line,
            new_zone=printed.zone_line,
        )
    return replace(
        letter,
        content=replace(letter.content, text=text),
        slots=chosen,
        slot_lines=printed.slot_lines,
        zone_line=printed.zone_line if chosen else "",
        alternatives=others,
        alternative_lines=printed.alternative_lines,
    )


def recompose_intent(letter: Letter, intent: Intent, brief: Brief) -> Letter:
    """The other variant of a letter, worded anew; recipients stay as the person may have edited them."""
    fresh = compose(replace(brief, intent=intent, recipient=letter.recipient))
    content = replace(fresh.content, to=letter.content.to, cc=letter.content.cc, bcc=letter.content.bcc)
    return replace(fresh, content=content, variants=letter.variants or fresh.variants)


def variants(brief: Brief) -> tuple[Intent, ...]:
    """The labelled choices beside each other, the preselected kind of letter first."""
    offered = _VARIANTS.get(brief.situation, (Intent.RESCHEDULE, Intent.WITHDRAW))
    if brief.situation is Situation.CANCELLED and brief.ends_process:
        offered = (Intent.ACKNOWLEDGE,)
    if brief.kind is LetterKind.COUNTER:
        offered = (Intent.ACCEPT, Intent.RESCHEDULE) if brief.proposed else (Intent.RESCHEDULE, Intent.WITHDRAW)
    if brief.kind is LetterKind.CORRECTION:
        offered = (brief.intent,)
    return offered if brief.intent in offered else (brief.intent, *offered)


def template_for(brief: Brief) -> str:
    """The name of the template that says what this case needs said."""
    if brief.intent is Intent.WITHDRAW:
        return "withdraw"
    if brief.kind is LetterKind.CORRECTION:
        return "correction"
    if brief.intent in (Intent.ACCEPT, Intent.FOLLOW_UP):
        return brief.intent.value
    if brief.kind is LetterKind.COUNTER:
        return "counter"
    if brief.situation is Situation.INTERVIEWER_DECLINED:
        return "check_time"
    if brief.intent is Intent.ACKNOWLEDGE or brief.situation is Situation.CANCELLED:
        ended, promised = brief.ends_process, brief.promises_times
        return "acknowledge_ended" if ended else "acknowledge_promised" if promised else "acknowledge"
    if brief.occasion in _BY_OCCASION:
        return _BY_OCCASION[brief.occasion]
    if brief.second_request:
        return "second_request"
    if brief.situation is Situation.MOVED:
        return "moved"
    return "invitation" if brief.invitation_unanswered else "reschedule"


def _printer(brief: Brief) -> TimePrinter:
    zone = brief.recipient_zone.name if brief.recipient_zone else brief.user_zone
    return TimePrinter(zone, brief.user_zone, brief.now, brief.language)


def _others(brief: Brief, printed_slots: tuple[Span, ...]) -> tuple[Span, ...]:
    return tuple(sorted({*brief.slots, *brief.alternatives} - set(printed_slots)))


def _words_for(brief: Brief) -> _Worded:
    printer, topic, folder = _printer(brief), template_for(brief), brief.options.templates
    offered = () if brief.times_unknown and brief.intent is not Intent.ACCEPT else tuple(sorted(set(brief.slots)))
    if brief.intent is Intent.ACCEPT:
        offered = brief.slots[:1]
    printed = printer.listed(offered, _others(brief, offered) if brief.intent is not Intent.ACCEPT else ())
    context = context_of(brief, printer, printed, offered, topic)
    body = wording.render(topic, brief.language, context, folder=folder)
    shown = tuple((span, line) for span, line in zip(offered, printed.slot_lines, strict=True) if line and line in body)
    vocabulary = words(brief.language)
    layout: dict[str, str | bool | int] = {
        **context,
        "greeting": greeting(brief.recipient.to, brief.messages, formality=brief.formality, language=brief.language),
        "body": body,
        "closing": vocabulary.closings[brief.formality],
        "signature": _signature(brief, body),
    }
    slots = tuple(span for span, _ in shown)
    if len(slots) != len(offered):
        printed = Printed(
            printed.zone_line, tuple(line for _, line in shown), printed.alternative_lines if slots else ()
        )
    return _Worded(
        subject=_subject(brief, context),
        text=wording.raw("layout", brief.language, layout, folder=folder),
        printed=printed if slots else Printed("", (), ()),
        slots=slots,
    )


def _signature(brief: Brief, body: str) -> str:
    """The user's own, else name and phone; a phone the letter has just given is not given twice."""
    if brief.options.signature.strip():
        return brief.options.signature.strip()
    name = one_line(brief.user_name)
    number = one_line(brief.user_phone, 40)
    return f"{name}\n{number}" if number and number not in body else name


def _subject(brief: Brief, context: wording.Context) -> str:
    """The thread's subject, untouched behind its ``Re:``; for a new mail one that says the date and the request."""
    thread = one_line(brief.recipient.thread_subject, 500)
    if brief.recipient.in_reply_to or brief.recipient.reply_to_ref:
        return thread if thread.casefold().startswith(_REPLY_MARKS) else f"Re: {thread}".strip()
    return one_line(wording.render("subject", brief.language, context, folder=brief.options.templates), 250)


def _why(brief: Brief, slots: tuple[Span, ...], *, by_phone: bool) -> tuple[str, ...]:
    reasons = [f"To: {brief.recipient.evidence}"] if brief.recipient.evidence else []
    if brief.recipient_zone is not None:
        reasons.append(f"Their time zone is {brief.recipient_zone.name}: {brief.recipient_zone.evidence}")
    elif slots:
        reasons.append("Their time zone is not known, so the times are in yours, by name.")
    if brief.times_unknown:
        reasons.append("A calendar could not be read, so the letter asks for their times instead of offering yours.")
    if brief.reschedule_link:
        reasons.append("The invitation has a link to pick a new time yourself; that may be the quickest way.")
    if by_phone:
        late = "It is late for a mail alone" if short_notice(brief) else "You have talked by phone so far"
        reasons.append(f"{late}: call first; the mail confirms it.")
    elif short_notice(brief) or brief.phone_relation:
        reasons.append("A call would be courteous now, but their mails show no number of theirs.")
    return tuple(reasons)
