"""Letters by commands alone, at every remote provider: into the right conversation, out once as approved."""

from __future__ import annotations

from dataclasses import replace

import pytest

from builders import ALEX, DANA
from calwatch.model.event import Attendee, Person, Response
from flow.program import eventually
from flow.remote_providers import Remote
from flow.remote_world import TITLE, assert_left_as_shown
from flow.world import assert_offers_free_times, own_words, spans

SAM = Person("sam@acme.example", "Sam Ortega")


def test_a_clash_becomes_a_draft_in_the_conversation_and_leaves_once_as_approved(remote: Remote) -> None:
    with remote(more="[replies]\nhold = true\n") as world:
        world.sign_in()
        _, last = world.acme()
        world.clash()
        world.look()
        draft = world.draft()
        assert draft["in_reply_to"] == last.message_id
        busy = (world.start, world.start.replace(hour=world.start.hour + 1))
        assert_offers_free_times(draft, [busy], text=draft["body"])
        stored = world.mailbox.drafts[world.mailbox_draft()]
        assert (stored.thread, stored.in_reply_to) == (last.thread, last.message_id)
        assert own_words(stored.content.text) == own_words(draft["body"])
        # Looking again changes nothing.
        before = world.rows()
        world.look()
        assert world.rows() == before
        assert world.asked()[world.CREATE] == 1

        said = world.calwatch("approve", draft["id"], "--yes", "--version", draft["version"])
        assert "is sent" in said.err + said.out
        (sent,) = world.sent()
        assert_left_as_shown(sent, draft)
        assert sent.references == (*last.references, last.message_id)
        held = world.held()
        assert sorted((span.start, span.end) for span in held) == sorted(spans(draft["slots"]))
        assert world.show(draft["id"])["state"] == "sent"

        world.calwatch("approve", draft["id"], "--yes", code=5)
        world.look()
        assert world.by() == ["calwatch"]
        assert not world.mailbox.drafts
        assert world.calendar.replies == []


def test_withdrawing_declines_for_the_person_alone_and_tells_the_organizer(remote: Remote) -> None:
    with remote() as world:
        world.sign_in()
        people = tuple(Attendee(person, Response.ACCEPTED) for person in (ALEX, DANA, SAM))
        ref, _ = world.acme(attendees=people)
        world.clash()
        world.look()
        world.calwatch("edit", 1, "--intent", "withdraw")
        draft = world.draft()
        assert [action["kind"] for action in draft["actions"]] == ["send", "rsvp"]
        world.calwatch("approve", 1, "--yes")
        assert_left_as_shown(world.sent()[0], draft)
        (reply,) = world.calendar.replies
        assert (reply.ref, reply.answer) == (ref, Response.DECLINED)
        assert [action["state"] for action in world.show(1)["actions"]] == ["done", "done"]
        world.look()
        assert world.by() == ["calwatch"]
        assert len(world.calendar.replies) == 1


def test_an_answer_lost_while_sending_is_looked_up_soon_and_nothing_is_sent_twice(remote: Remote) -> None:
    with remote() as world:
        world.sign_in()
        world.acme()
        world.clash()
        world.look()
        world.lose(world.SEND)
        said = world.calwatch("approve", 1, "--yes")
        assert "the answer got lost" in said.err
        assert "Draft 1 is sent" in said.err
        assert world.asked()[world.SEND] == 1
        assert world.by() == ["calwatch"]


def test_who_wants_drafts_only_sends_them_from_the_mailbox(remote: Remote) -> None:
    with remote(more='[replies]\ndelivery = "drafts"\n') as world:
        world.sign_in()
        world.acme()
        world.clash()
        world.look()
        assert "send it from your Drafts folder" in world.calwatch("approve", 1, "--yes", code=5).err
        world.look()
        assert world.asked()[world.SEND] == 0
        world.mailbox.send_by_hand(world.mailbox_draft())
        world.mailbox.settle()
        world.look()
        assert world.show(1)["state"] == "sent"
        assert world.by() == ["person"]
        assert world.asked()[world.SEND] == 0


def test_an_approval_without_a_sign_in_says_so_at_once_and_leaves_after_signing_in(remote: Remote) -> None:
    with remote() as world:
        world.sign_in()
        world.acme()
        world.clash()
        world.look()
        world.revoke()
        refused = world.calwatch("approve", 1, "--yes", code=4)
        assert "run: calwatch auth personal" in refused.err
        assert "calwatch undo 1" in refused.err
        assert world.status()["accounts"][0]["state"] == "needs_sign_in"
        assert world.draft()["state"] == "approved"
        world.auth()
        with world.service() as service:  # which the refusal names
            eventually(lambda: world.by() == ["calwatch"], "it does not leave", service)
            service.stop()
        assert world.show(1)["state"] == "sent"


HOSTILE = f"{TITLE} \x1b[31mred\x1b[0m\r\nBcc: spy@evil.example\r\n{{{{ 7 * 7 }}}} {{0}} %s <script>alert(1)</script>"


@pytest.mark.parametrize("arranged", [True, False], ids=["in a conversation", "known from the calendar only"])
def test_a_hostile_invitation_is_shown_harmlessly(remote: Remote, arranged: bool) -> None:
    with remote() as world:
        world.sign_in()
        ref, _ = world.acme()
        if not arranged:
            world.forget_mail()
        event = world.calendar.event(ref)
        dana = replace(DANA, name="Dana\r\nBcc: spy@evil.example\x1b]0;title\x07")
        text = f"<b>{event.description}</b><img src=http://evil.example/x>\x1b[2J{{{{ config }}}}"
        world.calendar.change(
            ref,
            summary=HOSTILE,
            description=text,
            location=HOSTILE,
            organizer=dana,
            attendees=(Attendee(ALEX, Response.ACCEPTED), Attendee(dana, Response.ACCEPTED)),
        )
        world.clash("\x1b[2J{{ 7 * 7 }} parents\r\n.\r\n")
        world.look()
        draft = world.draft()
        for words in (("status",), ("interviews",), ("drafts",), ("show", 1), ("why", draft["interview"]["id"])):
            ran = world.calwatch(*words)
            assert "\x1b" not in ran.out + ran.err
            assert "\r" not in ran.out + ran.err
            assert "\x07" not in ran.out + ran.err
        stored = world.stored()
        assert stored.bcc == ()
        shown = f"{stored.subject}\n{stored.text}\n{stored.to}"
        assert "evil.example" not in shown
        assert "49" not in own_words(stored.text)
        assert "\x1b" not in shown
        assert [person.email for person in stored.to] == [DANA.email]
        world.calwatch("approve", 1, "--yes")
        assert_left_as_shown(world.sent()[0], draft)
