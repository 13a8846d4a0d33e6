"""A Maildir as mailbox: what other programs do to it, what a crash leaves, and what nobody outside may learn."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from builders import ALEX, DANA
from calwatch.errors import Doubt, Retry, Stop, Touched
from calwatch.model.event import Person
from calwatch.model.message import Message
from calwatch.ports import Accepted, Gone, MailQuery, Refused, Sent, StoredDraft, Waiting
from calwatch.providers.local.mail import LocalMail
from contract.local_mail_world import LocalMailWorld
from contract.mail_suite import LETTER, SINCE
from fakes.clock import ManualClock
from fakes.smtp_server import Cut, SmtpServer


@pytest.fixture(scope="module")
def running() -> Iterator[SmtpServer]:
    with SmtpServer() as server:
        yield server


@pytest.fixture
def world(tmp_path: Path) -> LocalMailWorld:
    return LocalMailWorld(tmp_path / "Maildir", ALEX, "maildir", None)


@pytest.fixture
def smtp(tmp_path: Path, running: SmtpServer) -> LocalMailWorld:
    return LocalMailWorld(tmp_path / "Maildir", ALEX, running.url, running)


def a_thread(world: LocalMailWorld) -> Message:
    world.receive("Hi Alex, does Tuesday work?", sender=DANA, subject="Interview at Acme")
    return world.mail.find(MailQuery(addresses=frozenset({DANA.email})))[0]


def a_draft(world: LocalMailWorld) -> StoredDraft:
    return world.mail.save_draft(a_thread(world), LETTER, "key-1")


def files(world: LocalMailWorld, folder: str) -> list[Path]:
    base = world.root / folder / "cur"
    return sorted(base.iterdir()) if base.exists() else []


def test_an_unchanged_maildir_opens_nothing(world: LocalMailWorld) -> None:
    for number in range(5):
        world.receive(f"mail {number}", sender=DANA, subject="Hi")
    cursor = world.mail.changes(None, SINCE).cursor
    opened = world.local.counters["files_opened"]
    assert world.mail.changes(cursor, SINCE).cursor == cursor
    assert world.local.counters["files_opened"] == opened


def test_flags_and_moves_from_new_to_cur_are_no_news(world: LocalMailWorld) -> None:
    thread = a_thread(world)
    cursor = world.mail.changes(None, SINCE).cursor
    (path,) = (world.root / "new").iterdir()
    path = path.rename(world.root / "cur" / f"{path.name}:2,")
    path.rename(path.with_name(f"{path.name}RS"))
    assert not world.mail.changes(cursor, SINCE).messages
    assert world.mail.find(MailQuery(message_ids=frozenset({thread.message_id})))[0].ref == thread.ref


def test_archive_folders_are_read_and_trash_spam_and_drafts_are_not(world: LocalMailWorld) -> None:
    for folder in (".Archive.2026", ".Trash", ".Junk", ".Templates"):
        (world.root / folder / "cur").mkdir(parents=True)
        world.drop("cur", f"From: {folder}@acme.example\nSubject: {folder}\n\nHi".encode(), folder, "S")
    world.drop("cur", b"Subject: thrown away\n\nHi", "", "ST")
    world.drop("cur", b"Subject: begun\n\nHi", "", "D")
    assert [m.subject for m in world.mail.changes(None, SINCE).messages] == [".Archive.2026"]


def test_a_mail_that_cannot_be_read_is_named_and_the_rest_goes_on(world: LocalMailWorld) -> None:
    deep = b"".join(b"--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n" % (n, n + 1) for n in range(3000))
    world.drop("new", b"Subject: bomb\nContent-Type: multipart/mixed; boundary=b0\n\n" + deep)
    world.receive("fine", sender=DANA, subject="Fine")
    changes = world.mail.changes(None, SINCE)
    assert [m.subject for m in changes.messages] == ["Fine"]
    assert "nested" in changes.problems[0].reason


def test_old_mail_is_not_read_at_first(world: LocalMailWorld) -> None:
    world.receive("old", sender=DANA, subject="Old")
    assert not world.mail.changes(None, world.clock.now() + timedelta(days=30)).messages


def test_a_missing_maildir_says_what_to_do(tmp_path: Path) -> None:
    mail = LocalMail(tmp_path / "no", me=ALEX, addresses=frozenset(), viewer_zone="Europe/Berlin", clock=ManualClock())
    with pytest.raises(Stop, match="no Maildir"):
        mail.changes(None, SINCE)
    with pytest.raises(Stop, match="no Maildir"):
        mail.save_draft(None, LETTER, "key")


def test_a_conversation_is_one_thread_even_without_the_whole_chain(world: LocalMailWorld) -> None:
    first = a_thread(world)
    world.receive("two", sender=DANA, subject="Re", answers=first)
    world.drop(
        "new",
        f"From: tom@acme.example\nMessage-ID: <3@acme.example>\nIn-Reply-To: <3.{DANA.email}>\n\nthree".encode(),
    )
    texts = {m.text: m.thread for m in world.mail.changes(None, SINCE).messages}
    assert len(set(texts.values())) == 1
    found = world.mail.find(MailQuery(threads=frozenset({first.message_id})))
    assert {m.text for m in found} == {"Hi Alex, does Tuesday work?", "two", "three"}


def test_a_draft_lies_in_drafts_privately_and_tells_nothing(world: LocalMailWorld) -> None:
    draft = a_draft(world)
    (path,) = files(world, ".Drafts")
    assert path.stat().st_mode & 0o077 == 0
    assert path.name.endswith(":2,DS")
    data = path.read_bytes()
    assert b"calwatch" not in data.lower()
    assert b"key-1" not in data
    assert draft.message_id.endswith("@example.com>")


def test_sent_mail_is_dated_when_it_left_and_filed_as_seen(world: LocalMailWorld) -> None:
    draft = a_draft(world)
    world.clock.advance(timedelta(days=3))
    world.mail.send_draft(draft.ref, draft.version)
    (path,) = files(world, ".Sent")
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert mail["Date"].datetime == world.clock.now()
    assert mail["Message-ID"] == draft.message_id
    assert not files(world, ".Drafts")


def test_a_crash_between_filing_and_clearing_up_is_seen_as_sent_and_cleared(world: LocalMailWorld) -> None:
    draft = a_draft(world)
    (path,) = files(world, ".Drafts")
    kept = path.read_bytes()
    world.mail.send_draft(draft.ref, draft.version)
    path.write_bytes(kept)  # the draft is still there, as the crash left it
    world.restart()
    assert isinstance(world.mail.look(draft.ref, "key-1"), Sent)
    assert not files(world, ".Drafts")
    assert len(files(world, ".Sent")) == 1


def test_a_letter_that_was_sent_is_not_drafted_again_under_its_key(world: LocalMailWorld) -> None:
    draft = a_draft(world)
    world.mail.send_draft(draft.ref, draft.version)
    with pytest.raises(Touched):
        world.mail.save_draft(a_thread(world), LETTER, "key-1")


def test_without_a_way_out_nothing_is_sent(tmp_path: Path) -> None:
    world = LocalMailWorld(tmp_path / "Maildir", ALEX, "", None)
    draft = a_draft(world)
    assert not world.mail.transmits
    assert isinstance(world.mail.send_draft(draft.ref, draft.version), Refused)
    assert isinstance(world.mail.look(draft.ref, "key-1"), Waiting)
    assert "never sends" in world.local.describe()


def test_a_program_that_gives_a_new_message_id_on_sending_is_understood(world: LocalMailWorld) -> None:
    thread = a_thread(world)
    world.write("Earlier words of mine.", to=DANA, subject="Re: Interview", answers=thread)
    world.clock.advance(60)
    draft = world.mail.save_draft(thread, LETTER, "key-1")
    world.clock.advance(60)
    world.throw_away(draft.ref)
    assert isinstance(world.mail.look(draft.ref, "key-1"), Gone)
    world.write("It no longer works.", to=DANA, subject="Re: Interview at Acme", answers=thread)
    seen = world.mail.look(draft.ref, "key-1")
    assert isinstance(seen, Sent)
    assert seen.message.text == "It no longer works."


def test_flags_set_by_a_mail_program_do_not_touch_a_draft(world: LocalMailWorld) -> None:
    draft = a_draft(world)
    (path,) = files(world, ".Drafts")
    path.rename(path.with_name(path.name.replace(":2,DS", ":2,DFS")))
    assert world.mail.look(draft.ref, "key-1") == Waiting(draft)
    assert isinstance(world.mail.send_draft(draft.ref, draft.version), Accepted)


# -- over SMTP ---------------------------------------------------------------------------------------------------


def test_blind_copies_are_delivered_and_not_shown(smtp: LocalMailWorld, running: SmtpServer) -> None:
    from dataclasses import replace

    letter = replace(LETTER, cc=(Person("tom@acme.example"),), bcc=(Person("me@rivera.example"),))
    draft = smtp.mail.save_draft(None, letter, "key-1")
    smtp.mail.send_draft(draft.ref, draft.version)
    (envelope,) = running.accepted
    assert envelope.rcpt_tos == ["dana@acme.example", "tom@acme.example", "me@rivera.example"]
    assert isinstance(envelope.content, bytes)
    assert b"me@rivera.example" not in envelope.content
    assert b"me@rivera.example" in files(smtp, ".Sent")[0].read_bytes()


@pytest.mark.parametrize("cut", [Cut.HELLO, Cut.MAIL, Cut.RCPT, Cut.DATA, Cut.GREYLISTED, Cut.LATER])
def test_what_certainly_did_not_leave_still_lies_in_drafts(smtp: LocalMailWorld, running: SmtpServer, cut: Cut) -> None:
    draft = a_draft(smtp)
    running.cut = cut
    with pytest.raises(Retry):
        smtp.mail.send_draft(draft.ref, draft.version)
    assert smtp.mail.look(draft.ref, "key-1") == Waiting(draft)
    running.cut = Cut.NONE
    assert isinstance(smtp.mail.send_draft(draft.ref, draft.version), Accepted)
    assert len(running.accepted) == 1


@pytest.mark.parametrize("cut", [Cut.TAKEN, Cut.DROPPED])
def test_a_doubtful_draft_is_in_neither_folder_and_is_not_thrown_away(
    smtp: LocalMailWorld, running: SmtpServer, cut: Cut
) -> None:
    draft = a_draft(smtp)
    running.cut = cut
    with pytest.raises(Doubt):
        smtp.mail.send_draft(draft.ref, draft.version)
    smtp.restart()
    assert isinstance(smtp.mail.look(draft.ref, "key-1"), Gone)
    assert smtp.mail.find_sent(draft.ref, "key-1", draft.message_id, SINCE) is None
    with pytest.raises(Touched):
        smtp.mail.discard(draft.ref, draft.version)
    assert len(files(smtp, ".Sending")) == 1


def test_a_doubt_is_resolved_when_the_copy_shows_up_in_sent(smtp: LocalMailWorld, running: SmtpServer) -> None:
    draft = a_draft(smtp)
    running.cut = Cut.TAKEN
    with pytest.raises(Doubt):
        smtp.mail.send_draft(draft.ref, draft.version)
    (left,) = files(smtp, ".Sending")
    smtp.drop("cur", left.read_bytes(), ".Sent", "S")  # some servers file what passes through them
    found = smtp.mail.find_sent(draft.ref, "key-1", draft.message_id, SINCE)
    assert found is not None
    assert found.message_id == draft.message_id


def test_after_the_persons_word_a_doubtful_draft_can_be_rewritten(smtp: LocalMailWorld, running: SmtpServer) -> None:
    draft = a_draft(smtp)
    running.cut = Cut.DROPPED
    with pytest.raises(Doubt):
        smtp.mail.send_draft(draft.ref, draft.version)
    running.cut = Cut.NONE
    again = smtp.mail.update_draft(draft.ref, LETTER, draft.version)
    assert not files(smtp, ".Sending")
    assert isinstance(smtp.mail.send_draft(again.ref, again.version), Accepted)


def test_a_sent_mail_whose_copy_cannot_be_filed_is_sent_all_the_same(smtp: LocalMailWorld, running: SmtpServer) -> None:
    draft = a_draft(smtp)
    sent = smtp.root / ".Sent"
    for part in ("cur", "new", "tmp"):
        (sent / part).rmdir()
    sent.rmdir()
    sent.write_text("not a folder")
    assert isinstance(smtp.mail.send_draft(draft.ref, draft.version), Accepted)
    assert len(running.accepted) == 1
    assert not files(smtp, ".Drafts")


def test_an_answer_to_an_invitation_leaves_once_even_when_nobody_knows_whether_it_left(
    smtp: LocalMailWorld, running: SmtpServer
) -> None:
    def answer() -> None:
        assert isinstance(smtp.mail, LocalMail)
        smtp.mail.send_answer(DANA, "Declined: Interview", "Alex cannot come.", b"BEGIN:VCALENDAR\r\n", "key-1")

    running.cut = Cut.TAKEN
    with pytest.raises(Doubt):
        answer()
    running.cut = Cut.NONE
    smtp.restart()
    with pytest.raises(Stop, match="unknown"):
        answer()
    assert len(running.accepted) == 1


def test_an_answer_that_certainly_did_not_leave_is_tried_again(smtp: LocalMailWorld, running: SmtpServer) -> None:
    def answer() -> None:
        assert isinstance(smtp.mail, LocalMail)
        smtp.mail.send_answer(DANA, "Declined: Interview", "Alex cannot come.", b"BEGIN:VCALENDAR\r\n", "key-1")

    running.cut = Cut.GREYLISTED
    with pytest.raises(Retry):
        answer()
    running.cut = Cut.NONE
    answer()
    answer()
    assert len(running.accepted) == 1
    assert not files(smtp, ".Sending")


def test_what_lies_among_the_mails_and_is_none_is_named_and_the_rest_goes_on(world: LocalMailWorld) -> None:
    noise = world.drop("new", b"\xff" * 3000)
    empty = world.drop("cur", b"", flags="S")
    folder = world.root / "new" / "folder"
    folder.mkdir()
    world.receive("Hello", sender=DANA, subject="Hi")
    changes = world.mail.changes(None, SINCE)
    assert [m.subject for m in changes.messages] == ["Hi"]
    said = {p.ref: p.reason for p in changes.problems}
    assert said == {
        f"INBOX/{noise.name}": "the mail cannot be read: it is no mail, for it has no headers",
        f"INBOX/{empty.name.partition(':')[0]}": "the mail cannot be read: the file is empty",
        "INBOX/folder": "the mail cannot be read: it is a folder",
    }
    assert len(world.mail.find(MailQuery(addresses=frozenset({DANA.email})))) == 1
    assert not world.mail.changes(changes.cursor, SINCE).problems
