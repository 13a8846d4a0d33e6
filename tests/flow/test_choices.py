"""What the person says instead of yes: dismissals with a meaning, withdrawals, holds, answers, corrections."""

from __future__ import annotations

from typing import Any

import pytest
from icalendar import Calendar

from calwatch.demo.people import DANA, PRIYA
from flow.world import ACME, GLOBEX, World, assert_is_what_was_shown, spans, text_of


def events_of(data: bytes | str) -> list[Any]:
    return list(Calendar.from_ical(data).walk("VEVENT"))


def a_clash(world: World) -> None:
    start = world.acme()
    world.event("dentist", "Dentist", start)
    world.look()


@pytest.mark.parametrize("because", ["keep", "handled", "cover", "not-interview", "later"])
def test_a_dismissal_is_kept_with_its_meaning(world: World, because: str) -> None:
    a_clash(world)
    world.calwatch("dismiss", 1, "--because", because)
    assert world.waiting() == []
    world.look()
    (draft,) = world.drafts("--all")
    assert draft["state"] == "dismissed"
    assert draft["outcome"] == (None if because == "later" else because)
    assert world.sent() == []
    if because == "not-interview":
        assert "It is not an interview of yours, because you said so." in world.calwatch("why", ACME).out
        assert world.calwatch("interviews", "--json").json == []
    if because == "cover":
        assert "nothing is in its way" in world.calwatch("why", ACME).out
    # Something else in the way is another trouble, and it is raised.
    if because == "keep":
        world.event("school", "Parents' evening", world.at(8, "14:30"))
        world.look()
        assert world.draft()["situation"] == "conflict"


def test_a_dismissed_draft_can_be_reopened_and_sent(world: World) -> None:
    a_clash(world)
    world.calwatch("dismiss", 1)
    world.calwatch("approve", 1, "--yes", code=5)
    world.calwatch("reopen", 1)
    draft = world.draft()
    assert (draft["version"], draft["state"]) == (2, "waiting")
    assert len(world.waiting()) == 1
    world.calwatch("approve", 1, "--yes")
    assert_is_what_was_shown(world.sent()[0], draft)


def test_a_withdrawal_declines_the_invitation_after_the_mail_has_left(world: World) -> None:
    start = world.globex(answer="ACCEPTED")
    world.event("dentist", "Dentist", start)
    world.look()
    before = (world.calendar / "globex.ics").read_bytes()
    world.calwatch("edit", 1, "--intent", "withdraw")
    draft = world.draft()
    assert [action["kind"] for action in draft["actions"]] == ["send", "rsvp"]
    assert draft["slots"] == []
    assert (world.calendar / "globex.ics").read_bytes() == before
    world.calwatch("approve", 1, "--yes")

    letter, reply = sorted(world.sent(), key=lambda mail: mail.is_multipart())
    assert_is_what_was_shown(letter, draft)
    assert [a.addr_spec for a in reply["To"].addresses] == [PRIYA.email]
    assert "calwatch" not in reply.as_string().lower()
    (part,) = [p for p in reply.walk() if p.get_content_type() == "text/calendar"]
    assert part.get_param("method") == "REPLY"
    assert "METHOD:REPLY" in part.get_content()
    (event,) = events_of(part.get_content())
    assert event["UID"] == GLOBEX
    assert event["ATTENDEE"].params["PARTSTAT"] == "DECLINED"
    (event,) = events_of((world.calendar / "globex.ics").read_bytes())
    (mine,) = [attendee for attendee in event["ATTENDEE"] if "alex" in attendee.lower()]
    assert mine.params["PARTSTAT"] == "DECLINED"
    assert [action["state"] for action in world.show(1)["actions"]] == ["done", "done"]
    world.look()
    world.look()
    assert len(world.sent()) == 2
    assert world.drafts() == []


def test_offered_times_can_be_held_and_are_freed_when_it_is_settled(world: World) -> None:
    world.more = "[replies]\nhold = true\n"
    world.configure()
    a_clash(world)
    draft = world.draft()
    names = {path.name for path in world.calendar.iterdir()}
    world.calwatch("approve", 1, "--yes")
    held = [path for path in world.calendar.iterdir() if path.name not in names]
    entries = [event for path in held for event in events_of(path.read_bytes())]
    assert sorted((e["DTSTART"].dt, e["DTEND"].dt) for e in entries) == sorted(spans(draft["slots"]))
    assert {(str(e["SUMMARY"]), str(e["CLASS"])) for e in entries} == {("Busy", "PRIVATE")}
    world.look()
    assert world.drafts() == []
    # Dana moves the interview to the first of them: rebooked, and the holds go.
    world.put("acme", world.acme_event(spans(draft["slots"])[0][0], sequence=1))
    world.look()
    assert world.show(1)["outcome"] == "rebooked"
    assert {path.name for path in world.calendar.iterdir()} == names
    assert world.drafts() == []
    assert len(world.sent()) == 1


@pytest.mark.parametrize(("answer", "intent"), [("dropped", "withdraw"), ("they-cancelled", "acknowledge")])
def test_a_vanished_interview_is_asked_about_before_anything_is_written(world: World, answer: str, intent: str) -> None:
    world.acme()
    world.event("lunch", "Lunch with Noor", world.at(9, "12:30"))
    world.look()
    (world.calendar / "acme.ics").unlink()
    world.look()
    assert world.drafts() == []
    (question,) = world.calwatch("questions", "--json").json
    assert question["kind"] == "removed"
    assert question["choices"] == ["dropped", "they-cancelled"]
    asked = world.calwatch("questions").out
    assert "calwatch answer 1 dropped   or   calwatch answer 1 they-cancelled" in asked
    assert "Technical interview: Alex Rivera" in asked  # which appointment it is about
    world.look()
    assert world.waiting() == []
    assert "dropped" in world.calwatch("answer", 1, "perhaps", code=2).err
    world.calwatch("answer", 1, answer)
    draft = world.draft()
    assert (draft["intent"], draft["to"]) == (intent, [DANA.email])
    assert world.sent() == []
    world.calwatch("approve", 1, "--yes")
    (mail,) = world.sent()
    assert_is_what_was_shown(mail, draft)
    assert world.calwatch("questions", "--json").json == []


def test_the_persons_word_on_what_is_an_interview_outlasts_the_evidence(world: World) -> None:
    start = world.acme()
    world.event("dentist", "Dentist", start)
    coffee = world.at(10, "10:00")
    world.event("coffee", "Coffee with Noor", coffee)
    world.event("school", "Parents' evening", coffee)
    world.look()
    assert [d["interview"]["uid"] for d in world.drafts()] == [ACME]
    world.calwatch("mark", "Alex Rivera / Acme", "not")
    world.calwatch("mark", "Coffee", "interview")
    world.look()
    draft = world.draft()
    assert draft["interview"]["title"] == "Coffee with Noor"
    assert draft["to"] == []
    assert world.waiting() == []
    assert [i["title"] for i in world.calwatch("interviews", "--json").json] == ["Coffee with Noor"]
    assert "because you said so" in world.calwatch("why", "Coffee").out
    several = world.calwatch("mark", "e", "interview", code=2).err
    assert "name one by its number" in several
    assert "no event" in world.calwatch("why", "Hooli", code=3).err


def test_a_case_opened_by_hand_is_written_and_sent_like_any_other(world: World) -> None:
    world.acme()
    world.look()
    assert world.drafts() == []
    world.calwatch("reschedule", "Acme", "--because", "sick")
    draft = world.draft()
    assert (draft["situation"], draft["intent"]) == ("manual", "reschedule")
    world.look()
    assert world.draft() == draft
    world.calwatch("cancel", "Acme")
    later = world.draft()
    assert (later["id"], later["intent"], later["slots"]) == (2, "withdraw", [])
    assert world.show(1)["state"] == "replaced"
    (waiting,) = world.waiting()
    assert_is_what_was_shown(waiting, later)
    assert text_of(waiting).startswith("Hi Dana")
    assert world.sent() == []
