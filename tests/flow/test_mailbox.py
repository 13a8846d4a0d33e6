"""The draft in the person's own Drafts folder: they edit it, send it or throw it away there, and calwatch follows."""

from __future__ import annotations

import time
from email.policy import SMTP
from pathlib import Path

from calwatch.demo.people import DANA
from calwatch.store import open_store
from flow.world import World, assert_is_what_was_shown, own_words, read_mail, spans, text_of


def a_clash(world: World) -> None:
    start = world.acme()
    world.event("dentist", "Dentist", start)
    world.look()


def edited(world: World, old: str, new: str) -> Path:
    """A mail program saves a draft: a new file with the same Message-ID, the old one gone."""
    (path,) = world.files_of(".Drafts")
    mail = read_mail(path)
    text = text_of(mail)
    assert old in text
    mail.set_content(text.replace(old, new))
    fresh = path.with_name(f"{path.name.partition('.')[0]}x.mail:2,DS")
    fresh.write_bytes(mail.as_bytes(policy=SMTP))
    path.unlink()
    return fresh


def test_a_draft_edited_in_the_mailbox_belongs_to_the_mailbox(world: World) -> None:
    a_clash(world)
    fresh = edited(world, "Best regards,", "With my best regards,")
    by_hand = fresh.read_bytes()
    stale = world.calwatch("approve", 1, "--yes", "--version", 1, code=5)
    assert "look again" in stale.err
    draft = world.draft()
    assert (draft["version"], draft["touched"]) == (2, True)
    assert "With my best regards" in draft["body"]
    assert len(draft["slots"]) == 3  # their lines are still there
    assert "mailbox" in world.calwatch("edit", 1, "--to", DANA.email, code=5).err
    world.look()
    assert fresh.read_bytes() == by_hand
    assert world.sent() == []
    world.calwatch("approve", 1, "--yes", "--version", 2)
    (mail,) = world.sent()
    assert "With my best regards" in text_of(mail)
    assert_is_what_was_shown(mail, draft)


def test_an_edited_draft_whose_time_is_taken_is_the_persons_to_correct(world: World) -> None:
    a_clash(world)
    fresh = edited(world, "Best regards,", "With my best regards,")
    world.look()
    by_hand = fresh.read_bytes()
    taken, _ = spans(world.draft()["slots"])[0]
    world.event("school", "Parents' evening", taken)
    world.look()
    draft = world.draft()
    assert "taken" in draft["notice"]
    assert "yours to correct" in world.calwatch("approve", 1, "--yes", code=5).err
    assert fresh.read_bytes() == by_hand
    assert world.sent() == []
    line = next(line for line in draft["body"].split("\n") if f"{taken:%a} {taken.day}" in line)
    edited(world, line, "")
    world.look()
    draft = world.draft()
    assert draft["notice"] is None
    assert taken not in [start for start, _ in spans(draft["slots"])]
    world.calwatch("approve", 1, "--yes")
    assert own_words(text_of(world.sent()[0])) == own_words(draft["body"])


def test_a_draft_sent_by_hand_is_noticed_and_its_times_stay_reserved(world: World) -> None:
    a_clash(world)
    draft = world.draft()
    (path,) = world.files_of(".Drafts")
    path.rename(world.maildir / ".Sent" / "cur" / path.name.replace(":2,DS", ":2,S"))
    world.globex()
    world.look()
    assert world.show(1)["state"] == "sent"
    assert "sent from the mailbox" in world.calwatch("history", 1).out
    world.calwatch("approve", 1, "--yes", code=5)
    world.look()
    assert len(world.sent()) == 1
    offered = set(spans(draft["slots"]))
    assert not any(a < d and c < b for a, b in spans(world.draft()["slots"]) for c, d in offered)


def test_a_draft_thrown_away_in_the_mailbox_is_dismissed_after_a_moment(world: World) -> None:
    a_clash(world)
    (path,) = world.files_of(".Drafts")
    path.unlink()
    world.look()
    assert world.draft()["state"] == "waiting"  # mail programs write drafts anew: not believed at first sight
    store = open_store(world.state)
    store.meta.set("missing:1", [time.time() - 180, 1])
    store.close()
    world.look()
    assert world.draft()["state"] == "waiting"  # nor at second sight
    world.look()
    assert world.drafts() == []
    (draft,) = world.drafts("--all")
    assert (draft["state"], draft["outcome"]) == ("dismissed", "dismissed")
    world.look()
    assert world.drafts() == []
    assert world.waiting() == []
    assert world.sent() == []


def test_what_the_person_has_written_themselves_is_handled(world: World) -> None:
    start = world.acme()
    world.event("dentist", "Dentist", start)
    world.write(DANA, "Our interview", "Hi Dana,\n\nI can't make it; I'll call you.\n\nAlex\n", days_ago=0.5)
    world.look()
    assert world.drafts("--all") == []
    assert world.waiting() == []
    assert "handled" in world.calwatch("why", "Acme").out


def test_a_waiting_draft_goes_when_the_person_writes_after_all(world: World) -> None:
    a_clash(world)
    time.sleep(1.1 - time.time() % 1)  # a Date header has whole seconds
    world.write(DANA, "Re: Next step: technical interview at Acme", "Hi Dana,\n\nI'll call you.\n\nAlex\n")
    world.look()
    assert world.drafts() == []
    (draft,) = world.drafts("--all")
    assert (draft["state"], draft["outcome"]) == ("dismissed", "handled")
    assert world.waiting() == []
    assert world.sent() == []
