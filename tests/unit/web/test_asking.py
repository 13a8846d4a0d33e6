"""A click is written down, the actor is woken, and the page waits for the answer only a moment."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

from calwatch.model.case import DraftState, RequestKind
from calwatch.web.asking import Answer, ask
from visits import Visit
from worlds import World, a_waiting_draft


def test_what_is_asked_is_written_down_as_the_page_s(visit: Visit, world: World) -> None:
    draft = a_waiting_draft(world).draft
    visit.busy = True
    ask(replace(visit.site, patience=0), RequestKind.APPROVE, draft.id, {"version": 1, "hash": draft.hash})
    (request,) = world.store.requests.pending()
    assert (request.kind, request.draft_id, request.who) == (RequestKind.APPROVE, draft.id, "page")
    assert request.payload == {"version": 1, "hash": draft.hash}
    assert request.at == world.clock.now()


def test_the_actor_s_answer_is_given_when_it_comes_in_time(visit: Visit, world: World) -> None:
    draft = a_waiting_draft(world).draft
    answer = ask(visit.site, RequestKind.APPROVE, draft.id, {"version": draft.version, "hash": draft.hash})
    assert (answer.done, answer.ok, answer.code) == (True, True, 0)
    assert answer.text
    assert world.again(draft).state is DraftState.APPROVED


def test_a_refusal_of_the_actor_is_an_answer(visit: Visit, world: World) -> None:
    draft = a_waiting_draft(world).draft
    answer = ask(visit.site, RequestKind.APPROVE, draft.id, {"version": draft.version, "hash": "another"})
    assert (answer.done, answer.ok, answer.code) == (True, False, 5)
    assert world.again(draft).state is DraftState.WAITING


def test_while_the_actor_is_busy_the_page_waits_no_longer_than_it_should(visit: Visit, world: World) -> None:
    draft = a_waiting_draft(world).draft
    visit.busy = True
    begin = time.monotonic()
    impatient = replace(visit.site, patience=0.1)
    answer = ask(impatient, RequestKind.APPROVE, draft.id, {"version": 1, "hash": draft.hash})
    assert 0.1 <= time.monotonic() - begin < 2
    assert answer == Answer(done=False)
    assert visit.woken == 1
    world.pipeline.act()
    assert world.again(draft).state is DraftState.APPROVED  # what was asked is not lost


def test_an_answer_that_another_thread_gives_meanwhile_is_seen(visit: Visit, world: World) -> None:
    draft = a_waiting_draft(world).draft
    actor = threading.Timer(0.1, world.pipeline.act)
    site = replace(visit.site, wake=actor.start, patience=10)
    answer = ask(site, RequestKind.APPROVE, draft.id, {"version": draft.version, "hash": draft.hash})
    actor.join()
    assert (answer.done, answer.ok) == (True, True)
