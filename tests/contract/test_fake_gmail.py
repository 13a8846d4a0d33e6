"""The fake Gmail must be as awkward as the real one, or it would hide what the provider has to survive."""

from __future__ import annotations

from datetime import timedelta

import pytest

from builders import ALEX, DANA, NOW
from calwatch.model.message import Message
from contract.fake_gmail_caller import Ask, a_reply, caller, headers_of, in_body, refused, staged
from fakes.clock import ManualClock
from fakes.google import gmail_mime
from fakes.google.gmail import GmailState


@pytest.fixture
def gmail(clock: ManualClock) -> GmailState:
    return GmailState(clock, ALEX.email)


@pytest.fixture
def ask(gmail: GmailState) -> Ask:
    return caller(gmail)


@pytest.fixture
def asked(gmail: GmailState) -> Message:
    """Dana's question, which drafts answer."""
    return gmail.receive(sender=DANA, subject="Interview at Acme")


# -- drafts --------------------------------------------------------------------------------------------------------


def test_our_message_id_is_replaced_and_our_own_headers_stay(ask: Ask, asked: Message) -> None:
    headers = headers_of(ask, staged(ask, asked)["message"]["id"])
    assert headers["Message-ID"].startswith("<CA")
    assert headers["Message-ID"].endswith("@mail.gmail.com>")
    assert "ours@calwatch.example" not in str(headers)
    assert headers["X-Calwatch-Draft"] == "key-1"


def test_every_change_gives_another_message_id_and_the_draft_id_stays(ask: Ask, asked: Message) -> None:
    first = staged(ask, asked)
    second = ask("drafts.update", in_body(a_reply(asked), asked.thread), id=first["id"])
    sent = ask("drafts.send", {"id": first["id"]})
    assert second["id"] == first["id"]
    assert len({first["message"]["id"], second["message"]["id"], sent["id"]}) == 3
    assert (sent["labelIds"], sent["threadId"]) == (["SENT"], asked.thread)
    assert refused(ask, "messages.get", id=first["message"]["id"])[0] == 404
    assert refused(ask, "drafts.get", id=first["id"])[0] == 404
    assert refused(ask, "drafts.send", {"id": first["id"]})[0] == 404


@pytest.mark.parametrize(
    ("subject", "answers", "named"),
    [("Re: Interview at Acme", False, True), ("Something else", True, True), ("Re: Interview at Acme", True, False)],
    ids=["no references", "another subject", "no threadId"],
)
def test_a_draft_lands_in_a_conversation_of_its_own_unless_everything_fits(
    ask: Ask, asked: Message, subject: str, answers: bool, named: bool
) -> None:
    raw = a_reply(asked if answers else None, subject)
    made = ask("drafts.create", in_body(raw, asked.thread if named else ""))
    assert made["message"]["threadId"] == made["message"]["id"] != asked.thread


def test_odd_and_unknown_conversations_are_refused_differently(ask: Ask, asked: Message) -> None:
    assert refused(ask, "drafts.create", in_body(a_reply(asked), "FMfcgzGkXm")) == (400, "Invalid thread_id value")
    assert refused(ask, "drafts.create", in_body(a_reply(asked), "1234567890abcdef"))[0] == 404


def test_a_sender_that_is_not_verified_is_rewritten(ask: Ask, gmail: GmailState, asked: Message) -> None:
    def sender(email: str) -> str:
        raw = a_reply(asked).replace(ALEX.email.encode(), email.encode())
        return headers_of(ask, ask("drafts.create", in_body(raw))["message"]["id"])["From"]

    assert sender("alex@rivera.example") == str(ALEX)
    gmail.aliases = frozenset({"alex@rivera.example"})
    assert "alex@rivera.example" in sender("alex@rivera.example")


def test_the_composer_rewraps_a_draft_and_drops_headers_it_does_not_know(
    ask: Ask, gmail: GmailState, asked: Message
) -> None:
    made = staged(ask, asked)
    assert gmail.autosave(made["id"]) == made["id"]
    message = ask("drafts.get", id=made["id"])["message"]
    assert message["id"] != made["message"]["id"]
    assert message["threadId"] == asked.thread
    headers = {h["name"]: h["value"] for h in message["payload"]["headers"]}
    assert "X-Calwatch-Draft" not in headers
    assert headers["In-Reply-To"] == asked.message_id
    plain, html = message["payload"]["parts"]
    assert gmail_mime.decoded(html["body"]["data"]).startswith(b'<div dir="ltr">Hi Dana,<div><br></div>')
    gmail.edit_draft(made["id"], text="word " * 40)
    plain = ask("drafts.get", id=made["id"])["message"]["payload"]["parts"][0]
    assert max(map(len, gmail_mime.decoded(plain["body"]["data"]).splitlines())) < 78


def test_a_changed_subject_moves_the_draft_to_another_conversation(ask: Ask, gmail: GmailState, asked: Message) -> None:
    made = staged(ask, asked)
    gmail.edit_draft(made["id"], subject="Tuesday")
    assert ask("drafts.get", id=made["id"])["message"]["threadId"] != asked.thread


def test_an_edit_may_rotate_the_draft_id(ask: Ask, gmail: GmailState, asked: Message) -> None:
    gmail.rotates_draft_ids = True
    made = staged(ask, asked)
    new = gmail.edit_draft(made["id"], text="My own words.")
    assert refused(ask, "drafts.get", id=made["id"])[0] == 404
    assert [d["id"] for d in ask("drafts.list")["drafts"]] == [new]


def test_a_draft_sent_by_hand_is_gone_or_answers_as_sent_and_deleting_it_deletes_the_mail(
    ask: Ask, gmail: GmailState, asked: Message
) -> None:
    gone = staged(ask, asked)
    gmail.send_by_hand(gone["id"])
    assert refused(ask, "drafts.get", id=gone["id"])[0] == 404
    gmail.tells_sent = True
    made = staged(ask, asked)
    sent = gmail.send_by_hand(made["id"])
    assert ask("drafts.get", id=made["id"])["message"]["labelIds"] == ["SENT"]
    assert not ask("drafts.list").get("drafts")
    assert not gmail.destroyed
    ask("drafts.delete", id=made["id"])
    assert refused(ask, "messages.get", id=sent.ref)[0] == 404
    assert [mail.id for mail in gmail.destroyed] == [sent.ref]


def test_mail_to_nobody_and_to_no_address_is_not_sent(ask: Ask, gmail: GmailState) -> None:
    nobody = ask("drafts.create", in_body(a_reply(None).replace(b"To: ", b"X-To: ")))
    odd = ask("drafts.create", in_body(a_reply(None).replace(DANA.email.encode(), b"dana@")))
    assert refused(ask, "drafts.send", {"id": nobody["id"]}) == (400, "Recipient address required")
    assert refused(ask, "drafts.send", {"id": odd["id"]}) == (400, "Invalid To header")
    assert refused(ask, "drafts.send", {"id": "r-1"})[0] == 404
    assert not gmail.delivered


def test_who_sent_a_mail_is_remembered(ask: Ask, gmail: GmailState, asked: Message) -> None:
    ask("drafts.send", {"id": staged(ask, asked)["id"]})
    gmail.send_by_hand(staged(ask, asked)["id"])
    gmail.write("On the phone.", to=(DANA,), subject="Re: Interview at Acme", answers=asked)
    assert [d.by for d in gmail.delivered] == ["calwatch", "person", "person"]
    assert [d.in_reply_to for d in gmail.delivered] == [asked.message_id] * 3
    labels = [m["id"] for m in ask("messages.list", labelIds=["SENT"])["messages"]]
    assert len(labels) == 3
    assert len(ask("threads.get", id=asked.thread, format="minimal")["messages"]) == 4


# -- search, labels, history ---------------------------------------------------------------------------------------


def test_search_lags_where_labels_and_conversations_know_at_once(ask: Ask, clock: ManualClock, asked: Message) -> None:
    assert "messages" not in ask("messages.list", q="from:dana@acme.example")
    assert ask("messages.list", labelIds=["INBOX"])["messages"] == [{"id": asked.ref, "threadId": asked.thread}]
    assert ask("threads.get", id=asked.thread)["messages"][0]["id"] == asked.ref
    clock.advance(timedelta(seconds=60))
    assert ask("messages.list", q="from:dana@acme.example")["messages"][0]["id"] == asked.ref


def test_search_still_names_what_has_just_gone(ask: Ask, clock: ManualClock, asked: Message) -> None:
    made = staged(ask, asked)
    clock.advance(60)
    ask("drafts.update", in_body(a_reply(asked), asked.thread), id=made["id"])
    (ghost,) = ask("messages.list", q="in:drafts")["messages"]
    assert ghost["id"] == made["message"]["id"]
    assert refused(ask, "messages.get", id=ghost["id"])[0] == 404


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("from:dana@acme.example", True),
        ("from:(nobody@acme.example OR dana@acme.example) newer_than:120d", True),
        ("{from:nobody@acme.example from:acme.example}", True),
        ('subject:"at acme" -in:drafts', True),
        ('subject:"acme at"', False),
        ("in:sent", False),
        ("in:inbox could we talk", True),
        ("filename:ics", False),
        ("has:attachment OR is:unread", True),
        (f"after:{int(NOW.timestamp()) - 1} before:2026/04/21", True),
        (f"after:{int(NOW.timestamp()) + 1}", False),
        ("to:alex.rivera@example.com", True),
        ("uid:event-1@example.com", False),
    ],
)
def test_the_search_language(ask: Ask, clock: ManualClock, asked: Message, query: str, found: bool) -> None:
    clock.advance(60)
    assert ("messages" in ask("messages.list", q=query)) is found


def test_a_mail_is_found_by_its_message_id_with_and_without_brackets(
    ask: Ask, clock: ManualClock, asked: Message
) -> None:
    clock.advance(60)
    for wanted in (asked.message_id, asked.message_id.strip("<>")):
        assert ask("messages.list", q=f"rfc822msgid:{wanted}")["messages"][0]["id"] == asked.ref


def test_trash_is_only_listed_when_asked_for(ask: Ask, gmail: GmailState, asked: Message) -> None:
    gmail.trash(asked)
    assert ask("messages.list") == {"resultSizeEstimate": 0}
    assert ask("messages.list", includeSpamTrash=True)["messages"][0]["id"] == asked.ref
    assert "TRASH" in ask("threads.get", id=asked.thread)["messages"][0]["labelIds"]


def test_everything_comes_in_pages_of_the_servers_own_size(ask: Ask, gmail: GmailState) -> None:
    gmail.page_cap, gmail.empty_pages = 2, True
    for number in range(5):
        gmail.receive(sender=DANA, subject=f"Mail {number}")
    pages = [ask("messages.list", maxResults=500)]
    gmail.receive(sender=DANA, subject="came in between")
    while "nextPageToken" in pages[-1]:
        pages.append(ask("messages.list", maxResults=500, pageToken=pages[-1]["nextPageToken"]))
    assert [len(page.get("messages", [])) for page in pages] == [0, 2, 2, 1]
    assert refused(ask, "messages.list", pageToken="1")[0] == 400


def test_history_tells_of_drafts_and_mail_in_growing_ids_with_gaps(ask: Ask, gmail: GmailState, asked: Message) -> None:
    gmail.page_cap = 100
    start = ask("getProfile")["historyId"]
    made = staged(ask, asked)
    gmail.archive(asked)
    ask("drafts.send", {"id": made["id"]})
    answer = ask("history.list", startHistoryId=start)
    kinds = [next(k for k in record if k not in ("id", "messages")) for record in answer["history"]]
    assert kinds == ["messagesAdded", "labelsRemoved", "messagesDeleted", "messagesAdded"]
    ids = [int(record["id"]) for record in answer["history"]]
    assert ids == sorted(ids)
    assert ids[-1] - ids[0] > 3
    assert answer["historyId"] == str(ids[-1]) == ask("getProfile")["historyId"]
    assert "history" not in ask("history.list", startHistoryId=answer["historyId"])
    added = ask("history.list", startHistoryId=start, historyTypes=["messageAdded"], labelId="SENT")
    assert len(added["history"]) == 1


def test_an_expired_history_is_404(ask: Ask, gmail: GmailState, asked: Message) -> None:
    start = ask("getProfile")["historyId"]
    gmail.kill_cursor()
    assert refused(ask, "history.list", startHistoryId=start) == (404, "Requested entity was not found.")
    assert ask("history.list", startHistoryId=ask("getProfile")["historyId"])
