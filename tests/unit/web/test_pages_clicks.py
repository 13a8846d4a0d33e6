"""What a click does: exactly what was shown, once, by the actor; looking never does anything."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from calwatch.model.case import DraftState, Intent, Outcome, RequestKind
from calwatch.model.draft import Draft
from calwatch.web.guard import COOKIE
from calwatch.web.pages.home import A_PAGE
from calwatch.web.sessions import Kind, listed
from fakes.faults import Answer
from visits import PUBLIC, Visit
from worlds import World, a_clash, a_waiting_draft, an_arranged_interview

STALE = "This has changed since you looked. Here is how it is now."


@pytest.fixture
def draft(world: World) -> Draft:
    """The usual letter, waiting for its approval."""
    return a_waiting_draft(world).draft


def requests(world: World) -> list[RequestKind]:
    """What was ever asked for."""
    found: list[RequestKind] = []
    number = 1
    while True:
        some = world.store.requests.some([number])
        if not some:
            return found
        found.append(some[0].kind)
        number += 1


def form_of(visit: Visit, path: str = "/d/1") -> dict[str, Any]:
    """The letter's form as a browser sends it when nothing was changed."""
    page = visit.text(path)
    form = page[page.index('<form id="letter"') :]
    form = form[: form.index("</form>")]
    text = re.search(r"<textarea[^>]*>\n?(.*?)</textarea>", form, re.DOTALL)
    return {
        **{
            name: html.unescape(value)
            for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form)
        },
        "text": html.unescape(text[1]).replace("\n", "\r\n") if text else "",
        "times": re.findall(r'name="times" value="([^"]*)" checked', form),
        "to": "",
    }


def others(visit: Visit) -> list[str]:
    """The free times that are not offered."""
    return re.findall(r'name="times" value="([^"]*)">', visit.text("/d/1"))


# --- approving ------------------------------------------------------------------------------------------------------


def test_approving_binds_the_version_and_the_hash_that_were_shown(visit: Visit, world: World, draft: Draft) -> None:
    answer = visit.post("/d/1/approve", form_of(visit))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/k/{visit.key}/d/1")
    (request,) = world.store.requests.some([1])
    assert (request.kind, request.who) == (RequestKind.APPROVE, "page")
    assert request.payload == {"version": draft.version, "hash": draft.hash}
    assert world.again(draft).state is DraftState.APPROVED
    assert world.again(draft).approved_hash == draft.hash
    assert visit.said("/d/1") == "Approved."
    assert visit.said("/d/1") == ""  # once


def test_a_second_click_is_harmless(visit: Visit, world: World, draft: Draft) -> None:
    form = form_of(visit)
    for _ in range(3):
        assert visit.post("/d/1/approve", form).status_code == 303
    assert requests(world) == [RequestKind.APPROVE]
    world.live(timedelta(minutes=2))
    assert visit.post("/d/1/approve", form).status_code == 303
    assert requests(world) == [RequestKind.APPROVE]
    assert world.again(draft).state is DraftState.SENT


def test_an_approval_with_changed_words_saves_them_and_approves_nothing(
    visit: Visit, world: World, draft: Draft
) -> None:
    form = form_of(visit)
    form["text"] = form["text"].replace("Hi", "Dear", 1) + "\r\nP.S. Thanks!"
    visit.post("/d/1/approve", form)
    after = world.again(draft)
    assert requests(world) == [RequestKind.EDIT]
    assert (after.state, after.version) == (DraftState.WAITING, draft.version + 1)
    assert after.letter.content.text.rstrip().endswith("P.S. Thanks!")
    assert "nothing was approved" in visit.said("/d/1")
    visit.post("/d/1/approve", form_of(visit))
    assert world.again(draft).state is DraftState.APPROVED
    assert world.again(draft).approved_hash == after.hash


@pytest.mark.parametrize("kept", [1, 0])
def test_an_approval_with_other_times_saves_them_and_approves_nothing(
    visit: Visit, world: World, draft: Draft, kept: int
) -> None:
    form = form_of(visit)
    form["times"] = [*form["times"][:kept], *others(visit)[: 1 - kept]]
    assert len(form["times"]) == 1
    visit.post("/d/1/approve", form)
    after = world.again(draft)
    assert (after.state, len(after.letter.slots)) == (DraftState.WAITING, 1)
    assert form_of(visit)["times"] == form["times"]


def test_words_that_only_a_browser_changed_are_unchanged(visit: Visit, world: World, draft: Draft) -> None:
    form = form_of(visit)
    form["text"] = "  \r\n".join(form["text"].split("\r\n")) + "\r\n\r\n"
    visit.post("/d/1/save", form)
    assert requests(world) == []
    assert visit.said("/d/1") == "Nothing was changed."
    visit.post("/d/1/approve", form)
    assert world.again(draft).state is DraftState.APPROVED


def test_a_time_nobody_offered_and_an_address_that_is_none_are_refused_in_words(
    visit: Visit, world: World, draft: Draft
) -> None:
    for field, value in (
        ("times", ["2026-05-05T03:00:00+00:00/2026-05-05T04:00:00+00:00"]),
        ("times", ["nonsense"]),
        ("to", "nobody"),
        ("to", "dana@acme.example\r\nBcc: everybody@evil.example"),
    ):
        visit.post("/d/1/save", {**form_of(visit), field: value})
        assert visit.said("/d/1").startswith("That did not work"), (field, value)
        after = world.again(draft)
        assert (after.letter.slots, after.letter.content.to) == (draft.letter.slots, draft.letter.content.to)


def test_a_form_of_an_older_version_does_nothing_and_says_so(visit: Visit, world: World, draft: Draft) -> None:
    old = form_of(visit)
    visit.post("/d/1/save", {**old, "text": old["text"] + "\r\nP.S. Thanks!"})
    rows = world.store.counters.rows_written
    for click, more in (
        ("approve", {}),
        ("save", {"text": "other"}),
        ("become", {"intent": "withdraw"}),
        ("dismiss", {"because": "handled"}),
        ("undo", {}),
        ("retry", {}),
        ("reopen", {}),
    ):
        assert visit.post(f"/d/1/{click}", {**old, **more}).status_code == 303, click
        assert visit.said("/d/1") == STALE, click
    assert world.store.counters.rows_written == rows
    assert requests(world) == [RequestKind.EDIT]


def test_a_form_of_another_session_or_another_draft_does_nothing(visit: Visit, world: World, draft: Draft) -> None:
    form = form_of(visit)
    visit.key = visit.admitted(Kind.LOOPBACK)
    visit.post("/d/1/approve", form)
    assert visit.said("/d/1") == STALE
    for token in ("", "x", form_of(visit)["token"][:-1], visit.token("/interviews")):
        visit.post("/d/1/approve", {**form_of(visit), "token": token})
        assert visit.said("/d/1") == STALE
    assert requests(world) == []


def test_a_letter_that_was_taken_over_in_the_mailbox_is_not_approved_by_an_old_page(
    visit: Visit, world: World, draft: Draft
) -> None:
    form = form_of(visit)
    assert draft.stored is not None
    world.provider.mail.edit_draft(draft.stored.ref, text="My own words.")
    world.look()
    visit.post("/d/1/approve", form)
    assert visit.said("/d/1") == STALE
    assert requests(world) == []


def test_what_the_actor_is_still_at_is_said_to_be_under_way(visit: Visit, world: World, draft: Draft) -> None:
    visit.busy = True
    visit.post("/d/1/approve", form_of(visit))
    assert visit.said("/d/1").startswith("It is being done.")
    world.pipeline.act()
    assert world.again(draft).state is DraftState.APPROVED


# --- the rest of a letter's life ------------------------------------------------------------------------------------


def test_an_approved_letter_is_called_back(visit: Visit, world: World, draft: Draft) -> None:
    visit.post("/d/1/approve", form_of(visit))
    visit.post("/d/1/undo", {"token": visit.token("/d/1", "undo")})
    assert world.again(draft).state is DraftState.WAITING
    world.live(timedelta(minutes=10))
    assert world.again(draft).state is DraftState.WAITING


def test_a_letter_becomes_the_other_one_it_can_be(visit: Visit, world: World, draft: Draft) -> None:
    visit.post("/d/1/become", {"token": visit.token("/d/1", "become"), "intent": "withdraw"})
    assert world.again(draft).letter.intent is Intent.WITHDRAW
    rows = world.store.counters.rows_written
    for intent in ("accept", "nonsense", ""):
        answer = visit.post("/d/1/become", {"token": visit.token("/d/1", "become"), "intent": intent})
        assert answer.status_code == 400, intent
    assert world.store.counters.rows_written == rows


@pytest.mark.parametrize(
    ("because", "outcome"),
    [
        ("keep", Outcome.KEEP),
        ("handled", Outcome.HANDLED),
        ("cover", Outcome.COVER),
        ("not-interview", Outcome.NOT_INTERVIEW),
        ("later", None),  # the case stays open, and asks again
    ],
)
def test_putting_aside_means_what_it_says(
    visit: Visit, world: World, draft: Draft, because: str, outcome: Outcome | None
) -> None:
    visit.post("/d/1/dismiss", {"token": visit.token("/d/1", "dismiss"), "because": because})
    assert world.again(draft).state is DraftState.DISMISSED
    assert world.store.cases.get(draft.case_id).outcome is outcome


def test_what_was_put_aside_comes_back(visit: Visit, world: World, draft: Draft) -> None:
    assert visit.post("/d/1/dismiss", {"token": "x", "because": "nonsense"}).status_code == 400
    visit.post("/d/1/dismiss", {"token": visit.token("/d/1", "dismiss"), "because": "later"})
    visit.post("/d/1/reopen", {"token": visit.token("/d/1", "reopen")})
    assert world.again(draft).state is DraftState.WAITING


def test_a_letter_that_was_refused_is_made_ready_again(visit: Visit, world: World, draft: Draft) -> None:
    world.provider.mail.faults.plan("send_draft", Answer.REFUSED)
    visit.post("/d/1/approve", form_of(visit))
    world.live(timedelta(minutes=1))
    assert world.again(draft).state is DraftState.FAILED
    visit.post("/d/1/retry", {"token": visit.token("/d/1", "retry")})
    assert world.again(draft).state is DraftState.WAITING


# --- interviews, questions, sessions --------------------------------------------------------------------------------


def test_an_interview_that_cannot_be_kept_gets_a_letter_that_waits(visit: Visit, world: World) -> None:
    an_arranged_interview(world.provider)
    world.look()
    form = {"token": visit.token("/interviews", "cannot"), "intent": "reschedule", "occasion": "sick"}
    for wrong in ({"intent": "accept"}, {"occasion": "boredom"}, {"intent": ""}):
        assert visit.post("/i/1/cannot", {**form, **wrong}).status_code == 400
    answer = visit.post("/i/1/cannot", form)
    assert answer.headers["Location"] == f"/k/{visit.key}/d/1"
    assert world.draft().state is DraftState.WAITING
    again = visit.post("/i/1/cannot", form)  # a second click, or the button of an old page
    assert again.headers["Location"] == f"/k/{visit.key}/d/1"
    assert requests(world) == [RequestKind.OPEN_CASE]


def test_what_is_no_interview_is_no_longer_listed(visit: Visit, world: World) -> None:
    an_arranged_interview(world.provider)
    world.look()
    token = visit.token("/interviews", "mark")
    visit.post("/i/1/mark", {"token": "x"})
    assert visit.said("/interviews") == STALE
    visit.post("/i/1/mark", {"token": token})
    assert "/i/1/mark" not in visit.text("/interviews")


def test_an_interview_that_moved_since_it_was_shown_is_shown_again_first(visit: Visit, world: World) -> None:
    event = an_arranged_interview(world.provider)
    world.look()
    token = visit.token("/interviews", "cannot")
    world.provider.calendar.move(event.ref, event.start + timedelta(days=1), event.end + timedelta(days=1))
    world.look()
    visit.post("/i/1/cannot", {"token": token, "intent": "withdraw", "occasion": "busy"})
    assert visit.said("/interviews") == STALE
    assert requests(world) == []


def test_a_question_is_answered_once_and_by_one_of_its_choices(visit: Visit, world: World) -> None:
    event = an_arranged_interview(world.provider)
    world.look()
    world.provider.calendar.remove_by_hand(event.ref)
    world.look()
    (question,) = world.store.questions.open_questions()
    token = visit.token("/", "/q/")
    assert visit.post(f"/q/{question.id}", {"token": token, "value": "nonsense"}).status_code == 400
    visit.post(f"/q/{question.id}", {"token": "x", "value": "dropped"})
    assert visit.said() == STALE
    for value in ("dropped", "they-cancelled"):
        visit.post(f"/q/{question.id}", {"token": token, "value": value})
    assert world.store.questions.get(question.id).answer == "dropped"
    assert requests(world) == [RequestKind.ANSWER]


def test_a_page_closes_others_but_not_itself(visit: Visit) -> None:
    device = visit.admitted(Kind.PAIRED)
    token = visit.token("/accounts", "close")
    own, other = sorted(listed(visit.site), key=lambda one: one.kind)
    for wanted in (own.id, "", "nonsense"):
        visit.post("/accounts/close", {"token": token, "session": wanted})
    visit.post("/accounts/close", {"token": "x", "session": other.id})
    assert len(listed(visit.site)) == 2
    visit.post("/accounts/close", {"token": token, "session": other.id})
    assert listed(visit.site) == [own]
    assert visit.ask("/", base=PUBLIC, cookie=f"{COOKIE}={device}").status_code == 403


def test_a_word_about_a_click_is_told_to_who_clicked(visit: Visit, draft: Draft) -> None:
    visit.post("/d/1/approve", {"token": "x"})
    first, visit.key = visit.key, visit.admitted(Kind.LOOPBACK)
    assert visit.said() == ""
    visit.key = first
    assert visit.said() == STALE


# --- looking --------------------------------------------------------------------------------------------------------


def every_address(visit: Visit) -> Iterator[str]:
    """Each address the page has for looking and for clicking, with numbers of what is there."""
    for rule in visit.app.url_map.iter_rules():
        yield re.sub(r"<[^>]+>", "1", rule.rule)


def test_looking_never_writes(visit: Visit, world: World) -> None:
    event = an_arranged_interview(world.provider)
    world.look()
    world.provider.calendar.remove_by_hand(event.ref)
    a_clash(world.provider, an_arranged_interview(world.provider, "2026-05-07 13:00"))
    world.look()
    assert world.store.drafts.open_drafts()
    rows, asked = world.store.counters.rows_written, visit.woken
    addresses = list(every_address(visit))
    assert len(addresses) > 20
    for path in addresses:
        for method in ("GET", "HEAD"):
            for words in ("", "?token=x&because=handled&intent=withdraw&value=dropped&text=x"):
                visit.get(path + words, method=method).close()
    assert (world.store.counters.rows_written, visit.woken) == (rows, asked)


def test_a_list_longer_than_a_page_goes_on_on_the_next(visit: Visit, world: World) -> None:
    for day in range(A_PAGE + 2):
        a_clash(world.provider, an_arranged_interview(world.provider, f"2026-05-{day + 1:02} 13:00", in_words=False))
    world.look()
    waiting = len(world.store.drafts.queue((DraftState.WAITING,)))
    assert A_PAGE < waiting < 2 * A_PAGE
    pages = [visit.text(f"/?from={first}") for first in (0, A_PAGE, waiting)]
    listed_on = [set(re.findall(r'href="/k/[^/]+/d/(\d+)"', page)) for page in pages]
    assert [len(numbers) for numbers in listed_on] == [A_PAGE, waiting - A_PAGE, 0]
    assert not listed_on[0] & listed_on[1]
    assert f'from={A_PAGE}"' in pages[0]
    assert 'from=0"' in pages[1]
