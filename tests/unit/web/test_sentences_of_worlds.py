"""Whatever a page shows of a world is in German: the demo world's days, troubles of every kind, letters, the corpus."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from builders import ALEX, DANA, NOW, a_recognition, an_event, an_invitation
from calwatch.daemon import one_pass
from calwatch.demo.world import build
from calwatch.detect.interview import recognise
from calwatch.detect.options import InterviewsOptions
from calwatch.draft.compose import compose
from calwatch.draft.etiquette import RULES, EtiquetteContext, check
from calwatch.draft.options import RepliesOptions, RsvpOptions
from calwatch.formats.ical import read
from calwatch.model.case import DraftState, RequestKind
from calwatch.model.draft import Letter
from calwatch.model.event import Event, Person, Response
from calwatch.model.me import Me
from calwatch.settings import load
from calwatch.web.sentences import grammar, translate
from calwatch.wiring import open_world
from fakes.clock import ManualClock
from fakes.faults import Answer
from letter_briefs import a_brief
from letter_cases import CASES
from said import of_letter, of_recognition, said_in
from worlds import World, a_clash, a_waiting_draft, an_arranged_interview, called_off, providers

CORPUS = Path(__file__).parents[1] / "detect" / "corpus"
ME = Me(emails=frozenset({ALEX.email}), name=ALEX.name)


def untold(sentences: Iterator[str] | set[str]) -> list[str]:
    """Those that stay English, and those that two patterns, equally sure, would say differently."""
    texts = {text for text in sentences if text}
    missing = {text for text in texts if translate(text, "de").language != "de"}
    return [*sorted(missing), *(f"in two ways: {text}" for text in sorted(texts) if _is_doubtful(text))]


def _is_doubtful(text: str) -> bool:
    known = grammar("de")
    assert known is not None
    readings = list(known.readings(text))
    best = max((pattern.weight for pattern, _ in readings), default=0)
    return len({said for pattern, said in readings if pattern.weight == best}) > 1


# --- troubles, each in a world of its own ---------------------------------------------------------------------------


def clash(world: World) -> None:
    waiting = a_waiting_draft(world)
    world.approve(waiting.draft)
    world.approve(waiting.draft)
    world.ask(RequestKind.UNDO, waiting.draft)
    again = world.again(waiting.draft)
    world.ask(RequestKind.EDIT, again, version=again.version, body="Hi Dana!\n\nASAP please, tomorrow.\n")
    world.ask(RequestKind.EDIT, again, version=again.version, intent="withdraw")
    again = world.again(again)
    world.ask(RequestKind.EDIT, again, version=again.version, intent="accept")
    world.ask(RequestKind.EDIT, again, version=again.version, to=["nobody"])
    world.ask(RequestKind.DISMISS, again, because="nonsense")
    world.ask(RequestKind.DISMISS, again, version=again.version, because="later")
    world.ask(RequestKind.REOPEN, again)
    world.approve(world.again(again))
    world.live(timedelta(minutes=2))


def effects(world: World) -> None:
    world.prefer(replies=RepliesOptions(rsvp=RsvpOptions(reschedule="tentative"), hold=True))
    waiting = a_waiting_draft(world)
    world.approve(waiting.draft)
    world.live(timedelta(minutes=2))
    taken = world.again(waiting.draft).letter.slots[0]
    world.provider.calendar.add(an_event(taken.start, 60, summary="Dentist"))
    world.live(timedelta(days=30), step=timedelta(days=1))


def declined(world: World) -> None:
    event = an_arranged_interview(world.provider)
    world.look()
    world.provider.calendar.answer_by_hand(event.ref, Response.DECLINED)
    world.live(timedelta(hours=1), step=timedelta(minutes=10))
    for draft in world.store.drafts.open_drafts():  # to Outlook's mind a declined appointment is gone
        world.ask(RequestKind.DISMISS, draft, version=draft.version, because="handled")


def cancelled(world: World) -> None:
    event = an_arranged_interview(world.provider)
    world.look()
    called_off(world.provider, event)
    world.look()


def removed(world: World) -> None:
    event = an_arranged_interview(world.provider)
    world.look()
    world.provider.calendar.remove_by_hand(event.ref)
    world.look()
    (question,) = world.store.questions.open_questions()
    world.ask(RequestKind.ANSWER, question=question.id, value="perhaps")
    world.ask(RequestKind.ANSWER, question=question.id, value="they-cancelled")
    world.ask(RequestKind.ANSWER, question=question.id, value="dropped")


def moved(world: World) -> None:
    event = an_arranged_interview(world.provider)
    later = timedelta(days=1)
    world.provider.calendar.add(an_event(event.start + later, 60, summary="Dentist", created=NOW))
    world.look()
    world.provider.calendar.move(event.ref, event.start + later, event.end + later)
    world.look()


def unsure(world: World) -> None:
    waiting = a_waiting_draft(world)
    world.provider.mail.faults.plan("send_draft", Answer.UNDONE)
    world.approve(waiting.draft)
    world.live(timedelta(seconds=40))
    for ref in list(world.provider.mail.drafts):
        world.provider.mail.discard_by_hand(ref)
    world.live(timedelta(minutes=16), step=timedelta(minutes=2))
    (question,) = world.store.questions.open_questions()
    world.ask(RequestKind.ANSWER, question=question.id, value="not-sent")


def in_the_mailbox(world: World) -> None:
    waiting = a_waiting_draft(world)
    assert waiting.draft.stored is not None
    world.provider.mail.edit_draft(waiting.draft.stored.ref, text="My own words.")
    world.look()
    world.provider.mail.edit_draft(waiting.draft.stored.ref, to=(Person("boss@elsewhere.example"),))
    world.look()
    world.provider.mail.send_by_hand(waiting.draft.stored.ref)
    world.look()


def expired(world: World) -> None:
    a_waiting_draft(world)
    world.live(timedelta(days=16), step=timedelta(hours=6))


def in_order_again(world: World) -> None:
    waiting = a_waiting_draft(world)
    world.provider.calendar.remove_by_hand(waiting.clash)
    world.look()


def by_hand(world: World) -> None:
    an_arranged_interview(world.provider)
    world.look()
    booking = world.store.bookings.interviews(NOW, NOW + timedelta(days=30))[0][0].id
    world.ask(RequestKind.OPEN_CASE, booking=booking, intent="reschedule", occasion="sick")
    world.ask(RequestKind.MARK, booking=booking, value="not")
    world.ask(RequestKind.OPEN_CASE, booking=booking, intent="reschedule", occasion="late")


def two_interviews(world: World) -> None:
    first = an_arranged_interview(world.provider)
    other = an_invitation(
        first.start,
        summary="Interview with Globex",
        organizer=Person("priya@globex.example", "Priya Nair"),
        response=Response.TENTATIVE,
    )
    world.provider.calendar.add(other)
    a_clash(world.provider, first, summary="Lunch", start=first.start - timedelta(minutes=70))
    world.look()


TROUBLES: dict[str, Callable[[World], None]] = {
    troubled.__name__: troubled
    for troubled in (
        *(clash, effects, declined, cancelled, removed, moved, unsure, in_the_mailbox, expired),
        *(in_order_again, by_hand, two_interviews),
    )
}


@contextmanager
def a_world(folder: Path, provider: str) -> Iterator[World]:
    clock = ManualClock()
    world = World(folder=folder, provider=providers(clock)[provider], clock=clock)
    try:
        yield world
    finally:
        world.stop()


@pytest.mark.parametrize("provider", ["gmail-like", "graph-like"])
@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_trouble_is_told_in_german(tmp_path: Path, trouble: str, provider: str) -> None:
    with a_world(tmp_path, provider) as world:
        TROUBLES[trouble](world)
        said = said_in(world.store, world.pipeline.parts.health.values(), world.pipeline)
    assert len(said) > 10
    assert untold(said) == []


def test_the_demo_world_is_told_in_german(tmp_path: Path) -> None:
    demo = build(tmp_path / "demo", NOW)
    world = open_world(load(demo.config), clock=ManualClock(NOW))
    try:
        assert one_pass(world) == 0
        waiting = world.store.drafts.in_states((DraftState.WAITING,))
        assert len(waiting) >= 3
        for draft in waiting:
            payload = {"version": draft.version, "hash": draft.hash}
            world.store.requests.add(RequestKind.APPROVE, draft.id, payload, who="page", now=world.clock.now())
        world.pipeline.act()
        one_pass(world)
        said = said_in(world.store, world.pipeline.parts.health.values(), world.pipeline)
    finally:
        world.close()
    assert len(said) > 40
    assert untold(said) == []


# --- letters --------------------------------------------------------------------------------------------------------

CLUMSY = """\
YOUR PLAN IS BAD, HELLO THERE! Sorry, sorry, I apologise. You failed, as we discussed; something came up tomorrow.
Another interview with Globex goes first, so answer ASAP. Thanks, thank you. [your name] https://acme.example/pick
Parents' evening.
"""


def clumsy(letter: Letter) -> Letter:
    content = replace(letter.content, text=CLUMSY, subject="Something else", to=(Person("x@elsewhere.example"),))
    return replace(letter, content=content)


@pytest.mark.parametrize("case", CASES)
def test_every_letter_and_what_is_to_be_said_about_it_is_told_in_german(case: str) -> None:
    letter = compose(a_brief(**CASES[case]))
    context = EtiquetteContext(user_name="Alex Rivera", other_names=("Globex",), sensitive=("Parents' evening",))
    bare = replace(letter, content=replace(letter.content, text="", subject="", to=(), cc=()))
    findings = [finding for one in (letter, clumsy(letter), bare) for finding in check(one, context)]
    assert findings
    assert untold({*of_letter(letter), *(f.text for f in findings), *(f.guideline for f in findings)}) == []


def test_every_guideline_is_told_in_german() -> None:
    assert untold({rule.guideline for rule in RULES}) == []


# --- recognition ----------------------------------------------------------------------------------------------------


def events() -> Iterator[tuple[Event, str]]:
    for line in (CORPUS / "labels.jsonl").read_text("utf-8").splitlines():
        name = json.loads(line)["file"]
        parsed = read((CORPUS / name).read_bytes(), me=ME.emails, viewer_zone="Europe/Berlin", window=None, ref=name)
        item = parsed.items[0]
        event = item if isinstance(item, Event) else item.master
        if event is not None:
            yield event, parsed.comment


def test_why_each_event_of_the_corpus_is_or_is_no_interview_is_told_in_german() -> None:
    options = InterviewsOptions()
    found = [recognise(event, me=ME, options=options, comment=comment) for event, comment in events()]
    assert len(found) > 100
    assert untold({text for known in found for text in of_recognition(known)}) == []


def test_the_persons_own_words_about_an_event_are_told_in_german() -> None:
    event = an_invitation()
    told = [
        recognise(event, me=ME, options=InterviewsOptions(), mark=True),
        recognise(event, me=ME, options=InterviewsOptions(), mark=False),
        recognise(event, me=ME, options=InterviewsOptions(ignore=(DANA.email,))),
        recognise(replace(event, busy_only=True), me=ME, options=InterviewsOptions()),
        a_recognition(),
    ]
    assert untold({text for known in told for text in of_recognition(known)}) == []
