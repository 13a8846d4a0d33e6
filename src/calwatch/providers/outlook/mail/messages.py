"""Graph's JSON of one mail read into a message; nothing in it is trusted, and any shape of it gives a mail or none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from calwatch.formats import headers
from calwatch.formats.mime import Mime, UnreadableMail
from calwatch.model.event import Person
from calwatch.model.message import Content, Folder, Message
from calwatch.model.plain import one_line
from calwatch.providers.outlook.calendar.times import read_instant
from calwatch.providers.outlook.mail import body, marker
from calwatch.providers.remote.fields import Fields

AS_TEXT = 'outlook.body-content-type="text"'
"""The ``Prefer`` for mails that are only read."""

_MOST_PEOPLE = 500
_NEVER = (1, 4501)
_ID = re.compile(r"(?!\.{1,2}$)[\x21-\x7e]{1,1000}", re.ASCII)
_EVENT_MESSAGE = "#microsoft.graph.eventmessage"


@dataclass(frozen=True, slots=True)
class Places:
    """The ids of the folders a mail's own place is compared with."""

    inbox: str
    sent: str
    drafts: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One item: the mail, and how it lies in the mailbox.

    ``version`` is what ``If-Match`` compares. ``key`` and ``written`` are our marks on a draft or on what became of
    it. ``meeting``: it is about a meeting, and Graph says more of it. ``files``: something is attached.
    """

    message: Message
    parent: str
    version: str
    draft: bool
    unread: bool
    created: datetime | None
    key: str
    written: str
    meeting: bool
    files: bool


def read_mail(item: Fields, places: Places, mine: frozenset[str], now: datetime) -> Mail | None:
    """The mail of a ``message`` resource; ``None`` for what has no id."""
    ref = plain_id(item.word("id"))
    if not ref:
        return None
    known = marker.properties(item)
    transported = marker.value(known, marker.HEADERS)
    sender = _person(item.inner("from")) or _person(item.inner("sender"))
    parent = item.word("parentFolderId")
    # Unsaid, it is no mail that was sent: that would be the end of a letter which still lies there.
    draft = item.flag("isDraft", default=parent not in (places.inbox, places.sent))
    folder = _folder(parent, places, draft=draft, own=sender is not None and sender.email in mine)
    references = _ids(marker.value(known, marker.REFERENCES), transported, "references")
    answered = _ids(marker.value(known, marker.IN_REPLY_TO), transported, "in-reply-to")
    moments = ("sentDateTime", "receivedDateTime") if folder is Folder.SENT else ("receivedDateTime", "sentDateTime")
    content = item.inner("body")
    created = _moment(item, "createdDateTime")
    words = body.received_words(content.word("content"), plain=_is_plain(content))
    message = Message(
        ref=ref,
        thread=plain_id(item.word("conversationId")),
        folder=folder,
        message_id=next(iter(headers.message_ids([item.word("internetMessageId")])), "") or _unnamed(ref),
        date=next((found for name in moments if (found := _moment(item, name)) is not None), created or now),
        sender=sender,
        subject=_subject(item),
        to=_people(item, "toRecipients"),
        cc=_people(item, "ccRecipients"),
        reply_to=_people(item, "replyTo"),
        in_reply_to=next(iter(answered), "") or next(iter(references[-1:]), ""),
        references=references,
        text=words,
        # Nobody typed an invitation, or an answer to one, in which there is no word.
        automatic=_automatic(transported) or (is_about_a_meeting(item) and not words.strip()),
    )
    return Mail(
        message=message,
        parent=parent,
        version=plain_id(item.word("@odata.etag")) or _etag(plain_id(item.word("changeKey"))),
        draft=draft,
        unread=not item.flag("isRead", default=True),
        created=created,
        key=marker.value(known, marker.KEY),
        written=marker.value(known, marker.WRITTEN),
        meeting=is_about_a_meeting(item),
        files=item.flag("hasAttachments"),
    )


def read_content(item: Fields) -> Content:
    """What a draft, or the mail it became, says above its quote, and to everybody it goes to."""
    content = item.inner("body")
    return Content(
        to=_everybody(item, "toRecipients"),
        cc=_everybody(item, "ccRecipients"),
        bcc=_everybody(item, "bccRecipients"),
        subject=_subject(item),
        text=body.own_words(content.word("content"), plain=_is_plain(content)),
    )


def read_document(item: Fields) -> tuple[str, bool]:
    """The body as it stands, and whether it is plain text."""
    content = item.inner("body")
    return content.word("content"), _is_plain(content)


def is_about_a_meeting(item: Fields) -> bool:
    """Whether it is an invitation, its withdrawal, or an answer to one; a ``$select`` loses the type."""
    kind = item.word("@odata.type").lower()
    return kind.startswith(_EVENT_MESSAGE) or item.word("meetingMessageType").lower() not in ("", "none")


def recipients(people: tuple[Person, ...]) -> list[dict[str, dict[str, str]]]:
    """People as Graph wants them; whoever has no name gets none."""
    return [{"emailAddress": {"address": p.email, **({"name": p.name} if p.name else {})}} for p in people]


def _folder(parent: str, places: Places, *, draft: bool, own: bool) -> Folder:
    """What the person wrote is sent mail wherever they filed it; a mail to oneself in the inbox was received."""
    if draft:
        return Folder.DRAFTS
    if parent == places.inbox and parent:
        return Folder.INBOX
    return Folder.SENT if own or (parent == places.sent and parent) else Folder.INBOX


def _person(fields: Fields) -> Person | None:
    """``None`` for what is no mail address, such as the names Exchange uses inside (``/O=…/CN=…``)."""
    inner = fields.inner("emailAddress")
    address = headers.plain_address(inner.word("address"))
    if address is None:
        return None
    name = inner.line("name")
    return Person(address, "" if name.lower() == address else name)


def _people(item: Fields, name: str) -> tuple[Person, ...]:
    def each() -> Iterator[Person]:
        for one in item.several(name, _MOST_PEOPLE):
            person = _person(one)
            if person is not None:
                yield person

    return tuple({person.email: person for person in reversed(tuple(each()))}.values())[::-1]


def _everybody(item: Fields, name: str) -> tuple[Person, ...]:
    """As ``_people``; whoever has no mail address is named in the place of it, for the draft goes to them as well."""
    found = (_person(one) or _unaddressed(one) for one in item.several(name, _MOST_PEOPLE))
    return tuple({person.email: person for person in found}.values())


def _unaddressed(fields: Fields) -> Person:
    inner = fields.inner("emailAddress")
    name = inner.line("name")
    return Person(inner.line("address") or name or "(somebody without an address)", name)


def _moment(item: Fields, name: str) -> datetime | None:
    """``None`` also for the moments by which Outlook says "never" and "not set"."""
    found = read_instant(item, name)
    return found.astimezone(UTC) if found is not None and found.year not in _NEVER else None


def _ids(own: str, transported: str, name: str) -> tuple[str, ...]:
    found = headers.message_ids([own])
    return found or (_headers(transported).ids(name) if transported else ())


def _automatic(transported: str) -> bool:
    return bool(transported) and _headers(transported).automatic


def _headers(transported: str) -> Mime:
    """The headers a mail came with, up to the blank line that would begin a body."""
    lines = [line for line in transported.splitlines() if line.strip()]
    try:
        return Mime("\r\n".join(lines).encode("utf-8", "replace") + b"\r\n\r\n")
    except UnreadableMail:
        return Mime(b"")


def _is_plain(content: Fields) -> bool:
    return content.word("contentType").lower() == "text"


def _subject(item: Fields) -> str:
    return one_line(item.word("subject"), limit=4_000)


def plain_id(text: str) -> str:
    """``text`` if it can be an id of Graph's, which is written into addresses and headers; else nothing."""
    return text if _ID.fullmatch(text) else ""


def _etag(change_key: str) -> str:
    return f'W/"{change_key}"' if change_key else ""


def _unnamed(ref: str) -> str:
    """Something to call a mail that has no Message-ID; two ids may differ only in a sign, so all of them count."""
    return f"<{re.sub(r'[^0-9A-Za-z_=-]', '.', ref)[:500]}@unnamed.invalid>"
