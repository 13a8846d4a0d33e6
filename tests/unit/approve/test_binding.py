"""What may be approved, and the sentence that says what to do when it may not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from builders import DANA, NOW
from calwatch.approve.binding import objection
from calwatch.model.case import DraftState, Intent
from calwatch.model.draft import Channel, Draft, Finding, Letter, Level, Recipient, Stored
from calwatch.model.message import Content

LETTER = Letter(
    intent=Intent.RESCHEDULE,
    content=Content(to=(DANA,), subject="Re: Interview", text="Hi Dana, could we move it?"),
    recipient=Recipient(to=(DANA,), evidence="she wrote"),
)
DRAFT = Draft(
    id=12,
    case_id=1,
    version=2,
    state=DraftState.WAITING,
    account="personal",
    letter=LETTER,
    hash="h",
    key="k",
    created=NOW,
    changed=NOW,
    respond_by=NOW,
    expires=NOW + timedelta(days=1),
    stored=Stored("ref", "v1", of_version=2),
)


def said(draft: Draft, *, delivery: str = "send", transmits: bool = True) -> str:
    return objection(draft, now=NOW, delivery=delivery, transmits=transmits) or ""


def test_a_letter_in_order_can_be_approved() -> None:
    assert said(DRAFT) == ""


def test_a_remark_does_not_stop_it() -> None:
    remark = Finding("brevity", Level.WARN, "It is long.", "Be brief.")
    assert said(replace(DRAFT, letter=replace(LETTER, etiquette=(remark,)))) == ""


def test_a_block_stops_it_and_says_why() -> None:
    block = Finding("times", Level.BLOCK, "a time is missing", "")
    assert "a time is missing" in said(replace(DRAFT, letter=replace(LETTER, etiquette=(block,))))


@pytest.mark.parametrize("state", [state for state in DraftState if state is not DraftState.WAITING])
def test_only_a_waiting_draft_can_be_approved(state: DraftState) -> None:
    assert "only a waiting draft" in said(replace(DRAFT, state=state))


def test_an_expired_one_cannot() -> None:
    assert "expired" in said(replace(DRAFT, expires=NOW))


def test_where_nothing_is_ever_sent_it_says_what_to_do() -> None:
    assert "Drafts folder" in said(DRAFT, delivery="drafts")


def test_an_account_that_cannot_send_says_so() -> None:
    assert "outgoing" in said(DRAFT, transmits=False)


def test_without_a_recipient_one_must_be_named() -> None:
    nobody = replace(LETTER, content=replace(LETTER.content, to=()), recipient=Recipient())
    assert "--to" in said(replace(DRAFT, letter=nobody))


def test_a_phone_card_is_not_sent() -> None:
    card = replace(LETTER, channel=Channel.PHONE, recipient=Recipient())
    assert "call" in said(replace(DRAFT, letter=card))


@pytest.mark.parametrize("stored", [None, Stored("ref", "v1", of_version=1)])
def test_what_is_not_in_the_mailbox_yet_cannot_be_approved(stored: Stored | None) -> None:
    assert "not in your mailbox yet" in said(replace(DRAFT, stored=stored))


def test_touched_alone_is_fine() -> None:
    assert said(replace(DRAFT, touched=True)) == ""
