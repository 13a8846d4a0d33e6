"""Everything unclear stops the mail, each thing in its own way."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from builders import DANA, NOW, a_message
from calwatch.approve.canonical import letter_hash
from calwatch.model.case import DraftState, Intent
from calwatch.model.draft import Draft, Letter, Stored
from calwatch.model.message import Content
from calwatch.model.span import Span
from calwatch.send.preflight import PATIENCE, Facts, Verdict, decide

SLOT = Span(NOW + timedelta(days=5), NOW + timedelta(days=5, hours=1))
CONTENT = Content(to=(DANA,), subject="Re: Interview", text="Hi Dana, could we move it?")
LETTER = Letter(intent=Intent.RESCHEDULE, content=CONTENT, slots=(SLOT,), slot_lines=("Saturday",))
HASH = letter_hash(LETTER, "personal")
DRAFT = Draft(
    id=1,
    case_id=1,
    version=1,
    state=DraftState.APPROVED,
    account="personal",
    letter=LETTER,
    hash=HASH,
    key="k",
    created=NOW,
    changed=NOW,
    respond_by=NOW,
    expires=NOW + timedelta(days=3),
    approved_hash=HASH,
    approved_at=NOW,
    stored=Stored("ref", "v1"),
)
FINE = Facts(
    draft=DRAFT,
    now=NOW + timedelta(seconds=31),
    synced_at=NOW + timedelta(seconds=30),
    in_mailbox=CONTENT,
    mailbox_version="v1",
    mailbox_hash=HASH,
)


def test_when_all_is_as_approved_it_goes() -> None:
    assert decide(FINE).verdict is Verdict.GO


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({"sent": a_message()}, Verdict.HAND_SENT),
        ({"now": DRAFT.expires}, Verdict.EXPIRE),
        ({"now": NOW + PATIENCE + timedelta(seconds=1)}, Verdict.FAIL),
        ({"trouble_stands": False}, Verdict.GONE),
        ({"answered": a_message()}, Verdict.FAIL),
        ({"synced_at": None}, Verdict.WAIT),
        ({"synced_at": NOW - timedelta(seconds=1)}, Verdict.WAIT),
        ({"in_mailbox": None}, Verdict.WAIT),
        ({"mailbox_version": "v2"}, Verdict.FAIL),
        ({"mailbox_hash": "another"}, Verdict.FAIL),
        ({"draft": replace(DRAFT, hash="another")}, Verdict.FAIL),
        ({"draft": replace(DRAFT, stored=None)}, Verdict.FAIL),
        ({"unknown": ("work/primary",)}, Verdict.WAIT),
        ({"taken": (SLOT,)}, Verdict.FAIL),
    ],
)
def test_each_doubt_keeps_it_back(change: dict[str, object], verdict: Verdict) -> None:
    decision = decide(replace(FINE, **change))  # type: ignore[arg-type] # each row names a field of Facts
    assert decision.verdict is verdict
    assert decision.reason


def test_what_was_sent_by_hand_comes_before_everything_else() -> None:
    facts = replace(FINE, sent=a_message(), now=DRAFT.expires, trouble_stands=False, taken=(SLOT,))
    assert decide(facts).verdict is Verdict.HAND_SENT


def test_a_letter_without_times_does_not_care_about_unknown_calendars() -> None:
    plain = replace(LETTER, slots=(), slot_lines=())
    draft = replace(DRAFT, letter=plain)
    assert decide(replace(FINE, draft=draft, unknown=("work/primary",))).verdict is Verdict.GO


def test_fifteen_minutes_to_the_second_are_still_in_time() -> None:
    assert decide(replace(FINE, now=NOW + PATIENCE)).verdict is Verdict.GO
