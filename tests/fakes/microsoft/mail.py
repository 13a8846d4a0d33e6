"""The fake Outlook's mail API: what it answers to each operation, and how it refuses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fakes.microsoft.calendar_ids import is_malformed
from fakes.microsoft.calendar_times import Json
from fakes.microsoft.call import Answer, ApiError, Call
from fakes.microsoft.mail_filter import Filter, sorted_by
from fakes.microsoft.mail_items import FOLDERS, Attachment, Mail
from fakes.microsoft.mail_search import understood
from fakes.microsoft.mail_writing import Writing


@dataclass
class MailState(Writing):
    """One account's Outlook mail."""

    def handle(self, call: Call) -> Answer:
        self.wait()
        return _OPERATIONS[call.operation](self, call)

    # -- folders -------------------------------------------------------------------------------------------------

    def _folders(self, call: Call) -> Answer:
        shown = [self._folder(name) for name in FOLDERS if name != "teamsmessagesdata"]
        return Answer(200, self.page(shown, call, "/me/mailFolders", "mailFolders"))

    def _one_folder(self, call: Call) -> Answer:
        return Answer(200, _only(self._folder(self._folder_of(call)), call))

    def _folder(self, name: str) -> Json:
        there = [mail for mail in self.every() if mail.folder == name]
        return {
            "id": self.folder_id(name),
            "displayName": FOLDERS[name],
            "parentFolderId": "AQMkADAwATM0MDAAMS1iNTcwAGI2ZS0wMAItMDAKAC4AAAPzkq_4AAAIBBQAAAA==",
            "childFolderCount": 0,
            "unreadItemCount": sum(not mail.is_read for mail in there),
            "totalItemCount": len(there),
            "sizeInBytes": sum(len(mail.body) for mail in there),
            "isHidden": name == "teamsmessagesdata",
        }

    def _folder_of(self, call: Call) -> str:
        name = self.folder_named(call.path_ids["folder"])
        if not name:
            raise _not_found(call.path_ids["folder"])
        return name

    # -- reading -------------------------------------------------------------------------------------------------

    def _list(self, call: Call) -> Answer:
        """Of one folder, or of all of them, Drafts, Deleted Items and Teams chats included."""
        folder = self._folder_of(call) if "folder" in call.path_ids else ""
        found = [mail for mail in self.every() if mail.folder == folder or not folder]
        search, text = call.params.get("$search", ""), call.params.get("$filter", "")
        order = call.params.get("$orderby", "")
        if search and (text or order):
            other = "$filter" if text else "$orderBy"
            code = "SearchWithFilter" if text else "SearchWithOrderBy"
            raise ApiError(400, code, f"The query parameter '{other}' is not supported with '$search'.")
        if search:
            matches = understood(search)
            found = [mail for mail in found if mail.searchable <= self.clock.now() and matches(mail)]
            found = sorted_by(found, "", None)
        else:
            chosen = Filter(self, text) if text else None
            found = sorted_by([mail for mail in found if chosen is None or chosen.matches(mail)], order, chosen)
        path = f"/me/mailFolders/{quote(call.path_ids['folder'], safe='')}/messages" if folder else "/me/messages"
        return Answer(200, self.page((self.selected(mail, call) for mail in found), call, path, "messages"))

    def _delta(self, call: Call) -> Answer:
        return Answer(200, self.delta(call, self._folder_of(call)))

    def _get(self, call: Call) -> Answer:
        return Answer(200, self.selected(self._mail(call), call, one=True))

    def _attachments(self, call: Call) -> Answer:
        mail = self._mail(call)
        path = f"/me/messages/{quote(call.path_ids['message'], safe='')}/attachments"
        shown = (_only(self.attachment(file), call) for file in mail.attachments)
        return Answer(200, self.page(shown, call, path, "attachments"))

    def _one_attachment(self, call: Call) -> Answer:
        return Answer(200, _only(self.attachment(self._attached(call)), call))

    # -- writing -------------------------------------------------------------------------------------------------

    def _create(self, call: Call) -> Answer:
        return Answer(201, self.whole(self.create(call), call))

    def _create_reply(self, call: Call) -> Answer:
        return Answer(201, self.whole(self.reply(call, self._mail(call), everybody=False), call))

    def _create_reply_all(self, call: Call) -> Answer:
        return Answer(201, self.whole(self.reply(call, self._mail(call), everybody=True), call))

    def _patch(self, call: Call) -> Answer:
        mail = self._mail(call)
        self.patch(call, mail)
        return Answer(200, self.whole(mail, call))

    def _delete(self, call: Call) -> Answer:
        self.delete(call, self._mail(call))
        return Answer(204, None)

    def _move(self, call: Call) -> Answer:
        mail = self._mail(call)
        self.carry(call, mail)
        return Answer(201, self.whole(mail, call))

    def _send(self, call: Call) -> Answer:
        self.send(call, self._mail(call))
        return Answer(202, None)

    def _send_mail(self, call: Call) -> Answer:
        self.send_at_once(call)
        return Answer(202, None)

    # -- common --------------------------------------------------------------------------------------------------

    def _mail(self, call: Call) -> Mail:
        name = call.path_ids["message"]
        if is_malformed(name):
            raise ApiError(400, "ErrorInvalidIdMalformed", "Id is malformed.")
        mail = self.named(name)
        if mail is None:
            raise _not_found(name)
        return mail

    def _attached(self, call: Call) -> Attachment:
        wanted = call.path_ids["attachment"]
        for file in self._mail(call).attachments:
            if file.id == wanted:
                return file
        raise _not_found(wanted)


def _only(shown: Json, call: Call) -> Json:
    """What ``$select`` leaves of something that has no more to it."""
    names: set[str] = {"id", "@odata.type", *call.params.get("$select", "").split(",")}
    return {n: v for n, v in shown.items() if n in names} if "$select" in call.params else shown


def _not_found(name: Any) -> ApiError:
    return ApiError(404, "ErrorItemNotFound", "The specified object was not found in the store.")


_OPERATIONS: dict[str, Callable[[MailState, Call], Answer]] = {
    "mailFolders.list": MailState._folders,
    "mailFolders.get": MailState._one_folder,
    "messages.list": MailState._list,
    "messages.delta": MailState._delta,
    "messages.get": MailState._get,
    "messages.create": MailState._create,
    "messages.patch": MailState._patch,
    "messages.delete": MailState._delete,
    "messages.createReply": MailState._create_reply,
    "messages.createReplyAll": MailState._create_reply_all,
    "messages.move": MailState._move,
    "messages.send": MailState._send,
    "messages.reply": MailState._send_mail,
    "sendMail": MailState._send_mail,
    "attachments.list": MailState._attachments,
    "attachments.get": MailState._one_attachment,
}
