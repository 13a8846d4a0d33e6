"""The running service on a remote account: what people do there is followed, and what fails there is survived."""

from __future__ import annotations

import time

from flow.program import eventually
from flow.remote_providers import Remote
from flow.remote_world import assert_discreet, becomes, drafted, first_look, state_is
from flow.world import own_words


def test_a_draft_edited_and_sent_in_the_mailbox_is_followed(remote: Remote) -> None:
    with remote() as world:
        world.sign_in().acme()
        with world.service() as service:
            first_look(world, service)
            world.clash()
            drafted(world, service)
            changed = world.stored().text.replace("Best regards,", "With my best regards,")
            world.mailbox.edit_draft(world.mailbox_draft(), text=changed)
            draft = becomes(world, service, version=2)
            assert draft["touched"] is True
            assert own_words(draft["body"]) == own_words(changed)
            world.mailbox.send_by_hand(world.mailbox_draft())
            world.mailbox.settle()
            becomes(world, service, state="sent")
            assert service.stop() < 2.0
        assert [own_words(mail.content.text) for mail in world.sent()] == [own_words(changed)]
        assert world.asked()[world.SEND] == 0
        assert_discreet(world, service)


def test_a_quiet_minute_costs_two_or_three_small_requests_a_pass(remote: Remote) -> None:
    with remote() as world:
        world.sign_in().acme()
        with world.service() as service:
            first_look(world, service)
            before = world.asked()
            done = before[world.DELTA] + 3
            eventually(lambda: world.asked()[world.DELTA] >= done, "it does not look again", service)
            service.stop()
        asked = world.asked() - before
        assert set(asked) == set(world.QUIET)
        passes = [asked[operation] / each for operation, each in world.QUIET.items()]
        assert max(passes) - min(passes) <= 1
        assert all(sent < 1000 for sent in world.sizes()[-4:])


def test_a_sign_in_that_was_taken_back_is_said_once_and_healed_by_signing_in_again(remote: Remote) -> None:
    with remote() as world:
        world.sign_in().acme()
        with world.service() as service:
            first_look(world, service)
            world.revoke()
            state_is(world, "needs_sign_in", service)
            asked = len(world.operations)
            looked = world.health()["next_sync"]
            eventually(lambda: world.health()["next_sync"] > looked, "it gives up", service)
            time.sleep(1.5)  # one more pass, for nothing must happen in it
            assert len(world.operations) == asked
            (account,) = world.status()["accounts"]
            assert account["state"] == "needs_sign_in"
            assert "run: calwatch auth personal" in account["detail"]
            told = [line for line in service.log.splitlines() if "calwatch.notify" in line]
            assert len(told) == 2, service.log  # the first message, and this
            assert "sign" in told[1]

            said = world.auth()
            assert "The running service takes it up now." in said.out
            state_is(world, "ok", service)
            world.clash()
            drafted(world, service)
            service.stop()
        assert_discreet(world, service)


def test_broken_answers_are_survived_and_nothing_is_lost(remote: Remote) -> None:
    with remote() as world:
        world.sign_in().acme()
        with world.service() as service:
            first_look(world, service)
            world.stumble()
            world.clash()
            state_is(world, "degraded", service)
            assert not world.mailbox.drafts
            state_is(world, "ok", service)
            drafted(world, service)
            assert world.server.faults.pending() == {}
            service.stop()
        assert_discreet(world, service)
