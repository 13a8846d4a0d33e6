"""The fake Gmail's API: what it answers to each method, and how it refuses."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from fakes.google import gmail_mime
from fakes.google.call import ApiError, Call
from fakes.google.gmail_compose import line_of
from fakes.google.gmail_mailbox import SYSTEM_LABELS, Draft, Mail
from fakes.google.gmail_search import understood
from fakes.google.gmail_view import METADATA_ONLY, View

UNITS = {"getProfile": 1, "labels.list": 1, "history.list": 2, "messages.list": 5, "messages.get": 20,
         "messages.attachments.get": 20, "threads.list": 10, "threads.get": 40, "drafts.create": 10,
         "drafts.update": 15, "drafts.get": 20, "drafts.list": 5, "drafts.send": 100, "drafts.delete": 10,
         "settings.sendAs.list": 1}  # fmt: skip


@dataclass
class GmailState(View):
    """One account's Gmail.

    ``units_a_minute``: the quota; over it every call is refused with the moment from which one may call again.
    ``aliases`` are further verified addresses one may write from.
    """

    units_a_minute: int | None = None
    aliases: frozenset[str] = frozenset()
    _spent: list[tuple[datetime, int]] = field(default_factory=list)

    def handle(self, call: Call) -> dict[str, Any] | None:
        method = call.method_id.removeprefix("gmail.users.")
        if call.params.get("userId", "me") not in ("me", self.me.email):
            raise ApiError(403, "forbidden", f"Delegation denied for {self.me.email}")
        self._charge(method)
        return _METHODS[method](self, call)

    # -- mailbox -------------------------------------------------------------------------------------------------

    def _profile(self, call: Call) -> dict[str, Any]:
        return {
            "emailAddress": self.me.email,
            "messagesTotal": len(self.mails),
            "threadsTotal": len({mail.thread for mail in self.mails.values()}),
            "historyId": str(self.history.current),
        }

    def _labels(self, call: Call) -> dict[str, Any]:
        return {"labels": [{"id": name, "name": name, "type": "system"} for name in SYSTEM_LABELS]}

    def _send_as(self, call: Call) -> dict[str, Any]:
        mine = {"sendAsEmail": self.me.email, "displayName": self.me.name, "isPrimary": True, "isDefault": True}
        others = [{"sendAsEmail": email, "verificationStatus": "accepted"} for email in sorted(self.aliases)]
        return {"sendAs": [mine, *others]}

    def _history(self, call: Call) -> dict[str, Any]:
        start = call.params.get("startHistoryId", "")
        if not str(start).isdigit() or int(start) == 0:
            raise ApiError(400, "invalidArgument", "Missing/invalid parameter: startHistoryId")
        if not self.history.known(int(start)):
            raise _not_found()
        types = call.params.get("historyTypes", [])
        records = self.history.since(int(start), types, call.params.get("labelId", ""))
        answer = self.page("history", [record.shown() for record in records], call, 100)
        answer.pop("resultSizeEstimate")
        return {**answer, "historyId": str(self.history.current)}

    # -- messages and conversations ------------------------------------------------------------------------------

    def _list_messages(self, call: Call) -> dict[str, Any]:
        found = [{"id": mail.id, "threadId": mail.thread} for mail in self._wanted(call)]
        return self.page("messages", found, call, 100)

    def _list_threads(self, call: Call) -> dict[str, Any]:
        newest: dict[str, Mail] = {}
        for mail in self._wanted(call):
            newest.setdefault(mail.thread, mail)
        found = [
            {"id": thread, "snippet": gmail_mime.snippet(mail.raw), "historyId": str(mail.history)}
            for thread, mail in newest.items()
        ]
        return self.page("threads", found, call, 100)

    def _get_message(self, call: Call) -> dict[str, Any]:
        mail = self._mail(call.params["id"])
        return self.shown(mail, call, call.params.get("format", "full"))

    def _get_attachment(self, call: Call) -> dict[str, Any]:
        mail = self._mail(call.params["messageId"])
        number, path = self.attachments.get(call.params["id"], ("", ""))
        if number != mail.id:
            raise ApiError(400, "invalidArgument", "Invalid attachment token")
        data = next(gmail_mime.content(part) for name, part in gmail_mime.parts(mail.raw) if name == path)
        return {"size": len(data), "data": gmail_mime.encoded(data)}

    def _get_thread(self, call: Call) -> dict[str, Any]:
        mails = self.conversation(_checked(call.params["id"], "Invalid id value"))
        if not mails:
            raise _not_found()
        shown = [self.shown(mail, call, call.params.get("format", "full")) for mail in mails]
        return {"id": mails[0].thread, "historyId": str(max(mail.history for mail in mails)), "messages": shown}

    # -- drafts --------------------------------------------------------------------------------------------------

    def _create_draft(self, call: Call) -> dict[str, Any]:
        raw, thread = self._taken(call)
        joined = thread if thread and self.joins(raw, thread) else ""
        draft = Draft(self.draft_number(), self.add(raw, {"DRAFT"}, thread=joined))
        self.drafts[draft.id] = draft
        return _brief(draft)

    def _update_draft(self, call: Call) -> dict[str, Any]:
        draft = self._draft(call.params["id"])
        raw, thread = self._taken(call)
        old = draft.mail
        alone = self.conversation(old.thread) == [old]
        stays = thread == old.thread and alone
        self.replace_draft(draft, raw, thread if thread and (stays or self.joins(raw, thread, but=old)) else "")
        return _brief(draft)

    def _get_draft(self, call: Call) -> dict[str, Any]:
        name = call.params["id"]
        mail = self.sent_drafts[name] if name in self.sent_drafts else self._draft(name).mail
        if mail.id not in self.mails:
            raise _not_found()
        return {"id": name, "message": self.shown(mail, call, call.params.get("format", "full"))}

    def _list_drafts(self, call: Call) -> dict[str, Any]:
        by_mail = {draft.mail.id: draft for draft in self.drafts.values()}
        wanted = [by_mail[mail.id] for mail in self._wanted(call) if mail.id in by_mail]
        return self.page("drafts", [_brief(draft, labelled=False) for draft in wanted], call, 100)

    def _send_draft(self, call: Call) -> dict[str, Any]:
        body = call.body or {}
        if not body.get("id"):
            raise ApiError(400, "invalidArgument", "Missing draft id")
        draft = self._draft(body["id"])
        raw = self._taken(call)[0] if body.get("message", {}).get("raw") else draft.mail.raw
        if not any(gmail_mime.header(raw, name) for name in ("To", "Cc", "Bcc")):
            raise ApiError(400, "invalidArgument", "Recipient address required")
        emails = [email for _, email in gmail_mime.addresses(raw, "To", "Cc", "Bcc")]
        if not emails or not all(re.fullmatch(r"[^\s@<>,]+@[\w-]+(\.[\w-]+)+", email) for email in emails):
            raise ApiError(400, "invalidArgument", "Invalid To header")
        mail = self.depart(draft, raw, "calwatch")
        return {"id": mail.id, "threadId": mail.thread, "labelIds": sorted(mail.labels)}

    def _delete_draft(self, call: Call) -> None:
        """For good; asked to delete a draft that was sent by hand, it deletes the sent mail."""
        sent = self.sent_drafts.pop(call.params["id"], None)
        if sent is not None:
            self.destroyed.append(sent)
            self.remove(sent)
            return
        draft = self._draft(call.params["id"])
        del self.drafts[draft.id]
        self.remove(draft.mail)

    def _taken(self, call: Call) -> tuple[bytes, str]:
        """The mail in a request as Gmail keeps it, and the conversation it was asked into."""
        message = (call.body or {}).get("message", {})
        try:
            raw = gmail_mime.decoded(message.get("raw", ""))
        except ValueError:
            raise ApiError(400, "invalidArgument", "Invalid value for ByteString") from None
        if not raw:
            raise ApiError(400, "invalidArgument", "'raw' RFC822 payload message string required")
        thread = message.get("threadId", "")
        if thread and not self.conversation(_checked(thread, "Invalid thread_id value")):
            raise _not_found()
        changes = {"Message-ID": self.own_message_id()}
        senders = {email for _, email in gmail_mime.addresses(raw, "From")}
        if not senders or not senders <= {self.me.email, *self.aliases}:
            changes["From"] = line_of((self.me,))
        return gmail_mime.rewritten(raw, changes), thread

    # -- common --------------------------------------------------------------------------------------------------

    def _mail(self, number: str) -> Mail:
        mail = self.mails.get(_checked(number, "Invalid id value"))
        if mail is None:
            raise _not_found()
        return mail

    def _draft(self, number: str) -> Draft:
        draft = self.drafts.get(number)
        if draft is None:
            raise _not_found()
        return draft

    def _wanted(self, call: Call) -> list[Mail]:
        """What a list call asks for; only ``q`` goes through the index."""
        text = call.params.get("q", "")
        everywhere = bool(call.params.get("includeSpamTrash"))
        if text and call.scopes == {METADATA_ONLY}:
            raise ApiError(403, "forbidden", "Metadata scope does not support 'q' parameter")
        if text:
            found = self.search(understood(text, self.clock.now()), everywhere=everywhere)
        else:
            found = self.newest_first(everywhere=everywhere)
        return [mail for mail in found if set(call.params.get("labelIds", [])) <= mail.labels]

    def _charge(self, method: str) -> None:
        """Takes the method's units; who comes again too early waits longer."""
        now = self.clock.now()
        self._spent = [(at, units) for at, units in self._spent if at > now - timedelta(minutes=1)]
        self._spent.append((now, UNITS[method]))
        if self.units_a_minute is not None and sum(units for _, units in self._spent) > self.units_a_minute:
            until = now + timedelta(minutes=1)
            message = f"User-rate limit exceeded.  Retry after {until:%Y-%m-%dT%H:%M:%S}.000Z"
            raise ApiError(403, "rateLimitExceeded", message, "usageLimits")


def _not_found() -> ApiError:
    return ApiError(404, "notFound", "Requested entity was not found.")


def _checked(number: str, complaint: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{1,16}", number):
        raise ApiError(400, "invalidArgument", complaint)
    return number


def _brief(draft: Draft, *, labelled: bool = True) -> dict[str, Any]:
    message: dict[str, Any] = {"id": draft.mail.id, "threadId": draft.mail.thread}
    return {"id": draft.id, "message": message | ({"labelIds": ["DRAFT"]} if labelled else {})}


_METHODS: dict[str, Callable[[GmailState, Call], dict[str, Any] | None]] = {
    "getProfile": GmailState._profile,
    "labels.list": GmailState._labels,
    "settings.sendAs.list": GmailState._send_as,
    "history.list": GmailState._history,
    "messages.list": GmailState._list_messages,
    "messages.get": GmailState._get_message,
    "messages.attachments.get": GmailState._get_attachment,
    "threads.list": GmailState._list_threads,
    "threads.get": GmailState._get_thread,
    "drafts.create": GmailState._create_draft,
    "drafts.update": GmailState._update_draft,
    "drafts.get": GmailState._get_draft,
    "drafts.list": GmailState._list_drafts,
    "drafts.send": GmailState._send_draft,
    "drafts.delete": GmailState._delete_draft,
}
