"""Mail bytes read into messages and drafts, and drafts written as mail; shared by every provider that sees MIME."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.message import Message as RawMessage
from email.utils import format_datetime

from calwatch.errors import Rejected
from calwatch.formats import headers, itip
from calwatch.formats.html import to_text
from calwatch.formats.quotes import own_text
from calwatch.model.event import Person
from calwatch.model.message import Content, Folder, Message
from calwatch.model.plain import many_lines, one_line

LARGEST_MAIL = 30_000_000
"""Bytes of a mail that are read; what lies beyond is an attachment nobody needs here."""

_MOST_PARTS = 200
_MOST_TEXT = 1_000_000
_ROBOTS = ("mailer-daemon@", "postmaster@", "calendar-notification@google.com")
_ONLY_IN_DRAFTS = frozenset({b"date", b"fcc", b"status", b"x-status", b"x-uid", b"x-keywords"})
_PROGRAM_NOTES = (b"x-mozilla-", b"x-mutt-", b"x-identity-key", b"x-account-key", b"x-evolution-", b"x-kmail-")
_PLAIN_ID = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]{1,900}>")
_OUT = policy.SMTP.clone(cte_type="7bit")


class UnreadableMail(ValueError):
    """These bytes cannot be read as a mail; ``str()`` says why, for the person."""


@dataclass(frozen=True, slots=True)
class Reader:
    """How invitations in mail are read: the user's lower-case addresses and the zone of floating times."""

    me: frozenset[str]
    viewer_zone: str


class Mime:
    """One parsed mail; every accessor is safe for any bytes."""

    def __init__(self, data: bytes) -> None:
        try:
            self._root = message_from_bytes(data[:LARGEST_MAIL], policy=policy.compat32)
        except RecursionError:
            raise UnreadableMail("its parts are nested too deeply") from None
        self._headers: dict[str, list[str]] = {}
        for name, value in self._root.raw_items():
            self._headers.setdefault(name.lower(), []).append(str(value))

    @property
    def headless(self) -> bool:
        return not self._headers

    def raw(self, name: str) -> list[str]:
        """All values of a header as they stand."""
        return self._headers.get(name.lower(), [])

    def text_of(self, name: str) -> str:
        """The first value of a header, decoded, on one line."""
        return headers.decode_words(next(iter(self.raw(name)), ""))

    def people(self, name: str) -> tuple[Person, ...]:
        return headers.people(self.raw(name))

    def ids(self, name: str) -> tuple[str, ...]:
        return headers.message_ids(self.raw(name))

    @property
    def message_id(self) -> str:
        return next(iter(self.ids("message-id")), "")

    @property
    def date(self) -> datetime | None:
        return headers.moment(next(iter(self.raw("date")), ""))

    def parts(self) -> Iterator[RawMessage[str, str]]:
        """The leaves, at most 200; attached mails are not entered."""
        waiting: list[RawMessage[str, str]] = [self._root]
        for _ in range(_MOST_PARTS):
            if not waiting:
                return
            part = waiting.pop(0)
            if not part.is_multipart():
                yield part
            elif part.get_content_maintype() == "multipart":
                waiting[:0] = [p for p in part.get_payload() if isinstance(p, RawMessage)]

    def whole_text(self) -> str:
        """The text body (plain, else HTML as text), quotes included, at most a million characters."""
        html = ""
        for part in self.parts():
            kind = part.get_content_type()
            if kind not in ("text/plain", "text/html") or part.get_content_disposition() == "attachment":
                continue
            text = many_lines(_decoded(part)[:_MOST_TEXT])
            if kind == "text/plain" and text.strip():
                return text
            html = html or (text if kind == "text/html" else "")
        return to_text(html) if html else ""

    def calendars(self) -> Iterator[tuple[str, bytes]]:
        """(method named by the part, iCalendar bytes) of every calendar part."""
        for part in self.parts():
            kind = part.get_content_type()
            name = str(part.get_filename("") or "").lower()
            if kind in ("text/calendar", "application/ics") or name.endswith(".ics"):
                method = part.get_param("method", "")
                yield (method if isinstance(method, str) else ""), _payload(part)

    @property
    def automatic(self) -> bool:
        """Whether no human typed it: RFC 3834, mailing lists, bounces and calendar systems."""
        submitted = self.text_of("auto-submitted").lower()
        if submitted and not submitted.startswith("no"):
            return True
        if self.text_of("precedence").lower() in ("bulk", "list", "junk", "auto_reply"):
            return True
        if any(self.raw(name) for name in ("list-id", "x-autoreply", "x-autorespond", "x-autoresponder")):
            return True
        if any(value.strip() == "<>" for value in self.raw("return-path")):
            return True
        senders = (*self.people("from"), *self.people("sender"))
        return any(person.email.startswith(_ROBOTS) for person in senders)


def parse_message(
    data: bytes, reader: Reader, *, ref: str, folder: Folder, received: datetime, with_text: bool = True
) -> Message:
    """A mail as calwatch sees it; ``received`` stands in for an unusable Date. Raises ``UnreadableMail``."""
    mime = Mime(data)
    if mime.headless:
        raise UnreadableMail("it is no mail, for it has no headers" if data else "the file is empty")
    references = mime.ids("references")
    answered = next(iter(mime.ids("in-reply-to")), "")
    message_id = mime.message_id or f"<{hashlib.sha256(data[:65_536]).hexdigest()[:32]}@unnamed.invalid>"
    text = own_text(mime.whole_text()) if with_text else ""
    return Message(
        ref=ref,
        thread=next(iter(references), "") or answered or message_id,
        folder=folder,
        message_id=message_id,
        date=mime.date or received,
        sender=next(iter(mime.people("from")), None),
        subject=mime.text_of("subject"),
        to=mime.people("to"),
        cc=mime.people("cc"),
        reply_to=mime.people("reply-to"),
        in_reply_to=answered or next(iter(references[-1:]), ""),
        references=references,
        text=text,
        automatic=mime.automatic,
        invitations=itip.invitations(mime.calendars(), me=reader.me, viewer_zone=reader.viewer_zone, ref=ref),
    )


def parse_content(data: bytes) -> Content:
    """What a stored draft says: recipients, subject and the own text above any quote."""
    mime = Mime(data)
    return Content(
        to=mime.people("to"),
        cc=mime.people("cc"),
        bcc=mime.people("bcc"),
        subject=mime.text_of("subject"),
        text=own_text(mime.whole_text()),
    )


def build(
    content: Content,
    *,
    sender: Person,
    message_id: str,
    date: datetime | None,
    answers: Message | None = None,
    calendar: tuple[str, bytes] | None = None,
) -> bytes:
    """RFC 5322 bytes (CRLF, 7 bit) of a mail; threading headers when it ``answers`` one (RFC 5322 §3.6.4).

    An id that is not plain ASCII without blanks is never written, so such a mail is answered without threading. Without
    a ``date`` whoever takes the mail dates it.
    ``calendar`` is (iTIP method, iCalendar bytes) for a scheduling mail (RFC 6047). Raises ``Rejected`` for anything in
    ``content`` that could break out of a header.
    """
    headers.check(content)
    mail = EmailMessage(policy=_OUT)
    if date is not None:
        mail["Date"] = format_datetime(date)
    named = (("From", (sender,)), ("To", content.to), ("Cc", content.cc), ("Bcc", content.bcc))
    people = [headers.address_line(name, _addresses(some)) for name, some in named if some]
    mail.set_content(content.text.rstrip("\n") + "\n")
    if calendar is not None:
        method, data = calendar
        text = data.decode("utf-8").replace("\r\n", "\n")
        mail.add_alternative(text, subtype="calendar", params={"method": method})
    # Written by hand: the library would wrap long ids as encoded words, which no mail program reads back.
    ids = [f"Message-ID: {message_id}"] if _PLAIN_ID.fullmatch(message_id) else []
    if answers is not None and _PLAIN_ID.fullmatch(answers.message_id):
        chain = answers.references or ((answers.in_reply_to,) if answers.in_reply_to else ())
        ids.append(f"In-Reply-To: {answers.message_id}")
        ids.append("References: " + "\r\n ".join(_shortened((*chain, answers.message_id))))
    return b"\r\n".join(
        [*(line.encode("ascii") for line in ids), headers.subject_line(content.subject), *people, mail.as_bytes()]
    )


def released(data: bytes, *, date: datetime, keep_bcc: bool) -> bytes:
    """A stored draft as it leaves: dated now, without what mail programs keep in drafts for themselves.

    Bcc stays only in the copy that is filed (RFC 5322 §3.6.3). Everything else, the body included, is byte for byte the
    same but for line ends.
    """
    text = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    head, _, body = text.partition(b"\n\n")
    kept: list[bytes] = [b"Date: " + format_datetime(date).encode("ascii")]
    dropping = False
    for line in head.split(b"\n"):
        if not line.startswith((b" ", b"\t")):
            name = line.partition(b":")[0].strip().lower()
            dropping = name in _ONLY_IN_DRAFTS or name.startswith(_PROGRAM_NOTES) or (name == b"bcc" and not keep_bcc)
        if not dropping:
            kept.append(line)
    return b"\n".join([*kept, b"", body]).replace(b"\n", b"\r\n")


def fingerprint(content: Content) -> str:
    """The same for contents that differ only in white space and Unicode form; addresses count, names do not."""
    people = ("\n".join(p.email.lower() for p in group) for group in (content.to, content.cc, content.bcc))
    texts = (" ".join(unicodedata.normalize("NFC", text).split()) for text in (content.subject, content.text))
    return hashlib.sha256("\0".join((*people, *texts)).encode("utf-8", "replace")).hexdigest()[:32]


def _addresses(people: tuple[Person, ...]) -> tuple[Address, ...]:
    found: list[Address] = []
    for person in people:
        local, _, domain = person.email.rpartition("@")
        try:
            domain = domain.encode("ascii").decode() if domain.isascii() else domain.encode("idna").decode()
            found.append(Address(one_line(person.name), local.encode("ascii").decode(), domain))
        except (UnicodeError, ValueError):
            raise Rejected(f"{one_line(person.email)!r} is not an address this mailbox can write to.") from None
    return tuple(found)


def _shortened(chain: tuple[str, ...]) -> list[str]:
    """At most 50 ids, the first and the newest ones (RFC 5537 §3.4.4); what is no plain id is left out."""
    plain = [i for i in dict.fromkeys(chain) if _PLAIN_ID.fullmatch(i)]
    return plain if len(plain) <= 50 else [plain[0], *plain[-49:]]


def _payload(part: RawMessage[str, str]) -> bytes:
    try:
        data = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError):
        data = None
    return data if isinstance(data, bytes) else b""


def _decoded(part: RawMessage[str, str]) -> str:
    charset = part.get_param("charset", "")
    name = charset[2] if isinstance(charset, tuple) else str(charset or "")
    return headers.decode(_payload(part)[: 4 * _MOST_TEXT], name)
