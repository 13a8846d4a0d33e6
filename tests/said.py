"""Every sentence the approval page can show of one world: read off its store and its accounts' health."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count

from calwatch.errors import NotFound
from calwatch.model.booking import Recognition
from calwatch.model.draft import Letter
from calwatch.pipeline import Pipeline
from calwatch.pipeline.parts import Health
from calwatch.store import Store


def said_in(store: Store, health: Iterable[Health] = (), pipeline: Pipeline | None = None) -> set[str]:
    """All of it, each once; with the ``pipeline`` also what ``why`` says about every event."""
    found = {*_of_store(store), *(one.detail for one in health)}
    if pipeline is not None:
        for booking in (n for case in store.cases.all() for n in case.booking_ids):
            found.update(pipeline.why(booking))
    return found - {""}


def of_letter(letter: Letter) -> Iterator[str]:
    yield from letter.why
    yield letter.recipient.evidence
    if letter.recipient_timezone is not None:
        yield letter.recipient_timezone.evidence
    if letter.phone is not None:
        yield letter.phone.evidence
    for action in letter.actions:
        yield action.detail
    for finding in letter.etiquette:
        yield from (finding.text, finding.guideline)


def of_recognition(known: Recognition) -> Iterator[str]:
    yield from known.evidence
    if known.contact is not None:
        yield known.contact.evidence


def _of_store(store: Store) -> Iterator[str]:
    for draft in store.drafts.all():
        yield draft.notice
        yield from of_letter(draft.letter)
        for effect in store.effects.of_draft(draft.id):
            yield effect.detail
    for case in store.cases.all():
        yield from case.why
        for question in store.questions.of_case(case.id):
            yield question.text
        for number in case.booking_ids:
            known = store.bookings.recognition(number)
            if known is not None:
                yield from of_recognition(known)
            yield from store.meta.get(f"notice:{number}") or ()
    for entry in store.history.all(10_000):
        yield entry.what
    for unread in store.quarantine.all():
        yield unread.reason
    yield from _answers(store)


def _answers(store: Store) -> Iterator[str]:
    """How each request was answered."""
    for number in count(1):
        try:
            result = store.requests.get(number).result
        except NotFound:
            return
        if result is not None:
            yield result["text"]
