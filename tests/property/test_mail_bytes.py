"""Whatever bytes a mailbox holds, reading them gives a message or a sentence, and what we write reads back the same."""

from __future__ import annotations

import unicodedata
from email import message_from_bytes, policy
from email.header import decode_header, make_header

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from builders import ALEX, NOW
from calwatch.errors import Rejected
from calwatch.formats.html import to_text
from calwatch.formats.mime import Reader, UnreadableMail, build, fingerprint, parse_content, parse_message
from calwatch.formats.quotes import own_text
from calwatch.model.event import Person
from calwatch.model.message import Content, Folder
from calwatch.model.plain import one_line

READER = Reader(frozenset({ALEX.email}), "Europe/Berlin")
CALM = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])

WHOLE = (
    b'From: =?utf-8?Q?Dana_F=C3=B6x?= <dana@acme.example>\r\nTo: alex.rivera@example.com, "a, b" <c@d.example>\r\n'
    b"Subject: =?utf-8?B?R2VzcHLDpGNo?=\r\nDate: Mon, 20 Apr 2026 10:00:00 +0200\r\nMessage-ID: <1@acme.example>\r\n"
    b"References: <0@acme.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    b"--b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    b'<p>Gr=C3=BC=C3=9Fe <b>Alex</b></p><blockquote type=3D"cite">old</blockquote>\r\n'
    b"--b\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\n"
    b"DTSTART:20260505T130000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n--b--\r\n"
)
POISON = st.sampled_from(
    [
        b"\x00",
        b"\xff",
        b"\r",
        b"\n",
        b"=?utf-7?Q?+?=",
        b"charset=idna",
        b'"',
        b"(",
        b"<",
        b"=",
        b"\xe2\x80\xae",
        b"--b",
        b";",
        b"*0*=",
    ]
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A valid mail with pieces cut out, doubled and poisoned."""
    data = WHOLE
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 60)))
        data = data[:start] + draw(st.one_of(POISON, st.just(data[start:end] * 2), st.binary(max_size=20))) + data[end:]
    return data


@CALM
@given(st.one_of(damaged(), st.binary(max_size=400)))
def test_reading_never_crashes_and_leaves_nothing_a_terminal_obeys(data: bytes) -> None:
    try:
        message = parse_message(data, READER, ref="r", folder=Folder.INBOX, received=NOW)
        parse_content(data)
    except UnreadableMail:
        return
    shown = [message.subject, message.text, *(str(p) for p in (*message.to, *message.cc, *message.reply_to))]
    assert not [c for text in shown for c in text if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t"]
    assert "\n" not in message.subject
    assert message.date.tzinfo is not None


LINES = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cf", "Co", "Cn", "Zl", "Zp"]), max_size=120)
TEXTS = st.lists(LINES, max_size=12).map("\n".join)
ADDRESSES = st.from_regex(r"[a-z][a-z0-9.+-]{0,10}[a-z]@[a-z]{1,10}\.example", fullmatch=True)
PEOPLE = st.lists(st.builds(Person, ADDRESSES, LINES), min_size=1, max_size=4, unique_by=lambda p: p.email)


@CALM
@given(to=PEOPLE, subject=LINES, text=TEXTS)
def test_what_is_written_reads_back_with_equal_fingerprint(to: list[Person], subject: str, text: str) -> None:
    content = Content(to=tuple(to), subject=subject, text=own_text(text))
    data = build(content, sender=ALEX, message_id="<1@example.com>", date=NOW)
    assert data.isascii()
    assert fingerprint(parse_content(data)) == fingerprint(content)


SUBJECTS = st.one_of(
    LINES,
    st.text("aB 1=?_-:", max_size=200),
    st.lists(st.text("abcdefgh", min_size=1, max_size=90), max_size=12).map(" ".join),
)


@settings(CALM, max_examples=500)
@given(SUBJECTS)
@example("x" * 70)
@example("Re: " + "Interview with Acme about the Backend Engineer role, second round"[:66])
@example("x" * 1200)
@example("=?utf-8?q?no?= encoded word")
@example(" two  blanks ")
@example("Vorstellungsgespräch bei der Grünwälder Gießerei, zweite Runde, mit Führung durch das Werk")
def test_every_printable_subject_reads_back_as_it_was(subject: str) -> None:
    data = build(Content(to=(ALEX,), subject=subject, text="Hello"), sender=ALEX, message_id="<1@x>", date=NOW)
    head = data.partition(b"\r\n\r\n")[0]
    assert all(len(line) <= 78 for line in head.split(b"\r\n"))
    assert message_from_bytes(data, policy=policy.default)["Subject"] == subject
    assert decoded_by_hand(head) == subject
    assert parse_content(data).subject == one_line(subject, 4000)


def decoded_by_hand(head: bytes) -> str:
    """The Subject as a simple program reads it: one blank after the colon, folds undone, then the encoded words."""
    unfolded = head.replace(b"\r\n ", b" ").replace(b"\r\n\t", b"\t").decode("ascii")
    value = next(line for line in unfolded.split("\r\n") if line.startswith("Subject:")).removeprefix("Subject:")
    return str(make_header(decode_header(value.removeprefix(" "))))


@CALM
@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_headers_stay_single_whatever_is_put_into_them(name: str, address: str, subject: str) -> None:
    content = Content(to=(Person(address, name),), subject=subject, text="Hello")
    try:
        data = build(content, sender=ALEX, message_id="<1@example.com>", date=NOW)
    except Rejected:
        return
    head = data.partition(b"\r\n\r\n")[0].replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ")
    names = [line.partition(b":")[0] for line in head.split(b"\r\n")]
    assert sorted(names) == sorted(set(names))
    assert set(names) <= {
        b"Message-ID", b"Date", b"From", b"To", b"Subject", b"Content-Type", b"MIME-Version",
        b"Content-Transfer-Encoding",
    }  # fmt: skip


@CALM
@given(st.text(max_size=2000))
def test_own_text_and_html_never_crash_and_never_grow(text: str) -> None:
    assert len(own_text(text)) <= len(text)
    assert "\x1b" not in to_text(text)
