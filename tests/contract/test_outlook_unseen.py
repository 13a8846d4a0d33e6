"""Nothing leaves an Outlook mailbox unseen: whom a draft goes to and what it says is shown, however it got there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from builders import DANA
from calwatch.errors import Retry
from calwatch.model.event import Person
from calwatch.model.message import Message
from calwatch.ports import Gone, MailQuery, StoredDraft, Waiting
from contract.mail_suite import LETTER, SINCE
from contract.outlook_mail_world import CREATE, GET, REPLY, OutlookMailWorld
from fakes.clock import ManualClock
from fakes.microsoft import mail_html
from fakes.microsoft.faults import Fault
from fakes.microsoft.mail_items import Attachment, Mail
from fakes.microsoft.server import FakeMicrosoft


@pytest.fixture
def world(microsoft: FakeMicrosoft, clock: ManualClock, tmp_path: Path) -> Iterator[OutlookMailWorld]:
    world = OutlookMailWorld(microsoft, clock, tmp_path)
    yield world
    assert not microsoft.violations


@pytest.fixture
def thread(world: OutlookMailWorld) -> Message:
    world.receive("Hi Alex, does Tuesday work?", sender=DANA, subject="Interview at Acme")
    world.settle()
    return world.mail.find(MailQuery(addresses=frozenset({DANA.email})))[0]


@pytest.fixture
def draft(world: OutlookMailWorld, thread: Message) -> StoredDraft:
    return world.mail.save_draft(thread, LETTER, "key-1")


def kept(world: OutlookMailWorld) -> Mail:
    (only,) = world.outlook.drafts.values()
    return only


def now(world: OutlookMailWorld, draft: StoredDraft) -> StoredDraft:
    seen = world.mail.look(draft.ref, "key-1")
    assert isinstance(seen, Waiting)
    return seen.draft


def change(world: OutlookMailWorld, old: str, new: str) -> None:
    """The person, or an add-in of theirs, changes the body of the draft in a place of their choice."""
    mail = kept(world)
    assert old in mail.body
    mail.body = mail.body.replace(old, new, 1)
    world.outlook.changed(mail)


@pytest.mark.parametrize(
    "added",
    [
        Person("/o=exchangelabs/ou=exchange administrative group/cn=recipients/cn=bob", "Bob"),
        Person("everybody", "All of Acme"),
        Person("", "A group"),
    ],
    ids=["a name inside Exchange", "no address", "nothing"],
)
@pytest.mark.parametrize("group", ["to", "cc", "bcc"])
def test_whom_the_person_adds_is_shown_also_without_a_readable_address(
    world: OutlookMailWorld, draft: StoredDraft, added: Person, group: str
) -> None:
    world.outlook.edit_draft(draft.ref, **{group: (*getattr(LETTER, group), added)})
    there = getattr(now(world, draft).content, group)
    assert len(there) == len(getattr(LETTER, group)) + 1
    assert all(person.email for person in there)


def test_words_between_the_letter_and_the_quote_are_words_of_the_letter(
    world: OutlookMailWorld, draft: StoredDraft
) -> None:
    change(world, '<hr tabindex="-1"', '<div>Or any time on Friday.</div><hr tabindex="-1"')
    assert "Or any time on Friday." in now(world, draft).content.text


def test_words_below_a_pasted_quote_are_words_of_the_letter(world: OutlookMailWorld, draft: StoredDraft) -> None:
    change(
        world,
        '<div id="appendonsend">',
        '<div id="x_divRplyFwdMsg">From: Bob</div><div>Or any time on Friday.</div><div id="appendonsend">',
    )
    assert "Or any time on Friday." in now(world, draft).content.text


def test_words_below_what_only_looks_like_a_quote_are_words_of_the_letter(world: OutlookMailWorld) -> None:
    draft = world.mail.save_draft(None, LETTER, "key-1")
    world.edit(draft.ref, f"{LETTER.text}\n\nOn Tue, 5 May 2026 Dana wrote:\nOr any time on Friday.")
    assert "Or any time on Friday." in now(world, draft).content.text


@pytest.mark.parametrize("how", ["null_fields", "left_out"])
def test_a_draft_of_which_outlook_does_not_say_that_it_is_one_was_not_sent(
    world: OutlookMailWorld, draft: StoredDraft, how: str
) -> None:
    setattr(world.outlook, how, frozenset({"isDraft"}))
    assert isinstance(world.mail.look(draft.ref, "key-1"), Waiting)
    assert world.mail.find_sent(draft.ref, "key-1", draft.message_id, SINCE) is None
    world.throw_away(draft.ref)
    assert isinstance(world.mail.look(draft.ref, "key-1"), Gone)


def test_an_empty_reply_with_something_attached_is_the_person_s(world: OutlookMailWorld, thread: Message) -> None:
    begun = world.outlook.add(
        "drafts",
        subject=LETTER.subject,
        to=LETTER.to,
        body=mail_html.safe(mail_html.quoted([], world.outlook.mails[thread.ref].body)),
        thread=thread.thread,
        in_reply_to=thread.message_id,
        is_draft=True,
        attachments=(Attachment("AAMkAtt1=", "cv.pdf", "application/pdf", b"%PDF"),),
    )
    draft = world.mail.save_draft(thread, LETTER, "key-1")
    assert begun.ref not in draft.ref.split()
    assert mail_html.own_text(begun.body) == ""


@pytest.mark.parametrize("reply", [True, False])
def test_a_letter_that_was_stored_but_does_not_show_yet_is_not_stored_again(
    world: OutlookMailWorld, thread: Message, reply: bool
) -> None:
    """Outlook shows a new draft in lists, and by its marks, only after a moment."""
    world.outlook.read(thread)
    world.microsoft.faults.plan(GET, *[Fault.OK] * (1 if reply else 0), *[Fault.DOWN] * 4)
    with pytest.raises(Retry):
        world.mail.save_draft(thread if reply else None, LETTER, "key-1")
    mail, reply_to = kept(world), thread if reply else None
    mark, mail.properties, mail.is_draft = mail.properties, {}, False  # so that no list and no filter names it
    world.clock.advance(70)
    with pytest.raises(Retry):
        world.mail.save_draft(reply_to, LETTER, "key-1")
    mail.properties, mail.is_draft = mark, True
    draft = world.mail.save_draft(reply_to, LETTER, "key-1")
    assert draft.content.text.split() == LETTER.text.split()
    assert world.microsoft.count(REPLY) + world.microsoft.count(CREATE) == 1


def test_what_was_changed_below_the_words_stays_when_they_are_rewritten(
    world: OutlookMailWorld, draft: StoredDraft
) -> None:
    change(world, "does Tuesday work?", "does Tuesday work? YES")
    seen = now(world, draft)
    world.mail.update_draft(seen.ref, replace(LETTER, text="Shorter."), seen.version)
    assert "YES" in kept(world).body
