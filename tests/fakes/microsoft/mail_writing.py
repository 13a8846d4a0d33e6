"""What a client changes in the fake Outlook's mail: drafts made, replied with, rewritten, moved, deleted and sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from calwatch.model.event import Person
from fakes.microsoft import mail_html
from fakes.microsoft.calendar_ids import etag
from fakes.microsoft.calendar_times import Json
from fakes.microsoft.call import ApiError, Call
from fakes.microsoft.mail_delta import Deltas
from fakes.microsoft.mail_items import Mail
from fakes.microsoft.mail_people import RE
from fakes.microsoft.mail_properties import named

_PREFIX = re.compile(r"^(?:\w{1,3}:\s*)+")
_ADDRESS = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+")
_WORDS = {
    "en": ("From", "Sent", "To", "Cc", "Subject"),
    "de": ("Von", "Gesendet", "An", "Cc", "Betreff"),
}
_PEOPLE = {"toRecipients": "to", "ccRecipients": "cc", "bccRecipients": "bcc", "replyTo": "reply_to"}
_ONLY_IN_DRAFTS = frozenset({"subject", "body", "from", "sender", "internetMessageId", *_PEOPLE})
_RECEIPTS = ("isDeliveryReceiptRequested", "isReadReceiptRequested")
_ALWAYS = frozenset(
    ["isRead", "categories", "importance", "flag", "inferenceClassification", "singleValueExtendedProperties"]
).union(_RECEIPTS, ("@odata.type", "@odata.etag"))
_ONLY_WHEN_NEW = frozenset({"internetMessageHeaders"})


@dataclass
class Writing(Deltas):
    """A mailbox a client writes to."""

    def create(self, call: Call) -> Mail:
        """A new draft, in a conversation of its own."""
        body = _object(call.body)
        self._check_body(body, known=_ONLY_IN_DRAFTS | _ALWAYS | _ONLY_WHEN_NEW)
        mail = self.add("drafts", subject="", body=mail_html.safe(""), is_draft=True)
        self._apply(mail, body)
        return mail

    def reply(self, call: Call, original: Mail, *, everybody: bool) -> Mail:
        """A draft that answers a mail. ``comment`` is forgotten, as it has been for years."""
        body = _object(call.body)
        given = _object(body.get("message") or body.get("Message"))
        unknown = frozenset(name for name in body if name.lower() not in ("message", "comment"))
        if unknown:
            raise self._unknown(unknown)
        if (body.get("comment") or body.get("Comment")) and "body" in given:
            message = "Comment and Message.Body parameters cannot be specified at the same time."
            raise ApiError(400, "ErrorInvalidRequest", message)
        self._check_body(given, known=_ONLY_IN_DRAFTS | _ALWAYS | _ONLY_WHEN_NEW)
        to = original.reply_to or (original.sender,)
        cc: tuple[Person, ...] = ()
        if everybody:
            mine = {self.me.email}  # an alias is not known to be one's own
            others = [person for person in original.to if person.email.lower() not in mine and person not in to]
            to = (*to, *others)
            cc = tuple(person for person in original.cc if person.email.lower() not in mine)
        mail = self.add(
            "drafts",
            subject=RE[self.language] + _PREFIX.sub("", original.subject),
            body=mail_html.safe(mail_html.quoted(self._above(original), original.body)),
            to=to,
            cc=cc,
            thread=original.thread,
            in_reply_to=original.message_id,
            references=(*original.references, original.message_id),
            is_draft=True,
            answers=original.ref,
        )
        if not self.reply_keeps_properties:
            given = {name: value for name, value in given.items() if name != "singleValueExtendedProperties"}
        self._apply(mail, given)
        if (everybody or self.reply_marks_read) and not original.is_read:
            original.is_read = True
            self.changed(original, read=True)
        return mail

    def patch(self, call: Call, mail: Mail) -> None:
        body = _object(call.body)
        self._check_body(body, known=_ONLY_IN_DRAFTS | _ALWAYS)
        self.must_match(call, mail)
        if not mail.is_draft and body.keys() & _ONLY_IN_DRAFTS:
            raise ApiError(400, "ErrorInvalidPropertySet", "Message is not draft.")
        self._apply(mail, body)

    def delete(self, call: Call, mail: Mail) -> None:
        self.must_match(call, mail)
        self.remove(mail)

    def carry(self, call: Call, mail: Mail) -> None:
        """To the folder the request names."""
        folder = self.folder_named(str(_object(call.body).get("destinationId", "")))
        if not folder:
            raise ApiError(404, "ErrorItemNotFound", "The specified object was not found in the store.")
        self.move(mail, folder)

    def send(self, call: Call, mail: Mail) -> None:
        """It is taken at once and leaves by itself; nothing is answered."""
        require(call, "Mail.Send")
        if call.body:
            raise ApiError(400, "BadRequest", "The request must have no body.")
        if not mail.is_draft or mail.folder == "outbox":
            raise ApiError(400, "ErrorInvalidRequest", "The message is not a draft and can't be sent.")
        people = (*mail.to, *mail.cc, *mail.bcc)
        if not people or not all(_ADDRESS.fullmatch(person.email) for person in people):
            raise ApiError(400, "ErrorInvalidRecipients", "At least one recipient is not valid.")
        self.depart(mail, "calwatch", keeps_id=self.keeps_immutable_id)

    def send_at_once(self, call: Call) -> None:
        """sendMail: this client never does it, for nothing of it can be found again."""
        self.violations.append(f"{call.operation} sends without a draft")
        require(call, "Mail.Send")
        given = _object(_object(call.body).get("message"))
        mail = self.add("drafts", subject="", body=mail_html.safe(""), is_draft=True)
        self._apply(mail, given)
        self.depart(mail, "calwatch", keeps_id=False)

    def must_match(self, call: Call, mail: Mail) -> None:
        wanted = {name.lower(): value for name, value in call.headers.items()}.get("if-match", "*")
        if wanted not in ("*", etag(mail.change)):
            message = (
                "The send or update operation could not be performed because the change key passed in the request "
                "does not match the current change key for the item."
            )
            raise ApiError(412, "ErrorIrresolvableConflict", message)

    # -- properties ----------------------------------------------------------------------------------------------

    def _check_body(self, given: Mapping[str, Any], *, known: frozenset[str]) -> None:
        unknown = frozenset(given.keys() - known)
        if unknown:
            raise self._unknown(unknown)
        people = [person for name in _PEOPLE for person in _people(given.get(name) or [])]
        texts = [str(given.get("subject") or ""), *(text for p in people for text in (p.email, p.name))]
        if any(ord(letter) < 32 or ord(letter) == 127 for text in texts for letter in text):
            self.violations.append(f"a line break or control character in a header: {texts!r}")
            raise ApiError(400, "ErrorInvalidRequest", "A header with a control character is not accepted.")
        for header in given.get("internetMessageHeaders") or []:
            name = str(_object(header).get("name"))
            if not name.lower().startswith("x-"):
                message = f"The internet message header name '{name}' should start with 'x-' or 'X-'."
                raise ApiError(400, "InvalidInternetMessageHeader", message)
        for one in given.get("singleValueExtendedProperties") or []:
            named(str(_object(one).get("id")))

    def _unknown(self, names: frozenset[str]) -> ApiError:
        text = ", ".join(sorted(names))
        self.violations.append(f"a message has no writable property {text}")
        return ApiError(
            400, "RequestBodyRead", f"The property '{text}' does not exist on type 'microsoft.graph.message'."
        )

    def _apply(self, mail: Mail, given: Mapping[str, Any]) -> None:
        for name, attribute in _PEOPLE.items():
            if name in given:
                setattr(mail, attribute, _people(given[name] or []))
        if "subject" in given:
            mail.subject = str(given["subject"] or "")
        if "body" in given:
            body = _object(given["body"])
            text = str(body.get("content") or "")
            plain = str(body.get("contentType", "text")).lower() == "text"
            mail.body = mail_html.safe(mail_html.of_text(text) if plain else text)
        if "isRead" in given:
            mail.is_read = bool(given["isRead"])
        if "importance" in given:
            mail.importance = str(given["importance"]).lower()
        if "categories" in given:
            mail.categories = tuple(str(name) for name in given["categories"] or ())
        if "internetMessageId" in given:
            mail.message_id = str(given["internetMessageId"])
        for one in given.get("singleValueExtendedProperties") or []:
            if one.get("value") is None:
                mail.properties.pop(named(str(one.get("id"))), None)
            else:
                mail.properties[named(str(one.get("id")))] = str(one["value"])
        self.changed(mail, read=given.keys() == {"isRead"})

    def _above(self, mail: Mail) -> list[tuple[str, str]]:
        """The names and values above a quote, in the mailbox's language."""
        sender, sent, to, cc, subject = _WORDS[self.language]
        lines = [(sender, str(mail.sender)), (sent, f"{mail.sent:%A, %B %-d, %Y %-I:%M %p}")]
        lines.append((to, "; ".join(map(str, mail.to))))
        if mail.cc:
            lines.append((cc, "; ".join(map(str, mail.cc))))
        return [*lines, (subject, mail.subject)]


def require(call: Call, scope: str) -> None:
    if scope not in {name.rpartition("/")[2] for name in call.scopes}:
        raise ApiError(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")


def _object(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _people(given: object) -> tuple[Person, ...]:
    if not isinstance(given, list):
        raise ApiError(400, "RequestBodyRead", "An array is expected here.")
    found = [_object(_object(one).get("emailAddress")) for one in given]
    if any(not isinstance(one.get("address"), str) for one in found):
        raise ApiError(400, "ErrorInvalidRecipients", "At least one recipient is not valid.")
    return tuple(Person(one["address"], str(one.get("name") or "")) for one in found)
