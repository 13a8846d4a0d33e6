"""Every sentence in the source that the page can show has its German: a new one complains here until it does."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import calwatch
from builders import NOW
from calwatch.detect.stage import STAGES
from calwatch.model.case import (
    CaseState,
    DraftState,
    EffectKind,
    EffectState,
    Intent,
    Move,
    Occasion,
    Outcome,
    RequestKind,
    Situation,
)
from calwatch.model.draft import Draft
from calwatch.store.wording import IS, MADE, refusal
from calwatch.web.sentences import grammar, translate
from source_sentences import sentences_in
from stories import a_letter

SOURCE = Path(calwatch.__file__).parent

SPEAKERS = (
    *("detect/rules/*.py", "detect/collision.py", "detect/priority.py", "detect/contact.py", "detect/evidence.py"),
    *("detect/role.py", "detect/interview.py", "draft/recipient.py", "draft/zone.py", "draft/phone.py"),
    *("draft/compose.py", "draft/manners.py", "draft/proofs.py", "propose/slots.py", "approve/binding.py"),
    *("send/*.py", "pipeline/*.py", "store/drafts.py", "store/cases.py", "store/questions.py", "store/effects.py"),
    *("store/wording.py", "store/concern.py", "store/bookings.py", "formats/ical.py", "formats/component.py"),
    *("formats/moments.py", "formats/mime.py", "formats/headers.py", "recur/rules.py", "providers/*.py"),
    *(
        "notify/apprise_urls.py",
        "providers/local/*.py",
        "providers/google/**/*.py",
        "providers/outlook/**/*.py",
        "providers/remote/*.py",
    ),
)
"""The modules whose texts end on a page: in a case, a letter, a draft, the history, an answer, an account's health."""

FOR_THE_TERMINAL = frozenset(
    {"options.py", "consent.py", "device.py", "browser.py", "standing.py", "loopback.py", "tenants.py", "identity.py"}
)
"""What only signing in and ``check`` say."""

FOR_MACHINES = frozenset({"body.py", "marker.py", "search.py", "payload.py", "messages.py", "server.py", "address.py"})
"""Queries, HTML and headers; ``server`` and ``address`` speak of the configuration file."""

_EXCUSED = tomllib.loads(Path(__file__).with_name("whole_sentences.toml").read_text("utf-8"))
NOT_SHOWN = frozenset(_EXCUSED["not_shown"])
"""A subject, the log, words of others, and why a source is read anew."""
PIECES = frozenset(piece for one in _EXCUSED["whole"] for piece in one["pieces"])
"""What the catalogue has only as part of a whole."""


def said() -> Iterator[tuple[str, str]]:
    """Every sentence of the source with the module that says it."""
    for pattern in SPEAKERS:
        for module in sorted(SOURCE.glob(pattern)):
            if module.name not in FOR_THE_TERMINAL | FOR_MACHINES:
                for text in sentences_in(module, bugs=module.parent.name in ("formats", "recur")):
                    yield str(module.relative_to(SOURCE)), text


def catalogued() -> set[str]:
    known = grammar("de")
    assert known is not None
    return {"{}".join(pattern.literals) for patterns in known.patterns.values() for pattern in patterns}


def test_every_sentence_of_the_source_is_in_the_catalogue() -> None:
    known = catalogued() | PIECES | NOT_SHOWN
    missing = sorted({f"{module}: {text}" for module, text in said() if text not in known})
    assert missing == []


@pytest.mark.parametrize("whole", [text for one in _EXCUSED["whole"] for text in one["says"]])
def test_what_is_put_together_of_pieces_is_said_whole(whole: str) -> None:
    assert translate(whole, "de").language == "de"


def test_nothing_is_excused_that_nobody_says() -> None:
    texts = {text for _, text in said()}
    assert sorted((PIECES | NOT_SHOWN) - texts) == []


def test_nothing_is_excused_that_is_in_the_catalogue() -> None:
    assert sorted((PIECES | NOT_SHOWN) & catalogued()) == []


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ("intent", Intent),
        ("situation", Situation),
        ("occasion", Occasion),
        ("outcome", Outcome),
        ("state", DraftState),
        ("case", CaseState),
        ("effect", EffectKind),
        ("effectstate", EffectState),
        ("request", RequestKind),
        ("value", ("dropped", "they-cancelled", "sent", "not-sent", "interview", "not", "same", "different")),
        ("values", [repr(word) for word in ("dropped", "they-cancelled", "sent", "not-sent")]),
        ("intents", [repr(intent.value) for intent in Intent]),
        ("stage", [stage.replace("_", " ") for stage in STAGES]),
        ("is", IS.values()),
        ("sentence", MADE.values()),
        ("sentence", ("asking", "open", *(f"closed ({outcome})" for outcome in Outcome))),
    ],
)
def test_every_word_that_stands_inside_a_sentence_has_its_german(section: str, words: Iterable[str]) -> None:
    known = grammar("de")
    assert known is not None
    assert [str(word) for word in words if known.say(str(word), section) is None] == []


def test_every_refusal_of_a_move_has_its_german() -> None:
    draft = Draft(
        id=3,
        case_id=1,
        version=1,
        state=DraftState.WAITING,
        account="personal",
        letter=a_letter(),
        hash="",
        key="",
        created=NOW,
        changed=NOW,
        respond_by=NOW,
        expires=NOW,
    )
    refusals = [refusal(replace(draft, state=state), move) for state in DraftState for move in Move]
    assert [text for text in refusals if translate(text, "de").language != "de"] == []
