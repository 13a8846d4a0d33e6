"""What the person changes about a waiting draft: words, recipients, times, the kind of letter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from calwatch.approve.canonical import letter_hash
from calwatch.draft import compose
from calwatch.errors import Rejected, UsageError
from calwatch.model.addresses import is_unreadable, plain_address
from calwatch.model.case import (
    DraftState,
    Intent,
    Move,
)
from calwatch.model.draft import Draft, Letter
from calwatch.model.event import Person
from calwatch.model.ledger import Request
from calwatch.model.span import Span
from calwatch.pipeline import conversation, known, letters, mailbox
from calwatch.pipeline.parts import Parts


def edit(parts: Parts, request: Request) -> str:
    draft = known.draft_asked_for(parts, request)
    if draft.state is not DraftState.WAITING:
        raise Rejected(f"draft {draft.id} is {draft.state.value}; only a waiting draft can be changed")
    if draft.touched:
        raise Rejected(f"draft {draft.id} was changed in your mailbox; go on with it there")
    letter = draft.letter
    payload = request.payload
    if payload.get("intent"):
        letter = _with_intent(parts, draft, Intent(payload["intent"]))
    if payload.get("slots"):
        letter = _with_slots(parts, draft, letter, payload["slots"])
    if payload.get("to"):
        letter = _with_recipients(letter, payload["to"])
    if payload.get("body") is not None:
        letter = replace(letter, content=replace(letter.content, text=_clean(str(payload["body"]))))
    if payload.get("times") is not None:
        letter = _with_times(parts, draft, letter, payload["times"])
    account = mailbox.mailbox_of(parts, draft)
    if account is not None:
        interview = known.interview_of(parts, parts.store.cases.get(draft.case_id))
        letter = replace(letter, actions=letters.actions_of(parts, letter, interview, account))
    letter = letters.recheck(parts, draft, letter)
    moved = parts.store.drafts.move(
        draft.id,
        draft.version,
        Move.EDIT,
        now=parts.now(),
        who=request.who,
        what="edited",
        letter=letter,
        hash=letter_hash(letter, draft.account),
        notice="",
    )
    mailbox.stage(parts, moved)
    return f"draft {draft.id} is version {moved.version} now"


def _clean(text: str) -> str:
    """The person's own text as it may go into a mail: no control characters, one kind of line end."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    return "".join(c for c in unified if c in "\n\t" or (ord(c) >= 32 and ord(c) != 127)) + "\n"


def _with_intent(parts: Parts, draft: Draft, intent: Intent) -> Letter:
    if intent not in draft.letter.variants:
        possible = ", ".join(v.value for v in draft.letter.variants)
        raise UsageError(f"draft {draft.id} cannot become {intent.value!r}; it can be: {possible}")
    return written_anew(parts, draft, intent)


def written_anew(parts: Parts, draft: Draft, intent: Intent) -> Letter:
    """The whole letter again, with times that are free now; people whom the person named stay named."""
    case = parts.store.cases.get(draft.case_id)
    around = conversation.surroundings(parts, case)
    if around is None:
        raise Rejected("its mailbox cannot be read at the moment")
    if not draft.letter.recipient.named_by_user:
        return letters.write(parts, case, around, intent)[1]
    brief = letters.brief_for(parts, case, around, intent)
    return letters.checked(parts, compose.recompose_intent(draft.letter, intent, brief), around)


def _with_times(parts: Parts, draft: Draft, letter: Letter, wanted: Sequence[str]) -> Letter:
    """Times picked by themselves, as ``start/end`` in RFC 3339, from those offered and their alternatives."""
    free = (*letter.slots, *letter.alternatives)
    listed = {span: f"{span.start.isoformat()}/{span.end.isoformat()}" for span in free}
    if unknown := set(wanted) - set(listed.values()):
        raise Rejected(f"draft {draft.id}: {len(unknown)} of these times can no longer be offered; choose again")
    return _offering(parts, draft, letter, tuple(sorted(span for span, name in listed.items() if name in wanted)))


def _with_slots(parts: Parts, draft: Draft, letter: Letter, numbers: Sequence[int]) -> Letter:
    """Times picked by number (from 1) among ``alternatives``, or from the present times before them as listed by
    show.
    """
    listed = letter.alternatives
    wrong = [n for n in numbers if not 1 <= int(n) <= len(listed)]
    if wrong:
        raise UsageError(f"there is no alternative {wrong[0]}; draft {draft.id} has {len(listed)}")
    return _offering(parts, draft, letter, tuple(sorted(listed[int(n) - 1] for n in numbers)))


def _offering(parts: Parts, draft: Draft, letter: Letter, chosen: tuple[Span, ...]) -> Letter:
    case = parts.store.cases.get(draft.case_id)
    around = conversation.surroundings(parts, case)
    if around is None:
        raise Rejected("its mailbox cannot be read at the moment")
    return compose.relist(letter, chosen, letters.brief_for(parts, case, around, letter.intent))


def _with_recipients(letter: Letter, addresses: Sequence[str]) -> Letter:
    people: list[Person] = []
    for text in addresses:
        address = plain_address(text)
        if address is None:
            raise UsageError(f"{text!r} is not a mail address")
        if is_unreadable(address):
            raise Rejected(f"{address} is not read by anybody; name a person")
        people.append(Person(address, next((p.name for p in letter.content.to if p.email == address), "")))
    to = tuple(people)
    who = replace(letter.recipient, to=to, named_by_user=True, evidence="named by you")
    return replace(letter, recipient=who, content=replace(letter.content, to=to))
