"""The canonical form of a draft's content, and the hash an approval binds to.

Providers rewrap lines, reorder nothing and recode characters; none of that may look like an edit, and no real edit may
hide behind it. So: addresses, subject and own text, NFC, with white space collapsed.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Sequence

from calwatch.model.draft import Action, Letter
from calwatch.model.event import Person
from calwatch.model.message import Content
from calwatch.model.span import Span


def canonical_text(text: str) -> str:
    """NFC with every run of white space as one blank."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def canonical(content: Content) -> str:
    """To, Cc, Bcc, subject and own text as one JSON line; equal for contents that read the same."""

    def addresses(people: Iterable[Person]) -> list[str]:
        return sorted(person.email.strip().lower() for person in people)

    return json.dumps(
        [
            addresses(content.to),
            addresses(content.cc),
            addresses(content.bcc),
            canonical_text(content.subject),
            canonical_text(content.text),
        ],
        ensure_ascii=False,
    )


def same_content(one: Content, other: Content) -> bool:
    """Whether a person would call them the same mail."""
    return canonical(one) == canonical(other)


def content_hash(content: Content, *, slots: Sequence[Span], actions: Sequence[Action], account: str) -> str:
    """Hex SHA-256 over the canonical content, the offered times, the actions in order and the account."""
    bound = [
        canonical(content),
        [[span.start.timestamp(), span.end.timestamp()] for span in slots],
        [[action.kind, action.value] for action in actions],
        account,
    ]
    return hashlib.sha256(json.dumps(bound, ensure_ascii=False).encode()).hexdigest()


def letter_hash(letter: Letter, account: str) -> str:
    """The hash of a whole letter as it would leave from ``account``."""
    return content_hash(letter.content, slots=letter.slots, actions=letter.actions, account=account)
