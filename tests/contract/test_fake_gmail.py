"""The fake Gmail must be as awkward as the real one, or it would hide what the provider has to survive."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest

from builders import ALEX, DANA, NOW, an_invitation
from calwatch.formats.mime import Reader, parse_message
from calwatch.model.event import Event, Series
from calwatch.model.message import Folder, Invitation, Message, Method
from fakes.clock import ManualClock
from fakes.google import gmail_mime
from fakes.google.call import ApiError, Call
from fakes.google.gmail import GmailState

Ask = Callable[..., Any]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def gmail(clock: ManualClock) -> GmailState:
    return GmailState(clock, ALEX.email)


@pytest.fixture
def ask(gmail: GmailState) -> Ask:
    """Calls a method: ``ask("drafts.get", id=…)``; ``body`` is the request's."""

    def call(method: str, body: dict[str, Any] | None = None, **params: Any) -> Any:
        return gmail.handle(Call(f"gmail.users.{method}", {"userId": "me", **params}, body))

    return call


@pytest.fixture
def asked(gmail: GmailState) -> Message:
    """Dana's question, which drafts answer."""
    return gmail.receive(sender=DANA, subject="Interview at Acme")


def a_reply(to: Message | None, subject: str = "Re: Interview at Acme", **headers: str) -> bytes:
    mail = EmailMessage(policy=SMTP)
    given = {"From": str(ALEX), "To": str(DANA), "Subject": subject, "Message-ID": "<ours@calwatch.example>"}
    if to is not None:
        given |= {"In-Reply-To": to.message_id, "References": to.message_id}
    for name, value in {**given, **{n.replace("_", "-"): v for n, v in headers.items()}}.items():
        mail[name] = value
    mail.set_content("Hi Dana,\n\nTuesday does not work for me any more.\n\nAlex\n")
    return mail.as_bytes()


def in_body(raw: bytes, thread: str = "", **fields: Any) -> dict[str, Any]:
    message = {"raw": gmail_mime.encoded(raw)} | ({"threadId": thread} if thread else {})
    return {"message": message, **fields}


def staged(ask: Ask, asked: Message) -> Any:
    return ask("drafts.create", in_body(a_reply(asked, X_Calwatch_Draft="key-1"), asked.thread))


def headers_of(ask: Ask, number: str) -> dict[str, str]:
    payload = ask("messages.get", id=number, format="metadata")["payload"]
    return {h["name"]: h["value"] for h in payload["headers"]}


def refused(ask: Ask, method: str, *args: Any, **params: Any) -> tuple[int, str]:
    with pytest.raises(ApiError) as caught:
        ask(method, *args, **params)
    return caught.value.status, caught.value.message


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


# -- mails as they are shown ---------------------------------------------------------------------------------------


def test_formats_differ_in_what_they_show(ask: Ask, asked: Message) -> None:
    full, brief, heads, raw = (
        ask("messages.get", id=asked.ref, format=f) for f in ("full", "minimal", "metadata", "raw")
    )
    assert "payload" not in brief
    assert "payload" not in raw
    assert "body" not in heads["payload"]
    assert "=" not in raw["raw"]
    assert gmail_mime.decoded(raw["raw"]).startswith(b"Message-ID: ")
    assert gmail_mime.decoded(full["payload"]["parts"][0]["body"]["data"]).startswith(b"Hi Alex")
    chosen = ask("messages.get", id=asked.ref, format="metadata", metadataHeaders=["message-id"])
    assert chosen["payload"]["headers"] == [{"name": "Message-ID", "value": asked.message_id}]
    assert refused(ask, "messages.get", id="FMfcgz")[0] == 400


def test_text_is_shown_in_utf8_whatever_its_header_goes_on_saying(ask: Ask, gmail: GmailState) -> None:
    head = "From: =?utf-8?q?Fox=2C_Zo=C3=AB?= <zoe@acme.example>\r\nSubject: =?iso-8859-1?q?Gr=FC=DFe?=\r\n"
    raw = f"{head}Content-Type: text/plain; charset=iso-8859-1\r\n\r\nGrüße\r\n".encode("iso-8859-1")
    payload = ask("messages.get", id=gmail.deliver(raw))["payload"]
    shown = {h["name"]: h["value"] for h in payload["headers"]}
    assert gmail_mime.decoded(payload["body"]["data"]).decode().strip() == "Grüße"
    assert "iso-8859-1" in shown["Content-Type"]
    assert (shown["Subject"], shown["From"]) == ("Grüße", '"Fox, Zoë" <zoe@acme.example>')


def test_attachments_and_at_times_calendar_parts_are_fetched_apart(ask: Ask, gmail: GmailState) -> None:
    invitation = Invitation(method=Method.REQUEST, items=(an_invitation(),))
    inline = []
    for _ in range(2):
        mail = gmail.receive("", sender=DANA, subject="Invitation: x", invitations=(invitation,), automatic=True)
        alternatives, attachment = ask("messages.get", id=mail.ref)["payload"]["parts"]
        assert attachment["filename"] == "invite.ics"
        data = ask("messages.attachments.get", messageId=mail.ref, id=attachment["body"]["attachmentId"])["data"]
        assert gmail_mime.decoded(data).startswith(b"BEGIN:VCALENDAR")
        inline.append("data" in alternatives["parts"][2]["body"])
    assert sorted(inline) == [False, True]


def test_googles_invitation_comes_from_the_organizer_through_googles_sender(gmail: GmailState) -> None:
    event = an_invitation(created=NOW, dtstamp=NOW)
    told = Invitation(method=Method.REQUEST, items=(event,))
    mail = gmail.receive("", sender=DANA, subject="Invitation: x", invitations=(told,), automatic=True)
    assert (mail.sender, mail.reply_to, mail.automatic) == (DANA, (DANA,), True)
    assert "calendar-notification@google.com" in gmail_mime.header(gmail.mails[mail.ref].raw, "Sender")
    ((item,),) = (i.items for i in mail.invitations)
    assert isinstance(item, Event)
    assert (item.uid, item.start, item.attendees) == (event.uid, event.start, event.attendees)
    assert not gmail.receive("Hi", sender=DANA, subject="Invitation: x", invitations=(told,)).automatic


def test_a_series_survives_its_invitation(gmail: GmailState) -> None:
    master = an_invitation(created=NOW, dtstamp=NOW, recurring=True)
    series = Series(
        ref="weekly",
        uid=master.uid,
        master=master,
        rrules=("FREQ=WEEKLY;COUNT=3",),
        exdates=("20260512T130000Z",),
        overrides=(an_invitation("2026-05-20 09:00", uid=master.uid, recurrence_id="20260519T130000Z"),),
    )
    told = Invitation(method=Method.REQUEST, items=(series,))
    mail = gmail.receive("", sender=DANA, subject="Invitation: x", invitations=(told,), automatic=True)
    ((item,),) = (i.items for i in mail.invitations)
    assert isinstance(item, Series)
    assert (item.rrules, item.exdates, item.zone_key) == (series.rrules, series.exdates, "Europe/Berlin")
    assert [o.recurrence_id for o in item.overrides] == ["20260519T130000Z"]


def test_mail_with_another_subject_begins_another_conversation(gmail: GmailState, asked: Message) -> None:
    follows = gmail.receive("And Thursday?", sender=DANA, subject="RE: Interview at Acme", answers=asked)
    other = gmail.receive("See this.", sender=DANA, subject="Invitation: Interview", answers=asked)
    assert follows.thread == asked.thread != other.thread


def test_what_hostile_bytes_arrive_is_shown_all_the_same(ask: Ask, gmail: GmailState) -> None:
    for raw in (
        b"",
        b"\0\xff",
        b"From: \xff\r\nSubject: =?x?q?y?=\r\n\r\n\xff",
        b"Content-Type: multipart/mixed\r\n\r\n",
    ):
        assert ask("messages.get", id=gmail.deliver(raw))["payload"]


def test_the_quota_is_refused_with_the_moment_to_come_back_and_early_comers_wait_longer(
    ask: Ask, gmail: GmailState, clock: ManualClock, asked: Message
) -> None:
    gmail.units_a_minute = 50
    for _ in range(2):
        ask("messages.get", id=asked.ref)
    status, message = refused(ask, "messages.get", id=asked.ref)
    assert (status, message) == (403, "User-rate limit exceeded.  Retry after 2026-04-20T08:01:00.000Z")
    clock.advance(30)
    assert refused(ask, "messages.list") == (403, "User-rate limit exceeded.  Retry after 2026-04-20T08:01:30.000Z")
    clock.advance(61)
    assert ask("messages.list")


def test_a_received_mail_reads_back_as_it_was_written(ask: Ask, gmail: GmailState) -> None:
    mail = gmail.receive("Grüße aus Łódź – 10:00", sender=DANA, subject="Über Dienstag", cc=(ALEX,))
    raw = gmail_mime.decoded(ask("messages.get", id=mail.ref, format="raw")["raw"])
    reader = Reader(frozenset({ALEX.email}), "UTC")
    read = parse_message(raw, reader, ref=mail.ref, folder=Folder.INBOX, received=NOW)
    assert (read.text, read.subject, read.cc) == ("Grüße aus Łódź – 10:00", "Über Dienstag", (ALEX,))
