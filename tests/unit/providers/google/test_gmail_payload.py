"""Gmail's JSON of a mail, read by the same parser as every other mail, however hostile it is."""

from __future__ import annotations

import base64
import time
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import ALEX, DANA, NOW, an_invitation
from calwatch.formats.mime import Mime, Reader, parse_content, parse_message
from calwatch.model.message import Content, Folder, Invitation, Message, Method
from calwatch.providers.google.mail.payload import decoded, header, internal_date, labels, mail_bytes
from fakes.google import gmail_mime
from fakes.google.gmail_invitations import by_google, by_others

READER = Reader(frozenset({ALEX.email}), "Europe/Berlin")
INVITATION = Invitation(method=Method.REQUEST, items=(an_invitation(uid="one@acme.example"),))


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def part(kind: str, data: bytes = b"", **fields: Any) -> dict[str, Any]:
    given = {"mimeType": kind, "filename": "", "headers": [], "body": {"size": len(data), "data": encoded(data)}}
    return {**given, **fields}


def resource(payload: dict[str, Any], **headers: str) -> dict[str, Any]:
    given = {"From": str(DANA), "Subject": "Interview", "Message-ID": "<1@acme.example>", **headers}
    pairs = [{"name": name, "value": value} for name, value in given.items()]
    return {"id": "18c0ffee", "threadId": "18c0ffee", "payload": {**payload, "headers": pairs + payload["headers"]}}


def typed(content_type: str) -> list[dict[str, str]]:
    return [{"name": "Content-Type", "value": content_type}]


def nothing_attached(attachment: str) -> bytes:
    raise AssertionError("nothing was to be fetched")


def read(message: object) -> Message:
    data = mail_bytes(message, nothing_attached)
    return parse_message(data, READER, ref="m", folder=Folder.INBOX, received=NOW)


def as_gmail_shows(raw: bytes, outside: dict[str, bytes] | None = None) -> dict[str, Any]:
    """The resource of a mail; attachments are put ``outside`` under their part ids when that is given."""

    def attached(path: str, shown: Any, size: int) -> str:
        if outside is None or not gmail_mime.filename(shown):
            return ""
        outside[path] = gmail_mime.content(shown)
        return path

    return {"id": "18c0ffee", "payload": gmail_mime.payload(raw, attached)}


def test_a_mail_reads_as_its_own_bytes_do() -> None:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = '"Fox, Dana" <dana@acme.example>'
    mail["To"] = "Zoë Müller-Łąka <zoe@acme.example>, alex.rivera@example.com"
    mail["Reply-To"] = "reply+token@hire.example"
    mail["Subject"] = "Gespräch – 日本語"
    mail["Message-ID"] = "<1@acme.example>"
    mail["In-Reply-To"] = "<0@acme.example>"
    mail["References"] = "<-1@acme.example> <0@acme.example>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content("Grüße aus Łódź\n\n> alt")
    mail.add_alternative("<p>Grüße</p>", subtype="html")
    raw = mail.as_bytes()
    direct = parse_message(raw, READER, ref="m", folder=Folder.INBOX, received=NOW)
    assert read(as_gmail_shows(raw)) == direct
    assert direct.sender is not None
    assert direct.sender.name == "Fox, Dana"


@pytest.mark.parametrize("sent_by", [by_google, by_others])
def test_an_invitation_is_found_wherever_gmail_puts_it(sent_by: Any) -> None:
    content = Content(to=(ALEX,), subject="Invitation", text="Join us")
    raw = sent_by(INVITATION, content, sender=DANA, message_id="<i@google.com>", date=NOW)
    outside: dict[str, bytes] = {}
    fetched: list[str] = []

    def fetch(attachment: str) -> bytes:
        fetched.append(attachment)
        return outside[attachment]

    for kept in (None, outside):
        data = mail_bytes(as_gmail_shows(raw, kept), fetch)
        message = parse_message(data, READER, ref="m", folder=Folder.INBOX, received=NOW)
        assert [i.method for i in message.invitations] == [Method.REQUEST]
        assert [item.uid for i in message.invitations for item in i.items] == ["one@acme.example"]
    assert not fetched, "the attached copy is as large as the inline one, and is that one again"


def test_an_attached_calendar_is_fetched_when_there_is_no_other() -> None:
    stream = b"BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nBEGIN:VEVENT\r\nUID:7\r\nDTSTART:20260505T130000Z\r\nEND:VEVENT\r\n"
    body = {"size": len(stream), "attachmentId": "ANGjdJ8"}
    attached = {"mimeType": "application/octet-stream", "filename": "Termin.ICS", "headers": [], "body": body}
    message = resource({"mimeType": "multipart/mixed", "headers": [], "parts": [part("text/plain", b"hi"), attached]})
    data = mail_bytes(message, {"ANGjdJ8": stream + b"END:VCALENDAR\r\n"}.__getitem__)
    found = parse_message(data, READER, ref="m", folder=Folder.INBOX, received=NOW)
    assert [i.method for i in found.invitations] == [Method.CANCEL]


def test_attachments_are_fetched_only_up_to_a_number_and_a_size() -> None:
    def attached(size: int) -> dict[str, Any]:
        return part("application/ics", filename="a.ics", body={"size": size, "attachmentId": f"a{size}"})

    fetched: list[str] = []

    def fetch(attachment: str) -> bytes:
        fetched.append(attachment)
        return b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"

    many = [attached(9_000_000), part("application/pdf", filename="cv.pdf", body={"size": 5, "attachmentId": "cv"})]
    mail_bytes(
        resource({"mimeType": "multipart/mixed", "headers": [], "parts": many + [attached(n) for n in range(1, 50)]}),
        fetch,
    )
    assert fetched == ["a1", "a2", "a3", "a4", "a5"]


@pytest.mark.parametrize(
    ("data", "declared", "text"),
    [
        ("Grüße".encode(), "text/plain; charset=iso-8859-1", "Grüße"),
        ("Grüße".encode("latin-1"), 'text/plain; charset="iso-8859-1"', "Grüße"),
        ("Grüße".encode("cp1252"), "text/plain; charset=no-such-thing", "Grüße"),
        ("日本語".encode("iso-2022-jp"), "text/plain; charset=ISO-2022-JP", "日本語"),
        ("plain".encode("utf-16-le"), "text/plain; charset=utf-16-le", "plain"),
        ("日本語".encode(), "text/plain; charset=ISO-2022-JP", "日本語"),
        (b"plain", 'text/plain; charset="utf-8\r\nX-Evil: 1"', "plain"),
    ],
)
def test_a_text_reads_right_whether_gmail_recoded_it_or_not(data: bytes, declared: str, text: str) -> None:
    assert read(resource(part("text/plain", data, headers=typed(declared)))).text == text


def test_missing_padding_and_either_alphabet_are_read() -> None:
    data = bytes(range(256)) + b"?"
    assert decoded(base64.urlsafe_b64encode(data).decode()) == data
    assert decoded(encoded(data)) == data
    assert decoded(base64.b64encode(data).decode()) == data
    assert decoded("QUJD\nREVG") == b"ABCDEF"
    assert decoded("A") == b""
    assert decoded(None) == decoded("\ud800") == b""


def test_nothing_can_be_smuggled_into_the_headers() -> None:
    message = resource(part("text/plain", b"hi"), Subject="Hi\r\nBcc: evil@evil.example\r\n\r\nbody")
    message["payload"]["headers"].append({"name": "X: 1\r\nCc", "value": "evil@evil.example"})
    mime = Mime(mail_bytes(message, nothing_attached))
    assert mime.text_of("subject") == "Hi Bcc: evil@evil.example body"
    assert not mime.raw("bcc")
    assert not mime.raw("cc")
    assert mime.whole_text() == "hi"


def test_a_decoded_comma_in_the_senders_name_makes_no_second_sender() -> None:
    spoof = read(resource(part("text/plain", b"hi"), From="boss@bank.example, <evil@evil.example>"))
    assert spoof.sender is not None
    assert spoof.sender.email == "evil@evil.example"
    named = read(resource(part("text/plain", b"hi"), From='Fox, "Dana" \\ <dana@acme.example>'))
    assert named.sender is not None
    assert (named.sender.email, named.sender.name) == (DANA.email, 'Fox, "Dana" \\')
    bare = read(resource(part("text/plain", b"hi"), From="dana@acme.example"))
    assert bare.sender is not None
    assert bare.sender.email == DANA.email


def test_a_mail_without_an_id_is_called_by_gmails() -> None:
    message = resource(part("text/plain", b"hi"))
    message["payload"]["headers"] = [{"name": "Subject", "value": "hi"}]
    assert read(message).message_id == "<18c0ffee@unnamed.invalid>"
    assert read({}).message_id == "<@unnamed.invalid>"


def test_mails_inside_the_mail_and_attached_texts_are_not_its_text() -> None:
    inner = {
        "mimeType": "message/rfc822",
        "filename": "fwd.eml",
        "headers": [],
        "body": {},
        "parts": [part("text/plain", b"x")],
    }
    notes = part("text/plain", b"notes", filename="notes.txt")
    pinned = part("text/plain", b"pinned", headers=[{"name": "content-disposition", "value": "ATTACHMENT"}])
    own = part("text/html", b"<p>own words</p>")
    message = resource({"mimeType": "multipart/mixed", "headers": [], "parts": [inner, notes, pinned, own]})
    assert read(message).text == "own words"


def test_deep_and_wide_mails_are_cut_in_little_time() -> None:
    deep = part("text/plain", b"deep")
    for _ in range(5_000):
        deep = {"mimeType": "multipart/mixed", "headers": [], "parts": [deep]}
    wide = {"mimeType": "multipart/mixed", "headers": [], "parts": [part("text/plain", b"x")] * 50_000}
    huge = part("text/plain", b"word " * 4_000_000)
    began = time.perf_counter()
    assert read(resource(deep)).text == ""
    assert read(resource(wide)).text == "x"
    assert len(read(resource(huge)).text) <= 1_000_000
    assert time.perf_counter() - began < 5


def test_the_moment_the_labels_and_single_headers_are_read_warily() -> None:
    assert internal_date({"internalDate": "1776672000000"}) == datetime(2026, 4, 20, 8, tzinfo=UTC)
    assert (
        internal_date({"internalDate": "9" * 40}) is internal_date({"internalDate": []}) is internal_date(None) is None
    )
    assert labels({"labelIds": ["SENT", 7, None]}) == {"SENT", ""}
    assert header(resource(part("text/plain"), Subject="A"), "subject") == "A"
    assert header([], "subject") == ""


def test_an_edited_draft_keeps_its_recipients_and_its_words() -> None:
    body = [
        part("text/plain", b"Hi Dana,\r\nno.\r\n"),
        part("text/html", b'<div dir="ltr">Hi Dana,<div>no.</div></div>'),
    ]
    message = resource({"mimeType": "multipart/alternative", "headers": [], "parts": body}, To=str(DANA), Bcc=str(ALEX))
    content = parse_content(mail_bytes(message, nothing_attached))
    assert (content.to, content.bcc, content.text) == ((DANA,), (ALEX,), "Hi Dana,\nno.")


KEYS = st.sampled_from(
    [
        "id",
        "payload",
        "parts",
        "headers",
        "name",
        "value",
        "mimeType",
        "filename",
        "body",
        "data",
        "size",
        "attachmentId",
    ]
)
WORDS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["multipart/mixed", "text/plain", "text/calendar", "message/rfc822", "From", "Content-Type", "a.ics", "QUJD",
         "A", 'text/plain; charset="utf-16"', "text/calendar; method=REQUEST", "\ud800", "a@b.example,<c@d.example>"]
    ),
)  # fmt: skip
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), WORDS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.one_of(KEYS, WORDS), inner, max_size=6)),
    max_leaves=40,
)
PARTS = st.recursive(
    st.fixed_dictionaries({}, optional={"mimeType": WORDS, "filename": WORDS, "body": JSON, "headers": JSON}),
    lambda inner: st.fixed_dictionaries({"mimeType": WORDS, "parts": st.lists(inner, max_size=4)}),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(JSON, st.fixed_dictionaries({"id": JSON, "internalDate": JSON, "labelIds": JSON, "payload": PARTS})))
def test_whatever_the_json_is_there_is_some_mail(value: Any) -> None:
    data = mail_bytes(value, lambda attachment: b"BEGIN:VCALENDAR")
    message = parse_message(data, READER, ref="m", folder=Folder.INBOX, received=NOW)
    assert message.message_id.startswith("<")
    parse_content(data)
    labels(value)
    internal_date(value)
    header(value, "From")
