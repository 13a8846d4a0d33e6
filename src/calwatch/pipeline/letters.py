"""propose and draft: from a case to a letter that says the right thing to the right person with times that are free."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from calwatch.approve.canonical import letter_hash
from calwatch.draft import compose, etiquette, language, phone, reason, recipient, zone
from calwatch.draft.brief import Brief
from calwatch.errors import NeedsSignIn, Retry, Stop
from calwatch.model.booking import Interview
from calwatch.model.case import CaseState, Intent, Occasion, Situation, Weight
from calwatch.model.draft import Action, Draft, Letter, LetterKind
from calwatch.model.event import Response
from calwatch.model.message import Content, Message
from calwatch.model.span import Span
from calwatch.model.trouble import Case
from calwatch.model.workdays import add_working_days
from calwatch.pipeline import conversation, handled, known, rsvp, times
from calwatch.pipeline.parts import Account, Parts
from calwatch.propose.free import still_free
from calwatch.propose.slots import Offer

DEFAULT_INTENT = {
    Situation.CONFLICT: Intent.RESCHEDULE,
    Situation.MOVED: Intent.RESCHEDULE,
    Situation.DECLINED: Intent.RESCHEDULE,
    Situation.CANCELLED: Intent.ACKNOWLEDGE,
    Situation.INTERVIEWER_DECLINED: Intent.ACKNOWLEDGE,
    Situation.MANUAL: Intent.RESCHEDULE,
    Situation.REMOVED: Intent.RESCHEDULE,
}


@dataclass(frozen=True, slots=True)
class Proof:
    """What a second look at a draft found: offered times taken since, calendars unreadable, the trouble still there."""

    taken: tuple[Span, ...] = ()
    unknown: tuple[str, ...] = ()
    stands: bool = True
    answered: Message | None = None


def brief_for(
    parts: Parts, case: Case, around: conversation.Surroundings, intent: Intent, *, kind: LetterKind = LetterKind.REPLY
) -> Brief:
    """Everything the letter is made from, times included."""
    wishes, interview, now = parts.preferences, around.interview, parts.now()
    guess = zone.recipient_zone(interview, around.messages, invitation=around.invitation, user_zone=wishes.zone)
    second = case.requests_made > 0
    windows = times.wants_windows(interview, parts, second_request=second)
    original = Span(case.start, case.end)
    offers = _offers_times(intent, case)
    unknown = parts.unknown_calendars(now) if offers else ()
    found = (
        times.free_times(
            parts,
            duration=times.length_of(interview),
            original=original,
            interview=interview,
            case_id=case.id,
            recipient_zone=guess.name if guess else None,
            windows=windows,
        )
        if offers and not unknown
        else Offer(slots=(), alternatives=(), windows=windows, why=())
    )
    event = interview.lead.event
    return Brief(
        situation=case.situation,
        intent=intent,
        occasion=case.occasion or Occasion.BUSY,
        kind=kind,
        interview=interview,
        snapshot_span=original,
        recipient=recipient.choose(
            interview, around.messages, me_emails=wishes.me.emails, invitation=around.invitation
        ),
        user_name=wishes.name,
        user_phone=wishes.phone,
        user_zone=wishes.zone,
        recipient_zone=guess,
        language=around.language,
        formality=language.formality(around.messages, me_emails=wishes.me.emails, language=around.language),
        slots=found.slots,
        alternatives=found.alternatives,
        windows=found.windows,
        reason=_reason(parts, case, around.language),
        second_request=second,
        invitation_unanswered=event.response is Response.NEEDS_ACTION and case.situation is Situation.CONFLICT,
        declined_already=event.response is Response.DECLINED,
        phone_relation=phone.relation_by_phone(around.messages, me_emails=wishes.me.emails),
        ends_process=case.ends_process,
        promises_times=case.promises_times,
        times_unknown=bool(unknown),
        reschedule_link=around.reschedule_link,
        messages=around.messages,
        options=wishes.replies,
        now=now,
        respond_by=times.deadline(parts, case.start, now),
    )


def _reason(parts: Parts, case: Case, spoken: str) -> str | None:
    """One of the person's phrases, or none; a mere question ("only ten minutes between") claims no commitment."""
    if case.weight is Weight.QUESTION and case.occasion is None:
        return None
    wishes = parts.preferences
    return reason.choose(
        case.situation,
        case.occasion or Occasion.BUSY,
        wishes.replies,
        language=spoken,
        first_language=wishes.languages[0],
    )


def _offers_times(intent: Intent, case: Case) -> bool:
    if intent is Intent.RESCHEDULE:
        return True
    return intent is Intent.ACKNOWLEDGE and not case.ends_process and not case.promises_times


def write(parts: Parts, case: Case, around: conversation.Surroundings, intent: Intent) -> tuple[Brief, Letter]:
    """The letter for a case, checked, with what approval would do listed."""
    brief = brief_for(parts, case, around, intent)
    letter = compose.compose(brief)
    actions = actions_of(parts, letter, around.interview, around.account)
    letter = replace(letter, actions=actions, why=(*case.why, *letter.why))
    return brief, checked(parts, letter, around)


def actions_of(parts: Parts, letter: Letter, interview: Interview, account: Account) -> tuple[Action, ...]:
    """What approval makes happen, in order: the mail, then the answer to the invitation, then holds."""
    if not letter.content.to:
        return ()
    people = ", ".join(str(person) for person in (*letter.content.to, *letter.content.cc))
    how = account.describe()
    words = f"send this mail to {people} from {account.email or account.name}" + (f" (it {how})" if how else "")
    actions = [Action("send", words)]
    answer = rsvp.planned(parts, letter, interview)
    if answer is not None:
        actions.append(answer)
    if parts.preferences.replies.hold and letter.slots:
        for span in letter.slots:
            value = f"{span.start.isoformat()}/{span.end.isoformat()}"
            when = rsvp.in_words(span, parts.preferences.zone)
            actions.append(Action("hold", f'then put a private "Busy" on your calendar for {when}', value))
    return tuple(actions)


def checked(parts: Parts, letter: Letter, around: conversation.Surroundings) -> Letter:
    """The letter with the findings of the etiquette check on its present text."""
    now = parts.now()
    context = etiquette.EtiquetteContext(
        other_names=tuple(dict.fromkeys(name for other in around.others for name in _names(other))),
        own_names=_names(around.interview),
        thread_text="\n".join(f"{m.subject}\n{m.text}" for m in around.messages),
        sensitive=around.clashing_titles,
        user_name=parts.preferences.name,
        now=now,
        respond_by=times.deadline(parts, around.interview.span.start, now),
    )
    return replace(letter, etiquette=etiquette.check(letter, context))


def _names(interview: Interview) -> tuple[str, ...]:
    found = interview.recognition
    return tuple(name for name in (found.company, found.contact.person.name if found.contact else None) if name)


def expiry(parts: Parts, case: Case, intent: Intent) -> datetime:
    """A draft expires at the start; an acknowledgement after five working days."""
    if intent is Intent.ACKNOWLEDGE:
        return add_working_days(max(case.first_seen, parts.now()), 5, parts.preferences.zone)
    return max(case.start, parts.now()) if case.situation is not Situation.MANUAL else max(case.end, parts.now())


def create(parts: Parts, case: Case, around: conversation.Surroundings, intent: Intent) -> Draft:
    """Writes the letter of a settled case and keeps it as a waiting draft; the mailbox gets it next."""
    brief, letter = write(parts, case, around, intent)
    until = expiry(parts, case, intent)
    with parts.store.write():
        if case.state is CaseState.SETTLING or case.state is CaseState.ASKING:
            parts.store.cases.move(
                case.id, case.state, CaseState.OPEN, now=parts.now(), who="calwatch", what="a letter is ready"
            )
        elif case.due_at is not None:
            parts.store.cases.change(case.id, case.state, now=parts.now(), due_at=None)  # asked again, as promised
        return parts.store.drafts.create(
            case.id,
            around.account.name,
            letter,
            hash=letter_hash(letter, around.account.name),
            key=uuid.uuid4().hex,
            now=parts.now(),
            respond_by=min(brief.respond_by, until),
            expires=until,
        )


def prove(parts: Parts, draft: Draft) -> Proof:
    """A second look at a draft, right now: times, trouble, and whether the user has written in the meantime."""
    case = parts.store.cases.get(draft.case_id)
    now = parts.now()
    interview = known.interview_of(parts, case)
    taken: tuple[Span, ...] = ()
    if draft.letter.slots:
        reach = Span(min(s.start for s in draft.letter.slots), max(s.end for s in draft.letter.slots))
        window = reach.padded(timedelta(days=1))
        busy = times.taken_time(parts, window, but=case.booking_ids, case_id=case.id)
        margin = max(parts.preferences.slots.buffer, times.travel_of(parts, interview))
        taken = still_free(draft.letter.slots, busy, times.reserved_times(parts, case.id), margin)
        taken += tuple(slot for slot in draft.letter.slots if slot.start <= now and slot not in taken)
    answered = handled.written_since(
        parts,
        (*draft.letter.content.to, *draft.letter.content.cc),
        max(handled.trouble_began(parts, case, interview), draft.created),
        but=handled.own_mail(parts),
    )
    return Proof(
        taken=taken,
        unknown=parts.unknown_calendars(now) if draft.letter.slots else (),
        stands=case.state in (CaseState.OPEN, CaseState.ASKING) and _as_it_was(case, interview),
        answered=answered,
    )


def _as_it_was(case: Case, interview: Interview) -> bool:
    """Whether a letter the person asked for still speaks of the appointment as it is; other cases follow it anyway."""
    then = case.snapshot
    if case.situation is not Situation.MANUAL or then is None:
        return True
    same_time = interview.span.start == then.span.start
    return same_time and interview.lead.event.status is then.lead.event.status


def as_edited_in_mailbox(parts: Parts, draft: Draft, content: Content, *, by_person: bool = True) -> Letter:
    """The letter as the person left it in the mailbox; only times whose line is still there are offered and held.

    People a provider put there by itself (``by_person`` false) were named by nobody: the check objects to them.
    """
    letter = draft.letter
    flat = " ".join(content.text.split())
    kept = [
        (s, line) for s, line in zip(letter.slots, letter.slot_lines, strict=False) if " ".join(line.split()) in flat
    ]
    who = letter.recipient
    if by_person and _everybody(content) != _everybody(letter.content):
        who = replace(who, to=content.to, cc=content.cc, named_by_user=True)
    edited = replace(
        letter,
        content=content,
        recipient=who,
        slots=tuple(span for span, _ in kept),
        slot_lines=tuple(line for _, line in kept),
    )
    account = parts.accounts.get(draft.account)
    if account is not None:
        interview = known.interview_of(parts, parts.store.cases.get(draft.case_id))
        edited = replace(edited, actions=actions_of(parts, edited, interview, account))
    return recheck(parts, draft, edited)


def _everybody(content: Content) -> list[frozenset[str]]:
    return [frozenset(person.email for person in group) for group in (content.to, content.cc, content.bcc)]


def recheck(parts: Parts, draft: Draft, letter: Letter) -> Letter:
    """The etiquette check again, on whatever the text is now; without the mailbox the last findings stay."""
    case = parts.store.cases.get(draft.case_id)
    try:
        around = conversation.surroundings(parts, case)
    except (Retry, Stop, NeedsSignIn):
        return letter
    return letter if around is None else checked(parts, letter, around)


def renewed(parts: Parts, draft: Draft) -> Letter:
    """The letter with times that are free now, its other words untouched; a touched one stays exactly as it is."""
    if draft.touched:
        return draft.letter
    case = parts.store.cases.get(draft.case_id)
    proof = prove(parts, draft)
    if not proof.taken:
        return draft.letter
    around = conversation.surroundings(parts, case)
    if around is None:
        return draft.letter
    brief = brief_for(parts, case, around, draft.letter.intent)
    kept = tuple(slot for slot in draft.letter.slots if slot not in proof.taken)
    fill = [slot for slot in (*brief.slots, *brief.alternatives) if not any(slot.overlaps(k) for k in kept)]
    slots = tuple(sorted((*kept, *fill[: len(draft.letter.slots) - len(kept)])))
    listed = {*draft.letter.slots, *draft.letter.alternatives, *brief.alternatives, *slots}
    widened = replace(draft.letter, alternatives=tuple(sorted(listed - set(draft.letter.slots))))
    letter = compose.relist(widened, slots, brief, gone=proof.taken)
    letter = replace(letter, actions=actions_of(parts, letter, around.interview, around.account))
    return checked(parts, letter, around)
