"""Letters at Google by commands alone: into the right conversation, out once as approved, and what follows there."""

from __future__ import annotations

from pathlib import Path

import pytest

from builders import ALEX, DANA
from calwatch.model.event import Attendee, Person, Response
from fakes.google.server import Fault
from flow.google_world import TITLE, GoogleWorld, google_for
from flow.program import eventually
from flow.world import assert_is_what_was_shown, assert_offers_free_times, own_words, spans, text_of

SAM = Person("sam@acme.example", "Sam Ortega")


def by_calwatch(world: GoogleWorld) -> list[str]:
    return [delivery.by for delivery in world.google.gmail.delivered if delivery.at >= world.now]


def test_a_clash_becomes_a_draft_in_the_conversation_and_leaves_once_as_approved(tmp_path: Path) -> None:
    with google_for(tmp_path, more="[replies]\nhold = true\n") as world:
        world.sign_in()
        _, last = world.acme()
        world.clash()
        world.look()
        draft = world.draft()
        assert draft["in_reply_to"] == last.message_id
        busy = (world.start, world.start.replace(hour=world.start.hour + 1))
        assert_offers_free_times(draft, [busy], text=draft["body"])
        mail = world.draft_mail()
        assert world.google.gmail.drafts[world.mailbox_draft()].thread == last.thread
        assert mail["In-Reply-To"] == last.message_id
        assert mail["References"].split() == [*last.references, last.message_id]
        assert own_words(text_of(mail)) == own_words(draft["body"])
        # Looking again changes nothing.
        before = world.rows()
        world.look()
        assert world.rows() == before
        assert world.asked()["gmail.users.drafts.create"] == 1

        said = world.calwatch("approve", draft["id"], "--yes", "--version", draft["version"])
        assert "is sent" in said.err + said.out
        (sent,) = world.sent()
        assert_is_what_was_shown(sent, draft)
        assert sent["References"].split() == [*last.references, last.message_id]
        held = [e.raw for e in world.google.calendar.books[ALEX.email].entries.values() if e.raw["summary"] == "Busy"]
        assert {e["visibility"] for e in held} == {"private"}
        times = [{"start": e["start"]["dateTime"], "end": e["end"]["dateTime"]} for e in held]
        assert sorted(spans(times)) == sorted(spans(draft["slots"]))
        assert world.show(draft["id"])["state"] == "sent"

        world.calwatch("approve", draft["id"], "--yes", code=5)
        world.look()
        assert by_calwatch(world) == ["calwatch"]
        assert world.google.gmail.drafts == {}
        assert world.google.calendar.replies == []


def test_withdrawing_declines_for_the_person_alone_and_tells_the_organizer(tmp_path: Path) -> None:
    with google_for(tmp_path) as world:
        world.sign_in()
        people = tuple(Attendee(person, Response.ACCEPTED) for person in (ALEX, DANA, SAM))
        ref, _ = world.acme(attendees=people)
        others = [a for a in world.google.calendar.raw(ref)["attendees"] if a["email"] != ALEX.email]
        world.clash()
        world.look()
        world.calwatch("edit", 1, "--intent", "withdraw")
        draft = world.draft()
        assert [action["kind"] for action in draft["actions"]] == ["send", "rsvp"]
        world.calwatch("approve", 1, "--yes")
        assert_is_what_was_shown(world.sent()[0], draft)
        (patch,) = world.requests("calendar.events.patch")
        assert patch.params["sendUpdates"] == "all"
        assert patch.headers["if-match"]
        attendees = world.google.calendar.raw(ref)["attendees"]
        assert [a for a in attendees if a["email"] != ALEX.email] == others
        assert [a["responseStatus"] for a in attendees if a["email"] == ALEX.email] == ["declined"]
        (reply,) = world.google.calendar.replies
        assert (reply.response, reply.mailed) == ("declined", True)
        assert [action["state"] for action in world.show(1)["actions"]] == ["done", "done"]
        world.look()
        assert by_calwatch(world) == ["calwatch"]


def test_an_answer_lost_while_sending_is_looked_up_soon_and_nothing_is_sent_twice(tmp_path: Path) -> None:
    with google_for(tmp_path) as world:
        world.sign_in()
        world.acme()
        world.clash()
        world.look()
        world.google.faults.plan("gmail.users.drafts.send", Fault.LOST)
        said = world.calwatch("approve", 1, "--yes")
        assert "the answer got lost" in said.err
        assert "Draft 1 is sent" in said.err
        assert world.asked()["gmail.users.drafts.send"] == 1
        assert by_calwatch(world) == ["calwatch"]


def test_who_wants_drafts_only_sends_them_from_gmail(tmp_path: Path) -> None:
    with google_for(tmp_path, more='[replies]\ndelivery = "drafts"\n') as world:
        world.sign_in()
        world.acme()
        world.clash()
        world.look()
        assert "send it from your Drafts folder" in world.calwatch("approve", 1, "--yes", code=5).err
        world.look()
        assert world.asked()["gmail.users.drafts.send"] == 0
        world.google.gmail.send_by_hand(world.mailbox_draft())
        world.look()
        assert world.show(1)["state"] == "sent"
        assert by_calwatch(world) == ["person"]
        assert world.asked()["gmail.users.drafts.send"] == 0


def test_an_approval_without_a_sign_in_says_so_at_once_and_leaves_after_signing_in(tmp_path: Path) -> None:
    with google_for(tmp_path) as world:
        world.sign_in()
        world.acme()
        world.clash()
        world.look()
        world.google.oauth.revoke()
        refused = world.calwatch("approve", 1, "--yes", code=4)
        assert "run: calwatch auth personal" in refused.err
        assert "calwatch undo 1" in refused.err
        assert world.status()["accounts"][0]["state"] == "needs_sign_in"
        assert world.draft()["state"] == "approved"
        world.auth()
        with world.service() as service:  # which the refusal names
            eventually(lambda: by_calwatch(world) == ["calwatch"], "it does not leave", service)
            service.stop()
        assert world.show(1)["state"] == "sent"


HOSTILE = f"{TITLE} \x1b[31mred\x1b[0m\r\nBcc: spy@evil.example\r\n{{{{ 7 * 7 }}}} {{0}} %s <script>alert(1)</script>"


@pytest.mark.parametrize("arranged", [True, False], ids=["in a conversation", "known from the calendar only"])
def test_a_hostile_invitation_is_shown_harmlessly(tmp_path: Path, arranged: bool) -> None:
    with google_for(tmp_path) as world:
        world.sign_in()
        ref, _ = world.acme()
        if not arranged:
            for one in list(world.google.gmail.mails.values()):
                world.google.gmail.remove(one)
        raw = world.google.calendar.raw(ref)
        evil = {"email": DANA.email, "displayName": "Dana\r\nBcc: spy@evil.example\x1b]0;title\x07"}
        people = [{**p, **evil} if p["email"] == DANA.email else p for p in raw["attendees"]]
        text = f"<b>{raw['description']}</b><img src=http://evil.example/x>\x1b[2J{{{{ config }}}}"
        world.google.calendar.put(
            {
                **raw,
                "summary": HOSTILE,
                "description": text,
                "location": HOSTILE,
                "organizer": evil,
                "attendees": people,
            }
        )
        world.clash("\x1b[2J{{ 7 * 7 }} parents\r\n.\r\n")
        world.look()
        draft = world.draft()
        for words in (("status",), ("interviews",), ("drafts",), ("show", 1), ("why", draft["interview"]["id"])):
            ran = world.calwatch(*words)
            assert "\x1b" not in ran.out + ran.err
            assert "\r" not in ran.out + ran.err
            assert "\x07" not in ran.out + ran.err
        mail = world.draft_mail()
        assert mail["Bcc"] is None
        assert "evil.example" not in mail.as_string()
        assert "49" not in own_words(text_of(mail))
        assert "\x1b" not in mail.as_string()
        assert [a.addr_spec for a in mail["To"].addresses] == [DANA.email]
        world.calwatch("approve", 1, "--yes")
        assert_is_what_was_shown(world.sent()[0], draft)
