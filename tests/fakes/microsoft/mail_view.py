"""How the fake Outlook shows its mail: messages in the asked id form and body format, what is expanded, and pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote, urlencode

from calwatch.model.event import Person
from fakes.microsoft import mail_events, mail_html
from fakes.microsoft.calendar_ids import change_key, etag
from fakes.microsoft.calendar_times import Json, stamp
from fakes.microsoft.calendar_view import asked, immutable
from fakes.microsoft.call import ApiError, Call
from fakes.microsoft.mail_events import values
from fakes.microsoft.mail_items import Attachment, Mail
from fakes.microsoft.mail_meetings import Meetings
from fakes.microsoft.mail_properties import named

DEFAULT_PAGE = 10
EVENT = "microsoft.graph.eventMessage/event"
ONLY_SELECTED = ("internetMessageHeaders", "uniqueBody")
OF_EVENT_MESSAGES = frozenset(
    ["meetingMessageType", "startDateTime", "endDateTime", "responseType", "meetingRequestType", "proposedNewTime"]
)
_ENUMS = ("importance", "inferenceClassification")
_EXTENDED = re.compile(r"singleValueExtendedProperties\(\$filter=(.*)\)", re.IGNORECASE | re.DOTALL)
_ID = re.compile(r"\s*(?:or\s+)?\(?id eq '((?:[^']|'')*)'\)?", re.IGNORECASE)

LinkedEvent = Callable[[Call, str, "str | None"], "Json | None"]
"""(call, UID, original start) → the calendar's event as a GET shows it, ``None`` when there is none."""


def no_event(call: Call, uid: str, recurrence_id: str | None) -> Json | None:
    """A mailbox without a calendar."""
    return None


@dataclass
class View(Meetings):
    """A mailbox that can be looked at.

    ``root`` is what links begin with. ``linked_event`` finds what event messages are about. ``violations`` is what a
    client did that it must not, whether or not a real Outlook would mind.
    """

    root: str = "https://graph.microsoft.com/v1.0"
    linked_event: LinkedEvent = no_event
    violations: list[str] = field(default_factory=list)

    # -- messages ------------------------------------------------------------------------------------------------

    def whole(self, mail: Mail, call: Call) -> Json:
        """Every property a GET without ``$select`` shows."""
        shown: Json = {
            "@odata.etag": etag(mail.change),
            "id": mail.ids.shown(immutable=immutable(call)),
            "createdDateTime": _seconds(mail.created),
            "lastModifiedDateTime": _seconds(mail.modified),
            "changeKey": change_key(mail.change),
            "categories": list(mail.categories),
            "receivedDateTime": _seconds(mail.received),
            "sentDateTime": _seconds(mail.sent),
            "hasAttachments": bool(mail.attachments),
            "internetMessageId": mail.message_id,
            "subject": mail.subject,
            "bodyPreview": mail_html.preview(mail.body),
            "importance": mail.importance,
            "parentFolderId": self.folder_id(mail.folder),
            "conversationId": mail.thread,
            "conversationIndex": "AQHc0Kb5Vx",
            "isDeliveryReceiptRequested": None if mail.folder == "inbox" else False,
            "isReadReceiptRequested": False,
            "isRead": mail.is_read,
            "isDraft": mail.is_draft,
            "webLink": f"https://outlook.live.com/owa/?ItemID={quote(mail.ids.regular, safe='')}&exvsurl=1",
            "inferenceClassification": "focused",
            "body": _body(mail, call),
            "sender": self._person(mail.sender),
            "from": self._person(mail.sender),
            "toRecipients": [self._person(person) for person in mail.to],
            "ccRecipients": [self._person(person) for person in mail.cc],
            "bccRecipients": [self._person(person) for person in mail.bcc],
            "replyTo": [self._person(person) for person in mail.reply_to],
            "flag": {"flagStatus": "notFlagged"},
        }
        if mail.event_message is not None:
            shown = {"@odata.type": mail_events.TYPES[mail.event_message.method], **shown}
            shown |= mail_events.shown(self, mail)
        if self.unknown_enums:
            shown |= dict.fromkeys(_ENUMS, "unknownFutureValue")
        shown |= dict.fromkeys(self.null_fields & shown.keys())
        return {name: value for name, value in shown.items() if name not in self.left_out}

    def selected(self, mail: Mail, call: Call, *, one: bool = False) -> Json:
        """A message with what a request selects and expands; a selection loses the type of event messages."""
        shown = self.whole(mail, call)
        names = [name for name in call.params.get("$select", "").split(",") if name]
        if names:
            extra = self._only_selected(mail, call)
            known = shown.keys() | extra.keys() | set(ONLY_SELECTED)
            unknown = [name for name in names if name in OF_EVENT_MESSAGES or name not in known]
            if unknown:
                message = f"Could not find a property named '{unknown[0]}' on type 'microsoft.graph.message'."
                raise ApiError(400, "RequestBroker--ParseUri", message)
            kept = {"@odata.etag", "id", *names}
            shown = {name: value for name, value in (shown | extra).items() if name in kept}
        for part in _parts(call.params.get("$expand", "")):
            shown |= self._expanded(mail, call, part, one=one)
        return shown

    def _only_selected(self, mail: Mail, call: Call) -> Json:
        own, _ = mail_html.halves(mail.body)
        content = mail_html.as_text(own) if _as_text(call) else mail_html.safe(own)
        extra: Json = {"uniqueBody": {"contentType": "text" if _as_text(call) else "html", "content": content}}
        if mail.headers:
            extra["internetMessageHeaders"] = [{"name": name, "value": value} for name, value in mail.headers]
        return extra

    def _expanded(self, mail: Mail, call: Call, part: str, *, one: bool) -> Json:
        if part.casefold() == EVENT.casefold():
            return self._event_of(mail, call) if mail.event_message is not None else {}
        if part == "attachments":
            return {"attachments": [self.attachment(file, whole=one) for file in mail.attachments]}
        extended = _EXTENDED.fullmatch(part)
        if extended is None or _ID.sub("", extended[1]).strip():
            raise ApiError(400, "BadRequest", f"Parsing OData Select and Expand failed: '{part}'.")
        kept = values(mail)
        wanted = [named(text.replace("''", "'")) for text in _ID.findall(extended[1])]
        found = [{"id": str(name), "value": kept[name]} for name in dict.fromkeys(wanted) if name in kept]
        return {"singleValueExtendedProperties": found} if found else {}

    def _event_of(self, mail: Mail, call: Call) -> Json:
        """The calendar's event; none for responses, and none when it has left the calendar."""
        assert mail.event_message is not None
        event = mail_events.subject_of(mail.event_message)
        response = mail_events.TYPES[mail.event_message.method].endswith("Response")
        linked = None if response else self.linked_event(call, event.uid, event.recurrence_id)
        if linked is not None:
            return {"event": linked}
        missing: dict[str, Json] = {"absent": {}, "empty": {"event": {}}, "null": {"event": None}}
        return missing[self.missing_event]

    def attachment(self, file: Attachment, *, whole: bool = True) -> Json:
        """A file; its bytes only when it is asked for by itself or in one message."""
        shown = {
            "@odata.type": "#microsoft.graph.fileAttachment",
            "@odata.mediaContentType": file.kind,
            "id": file.id,
            "lastModifiedDateTime": _seconds(self.clock.now()),
            "name": file.name,
            "contentType": file.kind,
            "size": len(file.data) + 300,
            "isInline": False,
            "contentId": None,
            "contentLocation": None,
        }
        return shown | ({"contentBytes": file.encoded} if whole else {})

    def _person(self, person: Person) -> Json:
        name = person.name or (person.email if self.name_is_address else "")
        return {"emailAddress": {"name": name, "address": person.email}}

    # -- pages ---------------------------------------------------------------------------------------------------

    def size_of_page(self, call: Call) -> int:
        wanted = call.params.get("$top") or asked(call, "odata.maxpagesize") or str(DEFAULT_PAGE)
        if not wanted.isdigit() or not 0 < int(wanted) <= 1000:
            raise ApiError(400, "ErrorInvalidUrlQuery", "The value of '$top' must be between 1 and 1000.")
        return min(int(wanted), self.page_size)

    def page(self, found: Iterable[Json], call: Call, path: str, kind: str) -> Json:
        """One page of a list. The link to the next one counts from the beginning of the list as it is then."""
        entries = list(found)
        at, size = int(call.params.get("$skip", "0")), self.size_of_page(call)
        if self.empty_pages and "$skip" not in call.params:
            size = 0
        answer: Json = {
            "@odata.context": f"{self.root}/$metadata#users('me')/{kind}",
            "value": entries[at : at + size],
        }
        if call.params.get("$count") == "true":
            answer["@odata.count"] = len(entries)
        if len(entries) > at + size:
            following = {**call.params, "$skip": str(at + size)}
            answer["@odata.nextLink"] = f"{self.root}{path}?{urlencode(following, safe='$', quote_via=quote)}"
        return answer


def _seconds(when: datetime) -> str:
    return f"{stamp(when)[:19]}Z"


def _as_text(call: Call) -> bool:
    return asked(call, "outlook.body-content-type").lower() == "text"


def _body(mail: Mail, call: Call) -> Json:
    if _as_text(call):
        return {"contentType": "text", "content": mail_html.as_text(mail.body)}
    return {"contentType": "html", "content": mail.body}


def _parts(expand: str) -> list[str]:
    """The parts of ``$expand`` between commas that are in no parentheses."""
    found, depth, text = [""], 0, False
    for letter in expand:
        text ^= letter == "'"
        depth += {"(": 1, ")": -1}.get(letter, 0) if not text else 0
        if letter == "," and depth == 0:
            found.append("")
        else:
            found[-1] += letter
    return [part.strip() for part in found if part.strip()]
