"""Every page shows every state, situation and intent, in every language, as a whole document whose parts have names."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from html.parser import HTMLParser
from typing import Any

import pytest

from builders import DANA, NOW, an_event, an_invitation, at
from calwatch.model.case import (
    TRANSITIONS,
    CaseState,
    DraftState,
    Intent,
    Move,
    Occasion,
    Outcome,
    Situation,
    Weight,
)
from calwatch.model.draft import Action, Channel, Draft, Finding, Letter, Level, PhoneCard, Recipient, ZoneGuess
from calwatch.model.message import Content
from calwatch.model.span import Span
from calwatch.pipeline.parts import AccountState, Health
from calwatch.store import Store
from calwatch.web.texts import LANGUAGES
from stories import a_case_in, a_draft_in, a_letter, an_interview_in, put
from visits import Visit
from worlds import World

VOID = {"meta", "link", "input", "br", "img", "hr"}
ALL = ("/", "/interviews", "/history", "/accounts")
FREE = (Span(at("2026-05-06 08:00"), at("2026-05-06 09:00")), Span(at("2026-05-07 12:00"), at("2026-05-07 15:00")))
MORE = (Span(at("2026-05-08 08:00"), at("2026-05-08 09:00")),)


class Document(HTMLParser):
    """What a page is made of. ``wrong`` is what a browser would have to guess at."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.ids: list[str] = []
        self.forms: list[dict[str, Any]] = []
        self.labelled: set[str] = set()
        self.named_by: set[str] = set()
        self.fields: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        self.wrong += [f"<{tag}> is not closed" for tag in self._open]
        self.wrong += [f"id {one} is there twice" for one in set(self.ids) if self.ids.count(one) > 1]
        self.wrong += [f"nothing has the id {one}" for one in (self.labelled | self.named_by) - set(self.ids)]
        self.wrong += [f"field {one} has no label" for one in self.fields if one not in self.labelled]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if len(given) != len(attrs):
            self.wrong.append(f"<{tag}> has an attribute twice")
        self.wrong += [f"<{tag}> has {name}" for name in given if name.startswith("on") or name == "style"]
        if tag not in VOID:
            self._open.append(tag)
        if "id" in given:
            self.ids.append(given["id"])
        self.named_by |= set(given.get("aria-labelledby", "").split())
        if tag == "label" and "for" in given:
            self.labelled.add(given["for"])
        if tag in ("select", "textarea") or (tag == "input" and given.get("type") not in ("hidden", "checkbox")):
            self.fields.append(given.get("id", f"without an id: {given}"))
        if tag == "form":
            self.forms.append({**given, "fields": []})
        if tag in ("input", "button", "textarea", "select") and self.forms and "form" in self._open:
            self.forms[-1]["fields"].append(given.get("name"))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.wrong.append(f"</{tag}> closes something else")


def a_full_letter(**fields: Any) -> Letter:
    """A letter in which everything is there that a page could show."""
    given: dict[str, Any] = {
        "content": Content(to=(DANA,), cc=(DANA,), subject="Re: Interview", text="Hi Dana,\n\nanother time?\n\nAlex"),
        "recipient": Recipient(to=(DANA,), evidence="organizer of the invitation", in_reply_to="<m@acme.example>"),
        "recipient_timezone": ZoneGuess("America/New_York", "Dana wrote “9 am ET” on 18 April 2026"),
        "slots": FREE,
        "slot_lines": ("one", "two"),
        "alternatives": MORE,
        "alternative_lines": ("three",),
        "phone": PhoneCard("Dana Fox", "+1 212 555 0100", "in the invitation", "Hi Dana, …", "This is Alex, …"),
        "reschedule_link": "https://calendly.example/dana?x=<y>&z=1",
        "actions": (Action("send", "Send the mail"), Action("rsvp", "Decline the appointment", "declined")),
        "variants": tuple(Intent),
        "etiquette": (
            Finding("no_recipient", Level.BLOCK, "There is no recipient yet; name one.", "Write to somebody."),
            Finding("too_long", Level.WARN, "It is long.", "Be brief."),
        ),
        "why": ("first reply",),
    }
    return a_letter(**{**given, **fields})


def a_draft_of(store: Store, situation: Situation, day: int = 0, letter: Letter | None = None, **case: Any) -> Draft:
    """A waiting draft about an interview of its own with something in its way."""
    event = an_invitation(at("2026-05-05 13:00") + timedelta(days=day), timezone="America/New_York")
    (clash,) = put(store, an_event(event.start, 60, summary="Parents' evening"))
    interview = an_interview_in(store, event)
    given: dict[str, Any] = {
        "situation": situation,
        "key": f"{situation}|{interview.id}",
        "interview": interview,
        "clashing_ids": (clash,),
        "why": ("it overlaps with “Parents' evening”", "the invitation is older"),
        "weight": Weight.CLASH,
    }
    return a_draft_in(store, a_case_in(store, **{**given, **case}), letter or a_full_letter())


def path_to(state: DraftState) -> list[Move]:
    """The moves that lead a waiting draft there, the fewest."""
    ways: dict[DraftState, list[Move]] = {DraftState.WAITING: []}
    while state not in ways:
        for (before, move), after in TRANSITIONS.items():
            if before in ways:
                ways.setdefault(after, [*ways[before], move])
    return ways[state]


def brought(store: Store, draft: Draft, state: DraftState) -> Draft:
    for move in path_to(state):
        approved = {"approved_hash": draft.hash, "due_at": NOW + timedelta(seconds=20)} if move is Move.APPROVE else {}
        draft = store.drafts.move(draft.id, draft.version, move, now=NOW, who="you", **approved)  # type: ignore[arg-type]
    assert draft.state is state
    return draft


@pytest.fixture(params=sorted(LANGUAGES))
def shown(request: pytest.FixtureRequest, visit: Visit) -> Callable[[str], Document]:
    """A page in one language; it must be a good document that nothing can be done by unless it is a fresh form."""

    def shown(path: str) -> Document:
        text = visit.text(path, language=request.param)
        assert f'<html lang="{request.param}">' in text
        page = Document(text)
        assert page.wrong == [], path
        for form in page.forms:
            assert form["method"] == "post"
            assert "token" in form["fields"]
            assert form["action"].startswith(f"/k/{visit.key}/")
        return page

    return shown


def test_pages_of_an_empty_world_are_whole(shown: Callable[[str], Document]) -> None:
    for path in ALL:
        shown(path)


def test_a_draft_is_shown_in_every_state_and_situation(shown: Callable[[str], Document], world: World) -> None:
    for day, (situation, state) in enumerate(itertools.product(Situation, DraftState)):
        draft = brought(world.store, a_draft_of(world.store, situation, day % 20), state)
        page = shown(f"/d/{draft.id}")
        clicks = {form["action"].rpartition("/")[2] for form in page.forms}
        expected = {
            DraftState.WAITING: {"save", "dismiss", "become"},
            DraftState.APPROVED: {"undo"},
            DraftState.FAILED: {"retry"},
            DraftState.DISMISSED: {"reopen"},
        }
        assert clicks - {"save"} == expected.get(state, set()) - {"save"}, (situation, state)
    for path in (*ALL, "/?from=20", "/?from=9999", "/history?draft=1"):
        shown(path)


def test_every_intent_and_occasion_has_its_words(shown: Callable[[str], Document], world: World) -> None:
    for day, (intent, occasion) in enumerate(itertools.product(Intent, (None, *Occasion))):
        letter = a_full_letter(intent=intent, channel=Channel.PHONE if day % 2 else Channel.EMAIL)
        draft = a_draft_of(world.store, Situation.MANUAL, day, letter, occasion=occasion)
        shown(f"/d/{draft.id}")
    shown("/")


def test_a_letter_with_nothing_but_a_text_is_shown(shown: Callable[[str], Document], world: World) -> None:
    bare = a_letter(content=Content(to=(), subject="", text=""))
    draft = a_draft_of(world.store, Situation.CONFLICT, 0, bare, clashing_ids=(), why=())
    shown(f"/d/{draft.id}")
    shown("/")


def test_cases_without_a_letter_are_shown_where_they_stand(shown: Callable[[str], Document], world: World) -> None:
    ways = ((), (CaseState.OPEN,), (CaseState.ASKING,), (CaseState.OPEN, CaseState.SENT))
    for day, way in enumerate(ways):
        interview = an_interview_in(world.store, an_invitation(at("2026-05-05 13:00") + timedelta(days=day)))
        case = a_case_in(world.store, interview=interview, key=f"x{day}", settle_until=NOW + timedelta(minutes=3))
        for state in way:
            case = world.store.cases.move(case.id, case.state, state, now=NOW, who="calwatch")
    for path in ALL:
        shown(path)


def test_every_end_of_a_case_is_told(shown: Callable[[str], Document], world: World) -> None:
    for day, outcome in enumerate(Outcome):
        for state in (DraftState.SENT, DraftState.DISMISSED):
            draft = brought(world.store, a_draft_of(world.store, Situation.CONFLICT, day), state)
            world.store.cases.move(
                draft.case_id, CaseState.SETTLING, CaseState.CLOSED, now=NOW, who="calwatch", outcome=outcome
            )
            shown(f"/d/{draft.id}")
    shown("/history")


def test_accounts_are_shown_in_every_state(shown: Callable[[str], Document], world: World) -> None:
    for state in AccountState:
        world.pipeline.parts.health["personal"] = Health(state=state, detail="sign in again", last_sync=NOW)
        for path in ALL:
            shown(path)


def test_a_question_is_asked_where_it_belongs(shown: Callable[[str], Document], world: World) -> None:
    draft = a_draft_of(world.store, Situation.REMOVED)
    choices = ("they-cancelled", "dropped", "other words")
    ask = partial(world.store.questions.ask, "removed", "Was it called off?", choices, now=NOW)
    ask(key="of a draft", case_id=draft.case_id, draft_id=draft.id)
    ask(key="of nothing")
    assert len([form for form in shown("/").forms if "/q/" in form["action"]]) == 2
    assert len([form for form in shown(f"/d/{draft.id}").forms if "/q/" in form["action"]]) == 1
