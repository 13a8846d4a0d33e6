"""Gmail read sparingly: what is new by its history, the rest by labels and index, nothing twice and nothing hidden."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from builders import ALEX, DANA, NOW, an_invitation
from calwatch.errors import NeedsSignIn, Resync
from calwatch.model.event import Person
from calwatch.model.message import Folder, Invitation, Message, Method
from calwatch.ports import MailQuery
from calwatch.providers.google.mail.history import History
from contract.google_mail_world import GoogleMailWorld
from contract.mail_suite import LETTER, SINCE
from fakes.clock import ManualClock
from fakes.google.server import ROOT, FakeGoogle

GET = "gmail.users.messages.get"
BOB = Person("bob@elsewhere.example", "Bob")
FROM_DANA = MailQuery(addresses=frozenset({DANA.email}))
TOLD = Invitation(method=Method.REQUEST, items=(an_invitation(uid="one@acme.example"),))


@pytest.fixture
def google() -> Iterator[FakeGoogle]:
    with FakeGoogle(ManualClock()) as running:
        yield running
        assert not running.violations


@pytest.fixture
def world(google: FakeGoogle, tmp_path: Path) -> GoogleMailWorld:
    assert isinstance(google.clock, ManualClock)
    return GoogleMailWorld(google, google.clock, tmp_path)


@pytest.fixture
def cursor(world: GoogleMailWorld) -> str:
    return world.mail.changes(None, SINCE).cursor


def receive(world: GoogleMailWorld, subject: str = "Interview") -> Message:
    world.clock.advance(60)
    return world.google.gmail.receive("Hi Alex", sender=DANA, subject=subject)


def requests_of(google: FakeGoogle) -> Iterator[list[str]]:
    """Method ids asked since the last time this was asked."""
    start = 0
    while True:
        found, start = [s.method_id for s in google.seen[start:]], len(google.seen)
        yield found


# -- changes ---------------------------------------------------------------------------------------------------------


def test_when_nothing_is_new_one_request_is_made(world: GoogleMailWorld, cursor: str) -> None:
    asked = requests_of(world.google)
    next(asked)
    assert world.mail.changes(cursor, SINCE).cursor == cursor
    assert next(asked) == ["gmail.users.history.list"]


def test_each_new_mail_is_fetched_once_however_often_it_is_told(world: GoogleMailWorld, cursor: str) -> None:
    mail = receive(world)
    world.google.gmail.archive(mail)
    world.google.gmail.label(world.google.gmail.mails[mail.ref], add=("INBOX", "STARRED"))
    for _ in range(2):
        found = world.mail.changes(cursor, SINCE)
        assert [m.ref for m in found.messages] == [mail.ref]
    world.mail.find(FROM_DANA)
    assert world.google.count(GET) <= 2, "once, and once more because it came back to the inbox"


def test_drafts_being_written_are_not_fetched(world: GoogleMailWorld, cursor: str) -> None:
    thread = receive(world)
    cursor = world.mail.changes(cursor, SINCE).cursor
    draft = world.mail.save_draft(thread, LETTER, "key-1")
    for number in range(5):
        world.edit(draft.ref, f"word {number}")
    fetched = world.google.count(GET)
    found = world.mail.changes(cursor, SINCE)
    assert not found.messages
    assert found.cursor != cursor
    assert world.google.count(GET) == fetched


def test_what_came_and_went_again_is_passed_over(world: GoogleMailWorld, cursor: str) -> None:
    gone, trashed, kept = receive(world, "Gone"), receive(world, "Trashed"), receive(world, "Kept")
    world.google.gmail.remove(world.google.gmail.mails[gone.ref])
    world.google.gmail.trash(trashed)
    assert [m.subject for m in world.mail.changes(cursor, SINCE).messages] == ["Kept"]
    assert [m.ref for m in world.mail.find(FROM_DANA)] == [kept.ref]


def test_a_mail_the_history_names_and_nobody_has_any_more_is_passed_over(world: GoogleMailWorld, cursor: str) -> None:
    gone = receive(world)
    del world.google.gmail.mails[gone.ref]
    found = world.mail.changes(cursor, SINCE)
    assert not found.messages
    assert not found.problems
    assert found.cursor != cursor


def test_a_mail_taken_out_of_spam_is_new_and_one_in_spam_is_not(world: GoogleMailWorld, cursor: str) -> None:
    gmail = world.google.gmail
    raw = gmail.mails[receive(world).ref].raw
    number = gmail.deliver(raw, labels=("SPAM",))
    found = world.mail.changes(cursor, SINCE)
    assert number not in [m.ref for m in found.messages]
    gmail.label(gmail.mails[number], add=("INBOX",), remove=("SPAM",))
    assert [m.ref for m in world.mail.changes(found.cursor, SINCE).messages] == [number]


def test_mail_that_skips_the_inbox_is_read_as_well(world: GoogleMailWorld, cursor: str) -> None:
    raw = world.google.gmail.mails[receive(world).ref].raw
    number = world.google.gmail.deliver(raw, labels=("UNREAD", "CATEGORY_UPDATES"))
    assert number in [m.ref for m in world.mail.changes(cursor, SINCE).messages]


@pytest.mark.parametrize("cap", [0, 1, 7])
def test_after_a_long_absence_mail_comes_in_portions_that_miss_nothing(
    world: GoogleMailWorld, cursor: str, cap: int
) -> None:
    history = History(world._mail._connection, world._mail._messages, world.clock, at_once=10)
    world.google.gmail.page_cap = cap or world.google.gmail.page_cap
    sent = [receive(world, f"Mail {number}").ref for number in range(25)]
    portions = []
    while True:
        found = history.after(cursor)
        if found.cursor == cursor:
            break
        portions.append([m.ref for m in found.messages])
        cursor = found.cursor
    assert [ref for portion in portions for ref in portion] == sent
    assert max(map(len, portions)) == 10


@pytest.mark.parametrize("bad", ["", "a cursor of something else", "-1", "1" * 40, "٣٣"])
def test_what_is_no_cursor_of_gmails_asks_for_a_resync_without_a_request(world: GoogleMailWorld, bad: str) -> None:
    with pytest.raises(Resync):
        world.mail.changes(bad, SINCE)
    assert world.google.count("gmail.users.history.list") == 0


def test_the_first_reading_has_invitations_sent_mail_and_the_last_days_of_the_inbox(world: GoogleMailWorld) -> None:
    gmail = world.google.gmail

    gmail.receive(
        "Join", sender=DANA, subject="invited", invitations=(TOLD,), automatic=True, date=NOW - timedelta(days=50)
    )
    gmail.receive(
        "Join",
        sender=DANA,
        subject="invited long ago",
        invitations=(TOLD,),
        automatic=True,
        date=NOW - timedelta(days=70),
    )
    gmail.receive("Hi", sender=DANA, subject="an older mail", date=NOW - timedelta(days=20))
    gmail.receive("Hi", sender=DANA, subject="yesterday", date=NOW - timedelta(days=1))
    trashed = gmail.receive("Hi", sender=DANA, subject="trashed", invitations=(TOLD,), date=NOW - timedelta(days=1))
    gmail.trash(trashed)
    gmail.write("My answer", to=(DANA,), subject="sent", date=NOW - timedelta(days=30))
    gmail.write("My answer", to=(DANA,), subject="sent long ago", date=NOW - timedelta(days=61))
    gmail.settle()
    thread = world.mail.find(FROM_DANA)[0]
    world.mail.save_draft(thread, LETTER, "key-1")
    world.restart()
    read = world.mail.changes(None, SINCE)
    assert read.complete
    assert not read.problems
    found = {m.subject: m for m in read.messages}
    assert set(found) == {"invited", "yesterday", "sent"}
    assert len(read.messages) == len(found)
    assert [i.method for i in found["invited"].invitations] == [Method.REQUEST]
    assert found["sent"].folder is Folder.SENT
    assert found["sent"].to == (DANA,)
    assert found["sent"].sender == ALEX
    assert read.messages[0].date.tzinfo is not None
    assert not world.mail.changes(read.cursor, SINCE).messages


def test_nothing_that_arrives_during_the_first_reading_is_missed(world: GoogleMailWorld, cursor: str) -> None:
    methods = [s.method_id for s in world.google.seen]
    assert methods[0] == "gmail.users.getProfile"
    receive(world)
    assert len(world.mail.changes(cursor, SINCE).messages) == 1


# -- find ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["INBOX", "SENT", "archived"])
def test_what_the_index_does_not_know_yet_is_found(world: GoogleMailWorld, cursor: str, place: str) -> None:
    world.google.gmail.search_lag = 1_000
    sent = place == "SENT"
    mail = world.google.gmail.write("Hello", to=(DANA,), subject="Hello") if sent else receive(world)
    if place == "archived":
        world.google.gmail.archive(mail)
        world.mail.changes(cursor, SINCE)
    assert [m.ref for m in world.mail.find(FROM_DANA)] == [mail.ref]
    assert [m.ref for m in world.mail.find(MailQuery(message_ids=frozenset({mail.message_id})))] == [mail.ref]


def test_what_was_deleted_and_is_still_in_the_index_is_not_found(world: GoogleMailWorld) -> None:
    mail = receive(world)
    world.settle()
    world.google.gmail.remove(world.google.gmail.mails[mail.ref])
    assert not world.mail.find(FROM_DANA)
    assert not world.mail.find(MailQuery(threads=frozenset({mail.thread})))


def test_what_was_read_is_not_fetched_again(world: GoogleMailWorld) -> None:
    mails = [receive(world, f"Mail {number}") for number in range(5)]
    world.settle()
    assert len(world.mail.find(FROM_DANA)) == 5
    fetched = world.google.count(GET)
    asked = requests_of(world.google)
    next(asked)
    assert len(world.mail.find(FROM_DANA)) == 5
    assert world.google.count(GET) == fetched
    next(asked)
    assert world.mail.find(MailQuery(message_ids=frozenset({mails[0].message_id})))
    assert not next(asked), "a mail that is known by its id needs no request at all"


def test_a_search_finds_whom_a_mail_is_from_to_and_copied_to_and_nobody_else(world: GoogleMailWorld) -> None:
    gmail = world.google.gmail
    gmail.receive("Hi", sender=BOB, subject="copied", cc=(DANA,))
    gmail.receive("Hi", sender=Person("dana@acme.example.evil.example"), subject="nearly the same")
    gmail.receive("about dana@acme.example", sender=BOB, subject="only mentioned")
    gmail.write("Hi", to=(DANA,), subject="to")
    gmail.receive("Hi", sender=DANA, subject="from")
    gmail.receive("Hi", sender=DANA, subject="old", date=NOW - timedelta(days=90))
    world.settle()
    world.clock.advance(timedelta(hours=3))
    found = world.mail.find(MailQuery(addresses=FROM_DANA.addresses, since=SINCE))
    assert sorted(m.subject for m in found) == ["copied", "from", "to"]


@pytest.mark.parametrize(
    "query",
    [
        MailQuery(
            addresses=frozenset({"} OR in:trash {", "a b@c.example", '"@x', "-x@y.example", "", "(a@b)@c.example"})
        ),
        MailQuery(message_ids=frozenset({"<} in:anywhere {>", "<a b@c>", "", "<>", "<-in:sent@x>", '<"a"@b>'})),
        MailQuery(
            threads=frozenset({"../../drafts", "", "FMfcgzGkXm", "a b", "<root@acme.example>", "0123456789abcdef"})
        ),
        MailQuery(),
    ],
    ids=["addresses", "ids", "threads", "nothing"],
)
def test_whatever_is_asked_for_nothing_else_is_found(world: GoogleMailWorld, query: MailQuery) -> None:
    world.google.gmail.trash(receive(world))
    receive(world)
    world.settle()
    assert not world.mail.find(query)


def test_many_addresses_are_asked_for_in_several_searches(world: GoogleMailWorld) -> None:
    people = [Person(f"someone.with.a.long.name.{number}@acme-holding.example") for number in range(35)]
    for person in people[::7]:
        world.google.gmail.receive("Hi", sender=person, subject="Hi")
    world.settle()
    world.clock.advance(timedelta(hours=3))
    found = world.mail.find(MailQuery(addresses=frozenset(p.email for p in people)))
    assert len(found) == 5
    assert len([s for s in world.google.seen if "from:" in s.params.get("q", "")]) == 4


def test_without_the_permission_to_read_mail_the_person_is_told_which(world: GoogleMailWorld) -> None:
    world.google.sign_in(world._folder, "google", scopes=(ROOT + "gmail.compose", ROOT + "calendar.events"))
    world.restart()
    for call in (lambda: world.mail.changes(None, SINCE), lambda: world.mail.find(FROM_DANA)):
        with pytest.raises(NeedsSignIn, match="reading your mail"):
            call()
    assert not world.google.seen
