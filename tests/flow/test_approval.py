"""Nothing leaves without approval of exactly what was shown, and then it leaves once."""

from __future__ import annotations

import signal
import subprocess
from email import message_from_bytes
from email.policy import default as readable
from pathlib import Path

import pytest

from calwatch.demo.people import DANA, SAM, Somebody
from fakes.smtp_server import Cut, SmtpServer
from flow.program import eventually
from flow.world import World, assert_is_what_was_shown, assert_offers_free_times, own_words, spans, text_of


def a_clash(world: World) -> None:
    start = world.acme()
    world.event("dentist", "Dentist", start)
    world.look()


def test_an_approval_counts_only_for_the_version_that_was_seen(world: World) -> None:
    a_clash(world)
    nobody_there = world.calwatch("approve", 1, code=2)
    assert "add --yes" in nobody_there.err
    assert "99" in world.calwatch("approve", 99, "--yes", code=3).err
    world.calwatch("edit", 1, "--slots", "1,2")
    stale = world.calwatch("approve", 1, "--yes", "--version", 1, code=5)
    assert "version 2 now" in stale.err
    world.look()
    assert world.sent() == []
    draft = world.draft()
    assert (draft["version"], draft["state"]) == (2, "waiting")
    world.calwatch("approve", 1, "--yes", "--version", 2)
    (mail,) = world.sent()
    assert_is_what_was_shown(mail, draft)


def test_a_time_that_was_taken_meanwhile_is_never_sent_and_new_ones_are_drafted(world: World) -> None:
    a_clash(world)
    before = world.draft()
    (taken, until), *_ = spans(before["slots"])
    world.event("school", "Parents' evening", taken, 60)
    refused = world.calwatch("approve", 1, "--yes", "--version", 1, code=5)
    assert "taken" in refused.err
    assert world.sent() == []
    after = world.draft()
    assert after["version"] == 2
    assert taken not in [start for start, _ in spans(after["slots"])]
    assert len(after["slots"]) == len(before["slots"])
    assert_offers_free_times(after, [(taken, until)], text=after["body"])
    (waiting,) = world.waiting()
    assert own_words(text_of(waiting)) == own_words(after["body"])
    world.calwatch("approve", 1, "--yes", "--version", 2)
    assert_is_what_was_shown(world.sent()[0], after)


def test_every_way_to_edit_makes_a_new_version_in_the_mailbox_too(world: World) -> None:
    a_clash(world)
    first = world.draft()
    world.calwatch("edit", 1, "--slots", "1,3")
    second = world.draft()
    assert second["slots"] == [first["alternatives"][0], first["alternatives"][2]]
    assert_offers_free_times(second, [], text=second["body"])
    assert "no alternative 40" in world.calwatch("edit", 1, "--slots", "40", code=2).err

    words = world.folder / "letter.txt"
    words.write_text(second["body"].replace("I'm looking forward to our conversation.", "See you soon."), "utf-8")
    world.calwatch("edit", 1, "--body-file", words, "--to", "sam.ortega@acme.example")
    third = world.draft()
    assert (third["version"], third["to"]) == (3, [SAM.email])
    assert "See you soon." in third["body"]
    (waiting,) = world.waiting()
    assert_is_what_was_shown(waiting, third)

    # A letter without the printed line of an offered time cannot go out; the words say so.
    words.write_text("Hi Sam,\n\nI can't make it. Another time?\n\nAlex\n", "utf-8")
    world.calwatch("edit", 1, "--body-file", words)
    blocked = world.calwatch("approve", 1, "--yes", code=5)
    assert "cannot go out like this" in blocked.err
    assert "not a mail address" in world.calwatch("edit", 1, "--to", "nobody", code=2).err
    assert "not read by anybody" in world.calwatch("edit", 1, "--to", "no-reply@acme.example", code=5).err

    world.calwatch("edit", 1, "--intent", "withdraw")
    last = world.draft()
    assert (last["intent"], last["slots"], last["to"]) == ("withdraw", [], [SAM.email])
    world.calwatch("approve", 1, "--yes")
    (mail,) = [m for m in world.sent() if m.get_content_type() == "text/plain"]
    assert_is_what_was_shown(mail, last)


def test_ctrl_c_during_the_countdown_calls_the_letter_back(world: World) -> None:
    world.undo = "60s"
    world.configure()
    a_clash(world)
    log = world.folder / "approve.log"
    with log.open("wb") as err:
        command = subprocess.Popen(
            world.words("approve", 1, "--yes"), env=world.environment, stderr=err, stdout=subprocess.DEVNULL
        )
    try:
        eventually(lambda: "Ctrl-C calls it back" in log.read_text("utf-8"), "no countdown is shown")
        assert world.show(1)["state"] == "approved"
        command.send_signal(signal.SIGINT)
        assert command.wait(timeout=20) == 5
    finally:
        command.kill()
        command.wait()
    assert "nothing was sent" in log.read_text("utf-8")
    assert "Traceback" not in log.read_text("utf-8")
    world.look()
    assert world.draft()["state"] == "waiting"
    assert world.sent() == []
    assert len(world.waiting()) == 1


def test_a_real_mail_server_gets_the_mail_once_and_a_refusal_is_not_the_end(tmp_path: Path) -> None:
    with SmtpServer() as server:
        world = World(tmp_path, outgoing=server.url)
        a_clash(world)
        draft = world.draft()
        server.cut = Cut.NO_SUCH_USER
        refused = world.calwatch("approve", 1, "--yes", code=1)
        assert "no such user here" in refused.err
        assert (server.seen, world.sent(), world.draft()["state"]) == (0, [], "failed")
        server.cut = Cut.NONE
        world.look()
        assert server.seen == 0
        world.calwatch("retry", 1)
        world.calwatch("approve", 1, "--yes", "--version", 2)
        (envelope,) = server.accepted
        assert sorted(envelope.rcpt_tos) == [DANA.email, SAM.email]
        content = envelope.content
        assert isinstance(content, bytes)
        transmitted = message_from_bytes(content, policy=readable)
        assert_is_what_was_shown(transmitted, draft)
        (filed,) = world.sent()
        assert_is_what_was_shown(filed, draft)
        assert filed["Message-ID"] == transmitted["Message-ID"]
        world.look()
        world.calwatch("approve", 1, "--yes", code=5)
        assert server.seen == 1


@pytest.mark.parametrize(
    ("outgoing", "more", "word"),
    [
        ("maildir", '[replies]\ndelivery = "drafts"\n', "send it from your Drafts folder"),
        ("", "", "accounts.outgoing"),
    ],
    ids=["delivery is drafts", "no outgoing"],
)
def test_who_never_sends_is_told_to_send_it_themselves(tmp_path: Path, outgoing: str, more: str, word: str) -> None:
    world = World(tmp_path, outgoing=outgoing, more=more)
    a_clash(world)
    assert word in world.calwatch("approve", 1, "--yes", code=5).err
    assert world.sent() == []
    (waiting,) = world.waiting()
    # They do, from their own mail program, and calwatch notices.
    (path,) = world.files_of(".Drafts")
    path.rename(world.maildir / ".Sent" / "cur" / path.name.replace(":2,DS", ":2,S"))
    world.look()
    assert world.show(1)["state"] == "sent"
    assert len(world.sent()) == 1
    assert waiting["Message-ID"] == world.sent()[0]["Message-ID"]


def test_without_a_safe_recipient_nothing_is_approvable_until_one_is_named(world: World) -> None:
    robot = Somebody("Acme Scheduling", "no-reply@scheduling.acme.example", "Europe/Berlin")
    start = world.at(8, "10:00")
    world.put("robot", world.acme_event(start, organizer=robot, attendees=[], description="Technical interview, Acme"))
    world.event("dentist", "Dentist", start)
    world.look()
    draft = world.draft()
    assert draft["to"] == []
    assert world.waiting() == []  # no draft without anybody to write to
    assert "edit 1 --to" in world.calwatch("approve", 1, "--yes", code=5).err
    assert world.sent() == []
    world.calwatch("edit", 1, "--to", DANA.email)
    draft = world.draft()
    assert draft["to"] == [DANA.email]
    assert draft["recipient_evidence"] == "named by you"
    world.calwatch("approve", 1, "--yes")
    (mail,) = world.sent()
    assert_is_what_was_shown(mail, draft)
    assert mail["In-Reply-To"] is None
    assert mail["References"] is None
    assert "calwatch" not in mail["Message-ID"]


def test_an_approved_letter_waits_until_its_times_can_be_proved_free_again(world: World) -> None:
    a_clash(world)
    unmounted = world.calendar.rename(world.folder / "unmounted")
    with subprocess.Popen(world.words("approve", 1, "--yes"), env=world.environment, stdout=subprocess.DEVNULL) as one:
        try:
            eventually(lambda: "has not been read since" in world.calwatch("history", 1).out, "it does not wait")
            assert world.sent() == []
            unmounted.rename(world.calendar)
            assert one.wait(timeout=20) == 0
        finally:
            one.kill()
    assert len(world.sent()) == 1
