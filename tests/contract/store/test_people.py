"""Two people in one database: neither reads, changes, finds or prunes anything of the other's."""

from __future__ import annotations

import inspect
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from builders import ALEX, DANA, NOW, a_message, a_recognition, an_event, an_interview, an_invitation, at
from calwatch.errors import NotFound, Rejected
from calwatch.model.booking import Interview, Source
from calwatch.model.case import (
    CaseState,
    DraftState,
    EffectKind,
    EffectState,
    Move,
    Outcome,
    RequestKind,
    Situation,
    Weight,
)
from calwatch.model.draft import Stored
from calwatch.model.message import Folder, Invitation, Method
from calwatch.model.span import Span
from calwatch.store import Store, open_store
from calwatch.store.concern import Concern
from calwatch.store.tables import metadata
from stories import a_draft_in, a_letter, put

FOREVER = Span(at("2000-01-01 00:00"), at("2100-01-01 00:00"))
FAR = FOREVER.end


def fill(store: Store) -> dict[str, int]:
    """One of everything, the same for whoever asks; gives the ids."""
    with store.write():  # one commit: thirty would be thirty waits for the disk
        return _fill(store)


def _fill(store: Store) -> dict[str, int]:
    event = an_invitation(uid="same@acme.example", ref="same.ics")
    mailed = an_invitation("2026-05-06 13:00", uid="mailed@acme.example")
    put(store, event, an_event("2026-05-06 09:00", ref="gone.ics"))
    store.sightings.drop_resource("personal", "calendar", "gone.ics", now=NOW)
    store.sightings.set_cursor("personal", "calendar", "c1", FOREVER)
    invitation = Invitation(method=Method.REQUEST, items=(mailed,))
    received = a_message(ref="m1", message_id="<m1>", thread="<t>", invitations=(invitation,))
    sent = a_message(ref="m2", message_id="<m2>", thread="<t>", folder=Folder.SENT, sender=ALEX, to=(DANA,))
    store.mail.put_messages("personal", [received, sent], now=NOW, expand=lambda _series: [])
    found = store.bookings.by_uid(event.uid)
    assert found is not None
    store.bookings.set_recognition(found.id, a_recognition())
    store.bookings.set_snapshot(found.id, {"a": 1})
    store.bookings.mark_dirty([found.id], [event.span])
    interview = Interview(
        id=found.id, bookings=(found,), recognition=a_recognition(), account="personal", source=Source.CALENDAR
    )
    case = store.cases.open(
        interview, situation=Situation.CONFLICT, weight=Weight.CLASH, key="k", now=NOW, settle_until=NOW, due_at=NOW
    )
    draft = a_draft_in(store, case, a_letter(slots=(event.span,)), key="same key", due_at=NOW)
    effect = store.effects.plan(draft.id, EffectKind.HOLD, "h", now=NOW)
    question = store.questions.ask(
        "same", "?", ["a"], key="q", now=NOW, expires=NOW + timedelta(days=1), case_id=case.id
    )
    request = store.requests.add(RequestKind.APPROVE, draft.id, {}, who="you", now=NOW)
    store.meta.set("name", 1)
    store.marks.mark("same@acme.example", True, now=NOW)
    store.marks.set_cover("cover@acme.example", now=NOW)
    store.quarantine.put("bad.ics", "no DTSTART", now=NOW)
    return {
        "booking": found.id,
        "case": case.id,
        "draft": draft.id,
        "effect": effect.id,
        "question": question.id,
        "request": request.id,
        "history": store.history.of_draft(draft.id)[0].id,
    }


READS: dict[str, Callable[[Store, dict[str, int]], Any]] = {
    "sightings.cursor": lambda s, _: s.sightings.cursor("personal", "calendar"),
    "sightings.calendars": lambda s, _: s.sightings.calendars(),
    "sightings.known": lambda s, _: s.sightings.known("personal", "calendar"),
    "sightings.known_among": lambda s, _: s.sightings.known_among("personal", "calendar", ["same.ics"]),
    "sightings.shown": lambda s, _: s.sightings.shown("personal", "calendar", FOREVER),
    "sightings.booking_ids": lambda s, _: s.sightings.booking_ids("personal", "calendar", "same.ics"),
    "bookings.booking": lambda s, i: s.bookings.booking(i["booking"]),
    "bookings.booking_list": lambda s, i: s.bookings.booking_list([i["booking"]]),
    "bookings.by_uid": lambda s, _: s.bookings.by_uid("same@acme.example"),
    "bookings.of_uid": lambda s, _: s.bookings.of_uid("same@acme.example"),
    "bookings.overlapping": lambda s, _: s.bookings.overlapping(FOREVER),
    "bookings.busy_spans": lambda s, _: s.bookings.busy_spans(FOREVER),
    "bookings.same_time": lambda s, _: s.bookings.same_time(at("2026-05-05 13:00"), at("2026-05-05 14:00")),
    "bookings.interviews": lambda s, _: s.bookings.interviews(FOREVER.start, FAR, include_gone=True),
    "bookings.matching": lambda s, i: s.bookings.matching(str(i["booking"])) or s.bookings.matching("interview"),
    "bookings.unassessed": lambda s, _: s.bookings.unassessed(),
    "bookings.recognition": lambda s, i: s.bookings.recognition(i["booking"]),
    "bookings.first_seen": lambda s, i: s.bookings.first_seen([i["booking"]]),
    "bookings.facts": lambda s, i: s.bookings.facts(i["booking"]),
    "bookings.ahead": lambda s, _: s.bookings.ahead(NOW),
    "bookings.count": lambda s, _: s.bookings.count(),
    "bookings.take_dirty": lambda s, _: s.bookings.take_dirty().token,
    "mail.messages_with": lambda s, _: s.mail.messages_with({DANA.email}),
    "mail.sent_to": lambda s, _: s.mail.sent_to({DANA.email}),
    "mail.by_message_id": lambda s, _: s.mail.by_message_id("<m1>"),
    "mail.by_ref": lambda s, _: s.mail.by_ref("personal", "m1"),
    "mail.of_thread": lambda s, _: s.mail.of_thread("<t>"),
    "mail.invitation_messages": lambda s, _: s.mail.invitation_messages("mailed@acme.example"),
    "mail.account_of": lambda s, _: s.mail.account_of("<m1>"),
    "cases.get": lambda s, i: s.cases.get(i["case"]),
    "cases.open_cases": lambda s, _: s.cases.open_cases(),
    "cases.in_states": lambda s, _: s.cases.in_states(list(CaseState)),
    "cases.all": lambda s, _: s.cases.all(),
    "cases.open_for": lambda s, i: s.cases.open_for([i["booking"]]),
    "cases.of_bookings": lambda s, i: s.cases.of_bookings([i["booking"]]),
    "cases.due": lambda s, _: s.cases.due(FAR),
    "cases.next_due": lambda s, _: s.cases.next_due(),
    "drafts.get": lambda s, i: s.drafts.get(i["draft"]),
    "drafts.open_drafts": lambda s, _: s.drafts.open_drafts(),
    "drafts.in_states": lambda s, _: s.drafts.in_states(list(DraftState)),
    "drafts.all": lambda s, _: s.drafts.all(),
    "drafts.some": lambda s, i: s.drafts.some([i["draft"]]),
    "drafts.queue": lambda s, _: s.drafts.queue(list(DraftState)),
    "drafts.counts": lambda s, _: s.drafts.counts(),
    "drafts.waiting_since": lambda s, _: s.drafts.waiting_since(),
    "cases.some": lambda s, i: s.cases.some([i["case"]]),
    "effects.some": lambda s, i: s.effects.some([i["effect"]]),
    "questions.some": lambda s, i: s.questions.some([i["question"]]),
    "requests.some": lambda s, i: s.requests.some([i["request"]]),
    "history.some": lambda s, i: s.history.some([i["history"]]),
    "meta.beginning": lambda s, _: s.meta.beginning("na"),
    "drafts.of_case": lambda s, i: s.drafts.of_case(i["case"]),
    "drafts.by_key": lambda s, _: s.drafts.by_key("same key"),
    "drafts.due": lambda s, _: s.drafts.due(FAR),
    "drafts.reserved": lambda s, _: s.drafts.reserved(NOW),
    "effects.get": lambda s, i: s.effects.get(i["effect"]),
    "effects.of_draft": lambda s, i: s.effects.of_draft(i["draft"]),
    "effects.of_case": lambda s, i: s.effects.of_case(i["case"]),
    "effects.due": lambda s, _: s.effects.due(FAR),
    "effects.in_state": lambda s, _: s.effects.in_state(EffectState.PLANNED),
    "questions.get": lambda s, i: s.questions.get(i["question"]),
    "questions.open_questions": lambda s, _: s.questions.open_questions(),
    "questions.of_case": lambda s, i: s.questions.of_case(i["case"]),
    "questions.by_key": lambda s, _: s.questions.by_key("q"),
    "questions.due": lambda s, _: s.questions.due(FAR),
    "requests.get": lambda s, i: s.requests.get(i["request"]),
    "requests.pending": lambda s, _: s.requests.pending(),
    "history.get": lambda s, i: s.history.get(i["history"]),
    "history.of_draft": lambda s, i: s.history.of_draft(i["draft"]),
    "history.newest_of_draft": lambda s, i: s.history.newest_of_draft(i["draft"]),
    "history.of_case": lambda s, i: s.history.of_case(i["case"]),
    "history.all": lambda s, _: s.history.all(),
    "meta.get": lambda s, _: s.meta.get("name"),
    "marks.get": lambda s, _: s.marks.get("same@acme.example"),
    "marks.all": lambda s, _: s.marks.all(),
    "marks.covers": lambda s, _: s.marks.covers(),
    "quarantine.all": lambda s, _: s.quarantine.all(),
}

WRITES: dict[str, Callable[[Store, dict[str, int]], Any]] = {
    "sightings.set_cursor": lambda s, _: s.sightings.set_cursor("personal", "calendar", "theirs"),
    "sightings.forget_cursor": lambda s, _: s.sightings.forget_cursor("personal", "calendar"),
    "sightings.apply": lambda s, _: s.sightings.apply("personal", "calendar", now=NOW, listed=[]),
    "sightings.put_resource": lambda s, _: s.sightings.put_resource(
        "personal", "calendar", "same.ics", "9", [], now=NOW
    ),
    "sightings.drop_resource": lambda s, _: s.sightings.drop_resource("personal", "calendar", "same.ics", now=NOW),
    "sightings.drop_calendar": lambda s, _: s.sightings.drop_calendar("personal", "calendar", now=NOW),
    "sightings.set_etags": lambda s, _: s.sightings.set_etags("personal", "calendar", {"same.ics": "9"}),
    "bookings.set_recognition": lambda s, i: s.bookings.set_recognition(i["booking"], None),
    "bookings.set_snapshot": lambda s, i: s.bookings.set_snapshot(i["booking"], None),
    "bookings.mark_dirty": lambda s, i: s.bookings.mark_dirty([i["booking"]]),
    "bookings.clear_dirty": lambda s, _: s.bookings.clear_dirty(10**9),
    "mail.join_cancels_again": lambda s, _: s.mail.join_cancels_again(
        {"mailed@acme.example"}, now=NOW, expand=lambda _series: []
    ),
    "mail.put_messages": lambda s, _: s.mail.put_messages(
        "personal", [a_message(ref="m1", message_id="<m1>")], now=NOW, expand=lambda _s: []
    ),
    "cases.open": lambda s, i: s.cases.open(
        an_interview(), situation=Situation.MANUAL, weight=Weight.CLASH, key="k", now=NOW
    ),
    "cases.move": lambda s, i: s.cases.move(
        i["case"], CaseState.SETTLING, CaseState.CLOSED, now=NOW, who="them", outcome=Outcome.GONE
    ),
    "cases.change": lambda s, i: s.cases.change(i["case"], CaseState.SETTLING, now=NOW, weight=Weight.NOTICE),
    "drafts.create": lambda s, i: s.drafts.create(
        i["case"], "personal", a_letter(), hash="h", key="theirs", now=NOW, respond_by=NOW, expires=NOW
    ),
    "drafts.move": lambda s, i: s.drafts.move(i["draft"], 1, Move.DISMISS, now=NOW, who="them"),
    "drafts.set_stored": lambda s, i: s.drafts.set_stored(i["draft"], 1, Stored("r", "v"), now=NOW),
    "drafts.set_touched": lambda s, i: s.drafts.set_touched(i["draft"], 1, now=NOW),
    "drafts.set_due": lambda s, i: s.drafts.set_due(i["draft"], 1, FAR, now=NOW),
    "effects.plan": lambda s, i: s.effects.plan(i["draft"], EffectKind.RSVP, "theirs", now=NOW),
    "effects.attempt": lambda s, i: s.effects.attempt(i["effect"], now=NOW),
    "effects.done": lambda s, i: s.effects.done(i["effect"], now=NOW),
    "effects.fail": lambda s, i: s.effects.fail(i["effect"], "theirs", now=NOW),
    "effects.skip": lambda s, i: s.effects.skip(i["effect"], "theirs", now=NOW),
    "effects.retry": lambda s, i: s.effects.retry(i["effect"], now=NOW),
    "questions.ask": lambda s, _: s.questions.ask("same", "theirs", ["b"], key="q", now=NOW),
    "questions.answer": lambda s, i: s.questions.answer(i["question"], "a", now=NOW, who="them"),
    "questions.close": lambda s, i: s.questions.close(i["question"], now=NOW),
    "requests.add": lambda s, i: s.requests.add(RequestKind.DISMISS, i["draft"], {}, who="them", now=NOW),
    "requests.finish": lambda s, i: s.requests.finish(i["request"], None, False, now=NOW),
    "history.add": lambda s, i: s.history.add(at=NOW, who="them", kind="note", what="x", draft_id=i["draft"]),
    "meta.set": lambda s, _: s.meta.set("name", 2),
    "meta.delete": lambda s, _: s.meta.delete("name"),
    "marks.mark": lambda s, _: s.marks.mark("same@acme.example", False, now=NOW),
    "marks.clear": lambda s, _: s.marks.clear("same@acme.example"),
    "marks.set_cover": lambda s, _: s.marks.set_cover("another@acme.example", now=NOW),
    "quarantine.put": lambda s, _: s.quarantine.put("bad.ics", "theirs", now=NOW),
    "quarantine.clear": lambda s, _: s.quarantine.clear("bad.ics"),
}

NAMED_AFTER_THE_FACT = {
    "effects.holds",  # wants a done effect
    "cases.dismissed_keys",  # wants a closed case
    "drafts.blank",  # takes a connection: pruning's own
}


def everything(store: Store, ids: dict[str, int]) -> dict[str, Any]:
    return {name: READS[name](store, ids) for name in READS}


def test_every_public_method_of_every_object_is_tried_here(store: Store) -> None:
    methods = {
        f"{name}.{method}"
        for name, concern in vars(store).items()
        if isinstance(concern, Concern)
        for method, _ in inspect.getmembers(concern, inspect.ismethod)
        if not method.startswith("_")
    }
    assert methods == set(READS) | set(WRITES) | NAMED_AFTER_THE_FACT


@pytest.fixture(scope="module")
def two(fresh: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Store, dict[str, int]]]:
    """Alex's store with everything in it, Sam's with nothing, and Alex's ids; only for reading."""
    folder = tmp_path_factory.mktemp("two") / "state"
    shutil.copytree(fresh, folder)
    with open_store(folder, "alex") as alex, open_store(folder, "sam") as sam:
        yield alex, sam, fill(alex)


@pytest.mark.parametrize("name", READS)
def test_a_stranger_reads_nothing(two: tuple[Store, Store, dict[str, int]], name: str) -> None:
    alex, sam, ids = two
    assert READS[name](alex, ids), "the owner must see something, or this proves nothing"
    with suppress(NotFound):
        assert not READS[name](sam, ids)


@pytest.mark.parametrize("name", WRITES)
def test_a_stranger_changes_nothing(store: Store, other: Store, name: str) -> None:
    ids = fill(store)
    before = everything(store, ids)
    with suppress(NotFound, Rejected):
        WRITES[name](other, ids)
    assert everything(store, ids) == before


def test_both_can_hold_the_same_things(store: Store, other: Store) -> None:
    mine, theirs = fill(store), fill(other)
    assert store.bookings.booking(mine["booking"]).event.uid == other.bookings.booking(theirs["booking"]).event.uid
    before = everything(store, mine)
    for write in WRITES.values():
        with suppress(NotFound, Rejected):
            write(other, theirs)
    assert everything(store, mine) == before


def test_settled_troubles_and_holds_are_ones_own(store: Store, other: Store) -> None:
    ids = fill(store)
    store.effects.done(ids["effect"], now=NOW, provider_ref="hold.ics")
    store.cases.move(ids["case"], CaseState.SETTLING, CaseState.CLOSED, now=NOW, who="you", outcome=Outcome.KEEP)
    assert store.effects.holds()
    assert store.cases.dismissed_keys([ids["booking"]])
    assert not other.effects.holds()
    assert not other.cases.dismissed_keys([ids["booking"]])


def test_pruning_touches_only_ones_own(store: Store, other: Store) -> None:
    ids = fill(store)
    draft = store.drafts.get(ids["draft"])
    store.drafts.move(draft.id, 1, Move.DISMISS, now=NOW, who="you")
    store.cases.move(ids["case"], CaseState.SETTLING, CaseState.CLOSED, now=NOW, who="you", outcome=Outcome.KEEP)
    before = everything(store, ids)
    other.prune(FAR, timedelta(days=1))
    other.drop_bodies(ids["case"])
    assert everything(store, ids) == before


def test_every_table_names_the_person(store: Store) -> None:
    fill(store)
    for table in metadata.sorted_tables:
        assert not table.c.person.nullable, table.name
        with store._database.read() as connection:
            assert connection.scalar(select(func.count()).select_from(table)), f"{table.name} is not tried here"
