"""How the fake Gmail shows mail: formats, parts, charsets, invitations, and its quota."""

from __future__ import annotations

import pytest

from builders import ALEX, DANA, NOW, an_invitation
from calwatch.formats.mime import Reader, parse_message
from calwatch.model.event import Event, Series
from calwatch.model.message import Folder, Invitation, Message, Method
from contract.fake_gmail_caller import Ask, caller, refused, staged
from fakes.clock import ManualClock
from fakes.google import gmail_mime
from fakes.google.discovery import documents
from fakes.google.gmail import GmailState
from fakes.google.gmail_view import METADATA_ONLY


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


@pytest.mark.parametrize(
    ("method", "schema"),
    [
        ("getProfile", "Profile"),
        ("labels.list", "ListLabelsResponse"),
        ("settings.sendAs.list", "ListSendAsResponse"),
        ("threads.list", "ListThreadsResponse"),
        ("drafts.list", "ListDraftsResponse"),
        ("messages.list", "ListMessagesResponse"),
    ],
)
def test_answers_are_as_the_discovery_document_says(ask: Ask, asked: Message, method: str, schema: str) -> None:
    staged(ask, asked)
    documents()["gmail"].check(method, ask(method), schema)


def test_the_metadata_scope_shows_headers_only(gmail: GmailState, asked: Message) -> None:
    ask = caller(gmail, METADATA_ONLY)
    assert ask("messages.get", id=asked.ref, format="metadata")["payload"]["headers"]
    assert refused(ask, "messages.get", id=asked.ref)[0] == 403
    assert refused(ask, "messages.list", q="in:inbox")[0] == 403


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
