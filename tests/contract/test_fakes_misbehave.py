"""The fakes must be as awkward as the real services, or they would hide what the pipeline has to survive."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from builders import ALEX, DANA, an_event, an_invitation
from calwatch.errors import Doubt, NeedsSignIn, Retry
from calwatch.model.event import Event, Response, Series
from calwatch.model.message import Message
from calwatch.ports import Accepted, Gone, MailQuery, Sent, StoredDraft, Waiting, nothing_known
from contract.calendar_suite import START, WINDOW
from contract.mail_suite import LETTER, SINCE
from fakes.clock import ManualClock
from fakes.faults import Answer, Crash, Faults
from fakes.gmail_like import GmailLike
from fakes.graph_like import GraphLike


def a_series(ref: str = "weekly") -> Series:
    master = an_event(START, ref=ref, uid="weekly@acme.example", recurring=True)
    return Series(
        ref=ref,
        uid=master.uid,
        master=master,
        local_start=START.replace(tzinfo=None),
        rrules=("FREQ=WEEKLY;COUNT=3",),
    )


def staged(account: GmailLike | GraphLike) -> tuple[Message, StoredDraft]:
    thread = account.mail.receive(sender=DANA, subject="Interview")
    return thread, account.mail.save_draft(thread, LETTER, "key")


def test_gmail_gives_new_message_ids_on_every_change_and_keeps_the_draft_id() -> None:
    account = GmailLike()
    _, first = staged(account)
    second = account.mail.update_draft(first.ref, LETTER, first.version)
    accepted = account.mail.send_draft(second.ref, second.version)
    assert isinstance(accepted, Accepted)
    assert first.ref == second.ref
    assert len({first.version, second.version, accepted.ref}) == 3
    assert len({first.message_id, second.message_id, accepted.message_id}) == 3


def test_gmail_changes_the_version_when_the_person_only_opens_a_draft() -> None:
    account = GmailLike()
    _, draft = staged(account)
    account.mail.autosave(draft.ref)
    seen = account.mail.look(draft.ref, "key")
    assert isinstance(seen, Waiting)
    assert seen.draft.version != draft.version
    assert seen.draft.content.text.split() == draft.content.text.split()


def test_gmail_finds_new_mail_by_thread_at_once_and_by_words_later() -> None:
    account = GmailLike()
    message = account.mail.receive(sender=DANA)
    by_id = MailQuery(message_ids=frozenset({message.message_id}))
    assert not account.mail.find(by_id)
    assert account.mail.find(by_id)
    other = account.mail.receive(sender=DANA)
    assert account.mail.find(MailQuery(threads=frozenset({other.thread})))


@pytest.mark.parametrize("make", [GmailLike, GraphLike])
def test_the_sent_copy_shows_up_late(make: type[GmailLike | GraphLike]) -> None:
    account = make()
    _, draft = staged(account)
    account.mail.send_draft(draft.ref, draft.version)
    assert isinstance(account.mail.look(draft.ref, "key"), Gone)
    assert isinstance(account.clock, ManualClock)
    account.clock.advance(timedelta(seconds=31))
    assert isinstance(account.mail.look(draft.ref, "key"), Sent)


@pytest.mark.parametrize("make", [GmailLike, GraphLike])
def test_a_lost_send_may_happen_later_but_within_the_quiescence(make: type[GmailLike | GraphLike]) -> None:
    account = make()
    _, draft = staged(account)
    account.faults.plan("send_draft", Answer.LATE)
    with pytest.raises(Doubt):
        account.mail.send_draft(draft.ref, draft.version)
    assert isinstance(account.mail.look(draft.ref, "key"), Waiting)
    assert isinstance(account.clock, ManualClock)
    account.clock.advance(account.mail.quiescence)
    assert isinstance(account.mail.look(draft.ref, "key"), Gone | Sent)
    assert len(account.mail.delivered) == 1


def test_graph_chooses_the_subject_quotes_below_and_answers_without_ids() -> None:
    account = GraphLike()
    thread, draft = staged(account)
    assert draft.content.subject == "RE: Interview"
    assert account.mail.send_draft(draft.ref, draft.version) == Accepted()
    (delivery,) = account.mail.delivered
    assert delivery.body.startswith(draft.content.text)
    assert thread.text in delivery.body
    assert delivery.in_reply_to == thread.message_id


def test_graph_may_leave_an_empty_reply_that_is_adopted() -> None:
    account = GraphLike()
    thread = account.mail.receive(sender=DANA)
    account.faults.plan("save_draft", Answer.HALF)
    with pytest.raises(Doubt):
        account.mail.save_draft(thread, LETTER, "key")
    assert [d.content.text for d in account.mail.drafts.values()] == [""]
    account.mail.save_draft(thread, LETTER, "key")
    assert len(account.mail.drafts) == 1


def test_graph_finds_the_sent_copy_by_marker_though_its_id_changed() -> None:
    account = GraphLike()
    _, draft = staged(account)
    account.mail.send_draft(draft.ref, draft.version)
    account.mail.settle()
    found = account.mail.find_sent("another id", "key", "", SINCE)
    assert found is not None
    assert found.ref != draft.ref


def test_google_says_only_gone_for_what_the_organizer_cancelled() -> None:
    calendar = GmailLike().calendar
    ref = calendar.add(an_invitation(START))
    cursor = calendar.changes("primary", None, WINDOW, nothing_known).cursor
    calendar.cancel_by_organizer(ref)
    assert calendar.changes("primary", cursor, WINDOW, nothing_known).gone == (ref,)
    assert isinstance(calendar.get("primary", ref, WINDOW), Gone)


def test_google_tells_of_events_far_outside_the_window_and_keeps_exceptions_apart() -> None:
    calendar = GmailLike().calendar
    calendar.add(a_series())
    cursor = calendar.changes("primary", None, WINDOW, nothing_known).cursor
    calendar.add(an_event(START + timedelta(days=3000), ref="far"))
    moved = an_event(START + timedelta(weeks=1, hours=2))
    exception = calendar.except_occurrence("weekly", "20260512T130000Z", moved)
    calendar.except_occurrence("weekly", "20260519T130000Z", None)
    changes = calendar.changes("primary", cursor, WINDOW, nothing_known)
    assert {i.ref for i in changes.items} == {"far", "weekly", exception}
    assert changes.replaced_occurrences["weekly"] == ("20260512T130000Z", "20260519T130000Z")


def test_outlook_expands_itself_and_drops_what_is_declined() -> None:
    calendar = GraphLike().calendar
    calendar.add(a_series())
    ref = calendar.add(an_invitation(START + timedelta(days=1), ref="single"))
    first = calendar.changes("primary", None, WINDOW, nothing_known)
    assert all(isinstance(i, Event) for i in first.items)
    assert len({i.ref for i in first.items}) == 4
    calendar.respond("primary", ref, None, Response.DECLINED, first.etags[ref])
    second = calendar.changes("primary", first.cursor, WINDOW, nothing_known)
    assert ref in second.gone
    assert set(second.gone) - {ref}, "a delta also names what nobody has seen"


def test_outlook_reports_a_lost_occurrence_whatever_cursor_it_is_asked_with_again() -> None:
    calendar = GraphLike().calendar
    calendar.add(a_series())
    cursor = calendar.changes("primary", None, WINDOW, nothing_known).cursor
    calendar.add(replace(a_series(), exdates=("20260512T130000Z",)))
    for _ in range(2):
        assert "weekly/20260512T130000Z" in calendar.changes("primary", cursor, WINDOW, nothing_known).gone


def test_faults_are_the_same_for_the_same_seed() -> None:
    def run(seed: int) -> list[tuple[str, Answer]]:
        faults = Faults(seed=seed, chances={Answer.LOST: 0.3, Answer.DOWN: 0.2})
        for _ in range(50):
            try:
                faults.begin("send_draft")
            except Retry:
                continue
        return faults.log

    assert run(1) == run(1)
    assert run(1) != run(2)
    assert {a for _, a in run(1)} == {Answer.OK, Answer.LOST, Answer.DOWN}


def test_a_crash_is_nothing_that_can_be_handled_and_the_other_side_lives_on() -> None:
    account = GmailLike(ALEX)
    thread, draft = staged(account)
    account.faults.plan("send_draft", Answer.CRASH_AFTER, Answer.OK)
    with pytest.raises(Crash):
        account.mail.send_draft(draft.ref, draft.version)
    assert len(account.mail.delivered) == 1
    account.faults.plan("save_draft", Answer.CRASH_BEFORE)
    with pytest.raises(Crash):
        account.mail.save_draft(thread, LETTER, "other")
    assert not account.mail.drafts
    account.faults.plan("look", Answer.SIGN_IN)
    with pytest.raises(NeedsSignIn):
        account.mail.look(draft.ref, "key")
