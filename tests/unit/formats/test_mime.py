"""Mail read from any bytes, and written so that nobody can smuggle anything in."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest

from builders import ALEX, DANA, NOW, a_message
from calwatch.errors import Rejected
from calwatch.formats.mime import Reader, UnreadableMail, build, fingerprint, parse_content, parse_message, released
from calwatch.model.event import Event, Person
from calwatch.model.message import Content, Folder, Message, Method

READER = Reader(frozenset({ALEX.email}), "Europe/Berlin")
LETTER = Content(to=(DANA,), subject="Re: Interview", text="Hi Dana,\n\nIt no longer works.\n\nAlex")


def read(*lines: str | bytes, body: bytes = b"Hello") -> Message:
    head = b"\r\n".join(line if isinstance(line, bytes) else line.encode() for line in lines)
    data = head + b"\r\n\r\n" + body
    return parse_message(data, READER, ref="r", folder=Folder.INBOX, received=NOW)


def test_a_plain_mail_is_read_whole() -> None:
    message = read(
        'From: "Fox, Dana" <Dana@Acme.example>',
        "To: Alex <alex.rivera@example.com>, boss@acme.example",
        "Reply-To: Scheduling <jobs+42@acme.example>",
        "Subject: Interview",
        "Date: Mon, 20 Apr 2026 10:00:00 +0200",
        "Message-ID: <1@acme.example>",
        "References: <0@acme.example> <a@b>",
        "In-Reply-To: <a@b>",
    )
    assert message.sender == Person("dana@acme.example", "Fox, Dana")
    assert [p.email for p in message.to] == ["alex.rivera@example.com", "boss@acme.example"]
    assert message.reply_to == (Person("jobs+42@acme.example", "Scheduling"),)
    assert message.date == datetime(2026, 4, 20, 8, tzinfo=UTC)
    assert (message.thread, message.in_reply_to) == ("<0@acme.example>", "<a@b>")
    assert message.references == ("<0@acme.example>", "<a@b>")
    assert message.text == "Hello"
    assert not message.automatic


@pytest.mark.parametrize(
    ("data", "reason"), [(b"", "the file is empty"), (b"\xff" * 3000, "no mail"), (b"\r\n\r\nHello", "no mail")]
)
def test_what_has_no_header_at_all_is_no_mail(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableMail, match=reason):
        parse_message(data, READER, ref="r", folder=Folder.INBOX, received=NOW)


def test_encoded_words_raw_utf8_and_broken_ones_all_become_readable() -> None:
    assert read("Subject: =?utf-8?Q?Gespr=C3=A4ch_?= =?utf-8?B?YW0gRGllbnN0YWc=?=").subject == "Gespräch am Dienstag"
    assert read("Subject: Gespräch").subject == "Gespräch"
    assert read("Subject: Gespräch".encode("latin-1")).subject == "Gespräch"
    assert read("Subject: =?x-nonsense?Q?Hello?=").subject == "Hello"
    assert "Hello" in read("Subject: =?utf-8?B?!!!?= Hello").subject


def test_header_tricks_leave_no_control_characters_and_no_second_line() -> None:
    subject = read("Subject: =?utf-8?Q?Hi=0D=0ABcc:_all@evil.example=1B[2J=E2=80=AE?=").subject
    assert all(ord(c) >= 32 for c in subject)
    assert "\u202e" not in subject


@pytest.mark.parametrize("charset", ["utf-8", "latin-1", "windows-1252", "iso-8859-15", "utf-16"])
def test_bodies_are_read_in_the_charset_they_name(charset: str) -> None:
    body = "Grüße aus Köln".encode(charset)
    assert read(f"Content-Type: text/plain; charset={charset}", body=body).text == "Grüße aus Köln"


@pytest.mark.parametrize("charset", ["nonsense", "idna", "unicode_escape", "hex", "utf-8", "us-ascii", '"', ""])
def test_a_charset_that_lies_or_does_not_exist_still_gives_text(charset: str) -> None:
    body = "Grüße aus Köln".encode("cp1252")
    assert read(f"Content-Type: text/plain; charset={charset}", body=body).text == "Grüße aus Köln"


def test_quoted_printable_and_broken_base64_are_read() -> None:
    quoted = read(
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: quoted-printable",
        body=b"Gr=C3=BC=\r\n=C3=9Fe",
    )
    assert quoted.text == "Grüße"
    assert isinstance(read("Content-Transfer-Encoding: base64", body=b"!!!not base64").text, str)


def test_a_megabyte_of_html_is_read_quickly_and_without_its_markup() -> None:
    cells = b"<tr><td style='color:red'>cell</td></tr>" * 25_000
    body = (
        b"<html><head><style>p{}</style></head><body><p>Hello <b>Alex</b></p><table>"
        + cells
        + b"</table></body></html>"
    )
    started = time.process_time()
    text = read("Content-Type: text/html; charset=utf-8", body=body).text
    assert "Hello Alex" in text
    assert "color" not in text
    assert time.process_time() - started < 15


def test_hostile_html_neither_crashes_nor_shows_scripts() -> None:
    for body in (b"<div>" * 50_000 + b"deep", b"<p>Hi<script>alert(1)</script", b"<" * 10_000, b"\x00<p>\x01Hi"):
        text = read("Content-Type: text/html", body=body).text
        assert "alert" not in text
        assert "\x00" not in text


def test_plain_text_wins_over_html_unless_it_is_empty() -> None:
    def both(plain: bytes) -> str:
        body = (
            b"--b\r\nContent-Type: text/plain\r\n\r\n" + plain + b"\r\n"
            b"--b\r\nContent-Type: text/html\r\n\r\n<p>from html</p>\r\n--b--\r\n"
        )
        return read("Content-Type: multipart/alternative; boundary=b", body=body).text

    assert both(b"from plain") == "from plain"
    assert both(b"  ") == "from html"


def test_deep_nesting_is_refused_in_words_or_read() -> None:
    body = b"".join(b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (n, n + 1) for n in range(3000))
    with pytest.raises(UnreadableMail, match="nested"):
        read("Content-Type: multipart/mixed; boundary=b0", body=body)


@pytest.mark.parametrize(
    "line",
    [
        "Auto-Submitted: auto-replied",
        "Precedence: bulk",
        "List-Id: <jobs.example>",
        "Return-Path: <>",
        "From: MAILER-DAEMON@mx.example",
        "Sender: Google Calendar <calendar-notification@google.com>",
    ],
)
def test_mail_no_human_typed_is_marked(line: str) -> None:
    assert read(line).automatic


def test_auto_submitted_no_is_a_human() -> None:
    assert not read("Auto-Submitted: no").automatic


def test_unusable_dates_and_ids_are_replaced() -> None:
    message = read("Date: yesterday, perhaps", "From: nobody")
    assert message.date == NOW
    assert message.sender is None
    assert message.message_id.startswith("<")
    assert message.message_id == read("Date: yesterday, perhaps", "From: nobody").message_id


def test_nested_comments_in_addresses_do_not_overflow() -> None:
    assert read("To: " + "(" * 30_000 + "a@b.example").to[:0] == ()


INVITE = b"""BEGIN:VCALENDAR\r
METHOD:REQUEST\r
BEGIN:VEVENT\r
UID:1@acme\r
DTSTAMP:20260401T080000Z\r
DTSTART:20260505T130000Z\r
DTEND:20260505T140000Z\r
SUMMARY:Interview\r
ORGANIZER:mailto:dana@acme.example\r
ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:alex.rivera@example.com\r
END:VEVENT\r
END:VCALENDAR\r
"""


def test_an_invitation_is_read_once_though_it_is_attached_twice() -> None:
    body = (
        b"--b\r\nContent-Type: text/plain\r\n\r\nPlease come\r\n"
        b"--b\r\nContent-Type: text/calendar; method=REQUEST; charset=utf-8\r\n\r\n" + INVITE + b"\r\n"
        b'--b\r\nContent-Type: application/ics; name="invite.ics"\r\n\r\n' + INVITE + b"\r\n--b--\r\n"
    )
    message = read("Content-Type: multipart/mixed; boundary=b", body=body)
    (invitation,) = message.invitations
    assert invitation.method is Method.REQUEST
    (event,) = invitation.items
    assert isinstance(event, Event)
    assert (event.uid, event.start) == ("1@acme", datetime(2026, 5, 5, 13, tzinfo=UTC))
    assert message.text == "Please come"


def test_a_method_only_the_part_names_counts_and_none_is_a_publication() -> None:
    plain = INVITE.replace(b"METHOD:REQUEST\r\n", b"")
    named = read("Content-Type: text/calendar; method=CANCEL", body=plain)
    assert named.invitations[0].method is Method.CANCEL
    assert read("Content-Type: text/calendar", body=plain).invitations[0].method is Method.PUBLISH


# -- writing -----------------------------------------------------------------------------------------------------


def test_what_is_written_reads_back_the_same() -> None:
    content = replace(
        LETTER,
        cc=(Person("tom@acme.example", "Tom, the “Boss” Łąka"),),
        bcc=(Person("me@rivera.example"),),
        subject="Re: Gespräch am Dienstag – " + "sehr langer Betreff " * 10 + "Ende",
        text="Grüße\n\n" + "ein sehr langer Absatz, " * 100 + "Ende" + "\n.\n.punkt\nFrom here on\n日本",
    )
    back = parse_content(build(content, sender=ALEX, message_id="<1@example.com>", date=NOW))
    assert back == content
    assert fingerprint(back) == fingerprint(content)


def test_a_reply_names_its_mail_and_the_chain_with_long_ids_untouched() -> None:
    long = "<" + "x" * 120 + "@mail.example>"
    answered = a_message(message_id=long, references=("<root@acme.example>", "<2@acme.example>"))
    data = build(LETTER, sender=ALEX, message_id="<1@example.com>", date=NOW, answers=answered)
    mail = message_from_bytes(data, policy=policy.default)
    assert mail["In-Reply-To"] == long
    assert str(mail["References"]).split() == ["<root@acme.example>", "<2@acme.example>", long]
    assert mail["Message-ID"] == "<1@example.com>"


def test_an_endless_chain_keeps_its_root_and_its_newest() -> None:
    chain = tuple(f"<{n}@acme.example>" for n in range(500))
    answered = a_message(message_id="<last@acme.example>", references=chain)
    data = build(LETTER, sender=ALEX, message_id="<1@example.com>", date=NOW, answers=answered)
    ids = str(message_from_bytes(data, policy=policy.default)["References"]).split()
    assert (len(ids), ids[0], ids[-1]) == (50, chain[0], "<last@acme.example>")


def test_outgoing_mail_is_seven_bit_with_short_lines_and_names_no_program() -> None:
    data = build(replace(LETTER, text="ü" * 5000), sender=ALEX, message_id="<1@example.com>", date=NOW)
    assert data.isascii()
    assert max(len(line) for line in data.split(b"\r\n")) <= 998
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert b"calwatch" not in data.lower()
    assert b"user-agent" not in data.lower()
    assert b"x-mailer" not in data.lower()


@pytest.mark.parametrize(
    "content",
    [
        replace(LETTER, subject="a\nb"),
        replace(LETTER, to=(Person("a@b.example\r\nBcc: x@y"),)),
        replace(LETTER, to=(Person("a@b.example", "x\r\ny"),)),
        replace(LETTER, to=(Person("not an address"),)),
        replace(LETTER, cc=(Person("a@b, c@d"),)),
        replace(LETTER, to=(Person("dänä@acme.example"),)),
    ],
    ids=["subject", "address", "name", "no address", "two in one", "beyond ascii"],
)
def test_what_could_break_out_of_a_header_is_rejected(content: Content) -> None:
    with pytest.raises(Rejected):
        build(content, sender=ALEX, message_id="<1@example.com>", date=NOW)


@pytest.mark.parametrize("message_id", ["<1@x>\r\nBcc: all@evil.example", "<ü@x>", "no brackets", ""])
def test_an_odd_message_id_is_never_written(message_id: str) -> None:
    data = build(LETTER, sender=ALEX, message_id="<1@example.com>", date=NOW, answers=a_message(message_id=message_id))
    mail = message_from_bytes(data, policy=policy.default)
    assert mail["Bcc"] is None
    assert mail["In-Reply-To"] is None
    assert mail["To"] is not None


def test_a_reply_token_longer_than_the_rules_allow_is_an_address_all_the_same() -> None:
    token = "reply+" + "f" * 120 + "@mail.ats.example"
    assert read(f"Reply-To: {token}").reply_to == (Person(token),)


def test_what_the_other_side_dates_and_names_is_written_without_date_and_id() -> None:
    content = Content(to=(DANA,), subject="Hi", text="Hello")
    data = build(content, sender=ALEX, message_id="", date=None)
    mail = message_from_bytes(data, policy=policy.default)
    assert (mail["Date"], mail["Message-ID"]) == (None, None)
    assert fingerprint(parse_content(data)) == fingerprint(content)


def test_an_international_domain_is_written_in_ascii() -> None:
    content = replace(LETTER, to=(Person("dana@müller.example"),))
    data = build(content, sender=ALEX, message_id="<1@example.com>", date=NOW)
    assert b"To: dana@xn--mller-kva.example" in data


def test_a_released_draft_is_dated_anew_and_loses_notes_and_bcc_but_nothing_else() -> None:
    content = replace(LETTER, bcc=(Person("me@rivera.example"),))
    draft = build(content, sender=ALEX, message_id="<1@example.com>", date=NOW)
    draft = b"X-Mozilla-Draft-Info: internal/draft;\r\n vcard=0\r\nFcc: /Sent\r\n" + draft
    later = datetime(2026, 4, 23, 9, tzinfo=UTC)
    wire = released(draft, date=later, keep_bcc=False)
    message = parse_message(wire, READER, ref="r", folder=Folder.SENT, received=NOW)
    assert message.date == later
    assert parse_content(wire) == replace(content, bcc=())
    assert b"Mozilla" not in wire
    assert b"vcard" not in wire
    assert b"Fcc" not in wire
    assert wire.count(b"Date:") == 1
    assert parse_content(released(draft, date=later, keep_bcc=True)) == content


def test_a_fingerprint_ignores_white_space_and_unicode_form_only() -> None:
    assert fingerprint(LETTER) == fingerprint(replace(LETTER, text=LETTER.text.replace("\n\n", "\r\n \r\n")))
    assert fingerprint(replace(LETTER, text="é")) == fingerprint(replace(LETTER, text="e\u0301"))
    assert fingerprint(LETTER) != fingerprint(replace(LETTER, text=LETTER.text + "!"))
    assert fingerprint(LETTER) != fingerprint(replace(LETTER, cc=LETTER.to, to=()))


def test_a_mail_full_of_repeating_appointments_brings_only_a_few() -> None:
    events = "".join(
        f"BEGIN:VEVENT\r\nUID:{n}@x\r\nDTSTART:20260505T090000Z\r\nRRULE:FREQ=SECONDLY\r\nEND:VEVENT\r\n"
        for n in range(300)
    )
    single = "BEGIN:VEVENT\r\nUID:one@x\r\nDTSTART:20260505T090000Z\r\nEND:VEVENT\r\n"
    body = f"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\n{events}{single}END:VCALENDAR\r\n".encode()
    (invitation,) = read("Subject: x", "Content-Type: text/calendar; method=REQUEST", body=body).invitations
    assert [item.uid for item in invitation.items] == ["0@x", "1@x", "2@x", "3@x", "4@x", "one@x"]


def test_a_long_foreign_name_between_two_addresses_swallows_neither() -> None:
    # CPython folds the comma behind such a name into an encoded word: the address after it is no address any more.
    people = (Person("aa@aaaa.example"), Person("a0a@aaaaaaaaaa.example", "00¡¡¡¡ࠀ"), Person("aa@a.example"))
    data = build(Content(to=people, subject="", text="x"), sender=ALEX, message_id="<1@example.com>", date=NOW)
    assert parse_content(data).to == people
    read = message_from_bytes(data, policy=policy.default)["To"].addresses
    assert [(one.addr_spec, one.display_name) for one in read] == [(one.email, one.name) for one in people]
