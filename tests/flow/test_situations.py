"""Each situation from the calendar to the sent mail, by the real program on real files."""

from __future__ import annotations

from datetime import timedelta

from calwatch.demo.files import an_event
from calwatch.demo.people import ALEX, DANA, SAM
from flow.world import (
    ACME,
    GLOBEX,
    INITECH,
    World,
    assert_is_what_was_shown,
    assert_offers_free_times,
    read_mail,
    text_of,
)

HOUR = timedelta(hours=1)


def test_a_clash_becomes_a_reply_in_the_thread_and_leaves_once_as_approved(world: World) -> None:
    start = world.acme()
    world.event("dentist", "Dentist, Dr. Kaya", start - timedelta(minutes=15))
    lunch, meeting = world.at(9, "12:30"), world.at(9, "15:00")
    world.event("lunch", "Lunch with Noor", lunch)
    world.event("meeting", "Parents' evening", meeting, 90)
    world.look()

    draft = world.draft()
    assert (draft["situation"], draft["weight"], draft["intent"]) == ("conflict", "clash", "reschedule")
    assert draft["interview"]["uid"] == ACME
    assert draft["interview"]["company"] == "Acme"
    assert [clash["title"] for clash in draft["conflicts_with"]] == ["Dentist, Dr. Kaya"]
    assert (draft["to"], draft["cc"]) == ([DANA.email], [SAM.email])
    assert len(draft["why"]) == len(set(draft["why"])) >= 2
    assert "Dentist" not in draft["body"]
    assert "Kaya" not in draft["body"]
    busy = [(lunch, lunch + HOUR), (meeting, meeting + timedelta(minutes=90)), (start, start + HOUR)]
    assert_offers_free_times(draft, busy, text=draft["body"])
    (waiting,) = world.waiting()
    assert_is_what_was_shown(waiting, draft)
    assert world.sent() == []

    shown = world.calwatch("show", draft["id"]).out
    assert draft["body"].split("\n")[2] in shown
    assert f"send this mail to Dana Fox <{DANA.email}>" in shown
    said = world.calwatch("approve", draft["id"], "--yes", "--version", draft["version"])
    assert draft["body"].split("\n")[2] in said.out  # what is approved is shown first
    assert "the old appointment stands" in said.err

    (mail,) = world.sent()
    assert_is_what_was_shown(mail, draft)
    thread = [m["Message-ID"] for m in map(read_mail, sorted(world.given)) if "Acme" in m["Subject"]]
    assert mail["In-Reply-To"] in thread
    assert set(mail["References"].split()) == set(thread)
    assert world.waiting() == []
    assert world.show(draft["id"])["state"] == "sent"
    trail = world.calwatch("history", draft["id"]).out
    assert "approved version 1" in trail
    assert "accepted for delivery" in trail

    world.look()
    world.calwatch("approve", draft["id"], "--yes", code=5)
    assert len(world.sent()) == 1
    assert world.drafts() == []


def test_an_interview_the_person_declined_gets_a_request_for_another_time(world: World) -> None:
    start = world.globex()
    world.look()
    draft = world.draft()
    assert (draft["situation"], draft["intent"]) == ("declined", "reschedule")
    assert draft["variants"][:2] == ["reschedule", "withdraw"]
    assert draft["interview"]["uid"] == GLOBEX
    assert draft["to"] == ["priya.nair@globex.example"]
    assert "I have declined the invitation" in draft["body"]
    assert f"{start:%A} {start.day} {start:%B} at 11:00" in draft["body"]
    assert_offers_free_times(draft, [(start, start + HOUR)], text=draft["body"])
    world.calwatch("approve", draft["id"], "--yes")
    (mail,) = world.sent()
    assert_is_what_was_shown(mail, draft)
    (invitation,) = [read_mail(path) for path in world.given]
    assert (mail["In-Reply-To"], mail["References"]) == (invitation["Message-ID"], invitation["Message-ID"])
    assert mail["Subject"] == f"Re: {invitation['Subject']}"


def test_a_cancellation_in_the_calendar_is_acknowledged(world: World) -> None:
    start, _ = world.initech()
    world.look()
    assert world.drafts() == []
    world.put("initech", world.initech_event(start, method="CANCEL"))
    world.look()
    draft = world.draft()
    assert (draft["situation"], draft["intent"]) == ("cancelled", "acknowledge")
    assert draft["slots"]
    assert "sorry" not in draft["body"]  # nobody apologises for what the other side did
    world.calwatch("approve", draft["id"], "--yes")
    (mail,) = world.sent()
    assert_is_what_was_shown(mail, draft)


def test_a_cancel_mail_is_acknowledged_although_the_calendar_still_shows_it(world: World) -> None:
    start, first = world.initech()
    world.initech_cancels(start, first, "I'm sorry, I have to cancel our call: I am off sick for the rest of the week.")
    world.look()
    draft = world.draft()
    assert (draft["situation"], draft["intent"]) == ("cancelled", "acknowledge")
    assert draft["interview"]["uid"] == INITECH
    assert draft["slots"]
    assert "sick" not in draft["body"]
    assert any("GMT" in draft["body"] or "BST" in draft["body"] for _ in draft["slots"])  # her clock first
    world.calwatch("approve", draft["id"], "--yes")
    (mail,) = world.sent()
    assert_is_what_was_shown(mail, draft)
    assert first in mail["References"]


def test_a_cancellation_that_ends_the_process_gets_thanks_and_no_times(world: World) -> None:
    start, first = world.initech()
    world.initech_cancels(
        start, first, "We have to cancel our call, because the position has been filled in the meantime."
    )
    world.look()
    draft = world.draft()
    assert draft["intent"] == "acknowledge"
    assert draft["slots"] == []
    assert "these times" not in draft["body"]
    world.calwatch("approve", draft["id"], "--yes")
    assert_is_what_was_shown(world.sent()[0], draft)


def test_own_entries_copies_and_free_entries_are_no_conflicts(world: World) -> None:
    start = world.acme()
    hour = start + HOUR
    stamp = world.now - timedelta(days=1)
    # A tool's nameless copy, a cover block, preparation, a copy under another UID, and things that are free.
    world.event("tool", "Busy", start)
    world.event("cover", "Acme", start - timedelta(minutes=30), 120, made=timedelta(days=1))
    world.event("prep", "Prep Acme interview", start - HOUR)
    copy = world.acme_event(start).replace(ACME, "copy-of-acme@calendar.example")
    world.put("copy", copy)
    world.event("maybe", "Town fair", start, lines=["TRANSP:TRANSPARENT"])
    world.event("off", "Yoga", start, lines=["STATUS:CANCELLED"])
    refused = [(ALEX, "DECLINED")]
    world.put("no", an_event("no@example.net", "Film club", start, hour, stamp=stamp, attendees=refused))
    world.look()
    assert world.drafts() == []
    assert world.waiting() == []
    (only,) = world.calwatch("interviews", "--json").json
    assert only["uid"] == ACME
    assert "nothing is in its way" in world.calwatch("why", ACME).out
    # The same calendar with something real in it.
    world.event("dentist", "Dentist", start)
    world.look()
    assert [clash["title"] for clash in world.draft()["conflicts_with"]] == ["Dentist"]


def test_a_loop_of_sessions_is_one_interview_and_one_letter(world: World) -> None:
    start = world.acme(wall="10:00")
    later = start + timedelta(hours=1, minutes=15)
    world.put("acme-2", world.acme_event(later).replace(ACME, "acme-second@acme.example"))
    world.event("dentist", "Dentist", later + timedelta(minutes=30))
    world.look()
    draft = world.draft()
    assert len(draft["interview"]["bookings"]) == 2
    world.calwatch("approve", draft["id"], "--yes")
    (mail,) = world.sent()
    assert_is_what_was_shown(mail, draft)
    assert text_of(mail).count("Dana") == 1


def test_nothing_changes_when_nothing_happened(world: World) -> None:
    start = world.acme()
    world.event("dentist", "Dentist", start)
    world.globex()
    begin, first = world.initech()
    world.initech_cancels(begin, first, "I have to cancel our call.")
    world.look()
    before = world.everything()
    assert len(world.drafts()) == 3
    world.look()
    world.calwatch("status")
    world.calwatch("run", "--once", "--dry-run")
    assert world.everything() == before
    assert world.sent() == []


def test_a_trouble_that_goes_away_takes_its_draft_along(world: World) -> None:
    start = world.acme()
    dentist = world.event("dentist", "Dentist", start)
    world.globex()
    world.look()
    assert len(world.waiting()) == 2
    dentist.unlink()
    world.globex(answer="ACCEPTED")
    world.look()
    assert world.waiting() == []
    assert [d["state"] for d in world.drafts("--all")] == ["withdrawn", "withdrawn"]
    assert {d["outcome"] for d in world.drafts("--all")} == {"gone"}
    # It comes back: a new case and a new draft, once.
    world.event("dentist", "Dentist", start)
    world.look()
    world.look()
    assert world.draft()["situation"] == "conflict"
    assert len(world.waiting()) == 1
    assert world.sent() == []
