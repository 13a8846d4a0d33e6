"""How the fake Gmail shows what it keeps: a mail in four formats, and lists in pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message as Part
from typing import Any, Literal

from fakes.google import gmail_mime
from fakes.google.call import ApiError, Call
from fakes.google.gmail_mailbox import Mail
from fakes.google.gmail_people import Hands

METADATA_ONLY = "https://www.googleapis.com/auth/gmail.metadata"


@dataclass
class View(Hands):
    """A mailbox that can be looked at.

    ``page_cap``: no page has more entries, whatever was asked for; ``empty_pages``: the first page of a list is empty
    and yet has a next one. ``inline_limit``: larger attachments have their bytes elsewhere. ``calendar_parts``: how a
    text/calendar part is shown.
    """

    page_cap: int = 5
    empty_pages: bool = False
    inline_limit: int = 200
    calendar_parts: Literal["inline", "attached", "alternating"] = "alternating"
    pages: dict[str, list[Any]] = field(default_factory=dict)
    attachments: dict[str, tuple[str, str]] = field(default_factory=dict)

    def shown(self, mail: Mail, call: Call, form: str) -> dict[str, Any]:
        if form in ("full", "raw") and call.scopes == {METADATA_ONLY}:
            raise ApiError(403, "forbidden", f"Metadata scope doesn't allow format {form.upper()}")
        answer: dict[str, Any] = {
            "id": mail.id,
            "threadId": mail.thread,
            "labelIds": sorted(mail.labels),
            "snippet": gmail_mime.snippet(mail.raw),
            "historyId": str(mail.history),
            "internalDate": str(int(mail.internal.timestamp() * 1000)),
            "sizeEstimate": len(mail.raw),
        }
        if not mail.labels:
            del answer["labelIds"]
        if form == "raw":
            answer["raw"] = gmail_mime.encoded(mail.raw)
        elif form == "metadata":
            whole = gmail_mime.parsed(mail.raw)
            wanted = {name.lower() for name in call.params.get("metadataHeaders", [])}
            heads = [h for h in gmail_mime.headers(whole) if not wanted or h["name"].lower() in wanted]
            answer["payload"] = {"mimeType": whole.get_content_type(), "headers": heads}
        elif form == "full":
            answer["payload"] = gmail_mime.payload(mail.raw, self._attaching(mail))
        return answer

    def _attaching(self, mail: Mail) -> Callable[[str, Part[str, str], int], str]:
        """Which parts have their bytes elsewhere; the ids are new every time, and the old ones go on working."""

        def attached(path: str, part: Part[str, str], size: int) -> str:
            calendar = part.get_content_type() == "text/calendar" and (
                self.calendar_parts == "attached" or (self.calendar_parts == "alternating" and mail.number % 2 == 0)
            )
            if not calendar and not (gmail_mime.filename(part) and size > self.inline_limit):
                return ""
            token = f"ANGjdJ{self.numbers.getrandbits(512):0128x}"
            self.attachments[token] = (mail.id, path)
            return token

        return attached

    def page(self, name: str, entries: list[Any], call: Call, usual: int) -> dict[str, Any]:
        """One page of ``entries``; later pages are of the list as it was for the first."""
        token = call.params.get("pageToken", "")
        if token and token not in self.pages:
            raise ApiError(400, "invalidArgument", "Invalid pageToken")
        rest = self.pages[token] if token else entries
        size = min(int(call.params.get("maxResults", usual)) or usual, self.page_cap)
        if self.empty_pages and not token and rest:
            size = 0
        answer: dict[str, Any] = {"resultSizeEstimate": min(len(rest), 201)}
        if rest[:size]:
            answer[name] = rest[:size]
        if rest[size:]:
            answer["nextPageToken"] = f"{self.numbers.getrandbits(64):020d}"
            self.pages[answer["nextPageToken"]] = rest[size:]
        return answer
