"""messages/delta of the fake Outlook: rounds in pages, what changed in a folder since a link, and links that die."""

from __future__ import annotations

import base64
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from urllib.parse import quote

from fakes.microsoft.calendar_ids import Ids
from fakes.microsoft.calendar_times import Json
from fakes.microsoft.calendar_view import immutable
from fakes.microsoft.call import ApiError, Call
from fakes.microsoft.mail_items import Change, Mail
from fakes.microsoft.mail_view import View

_SINCE = re.compile(r"receivedDateTime (ge|gt) (\S+)")
_KNOWN = frozenset({"$select", "$top", "$expand", "$filter", "$orderby", "changeType", "$deltatoken", "$skiptoken"})
_MESSAGE = "#microsoft.graph.message"


@dataclass(frozen=True)
class _Token:
    """What a link stands for: the end of a round, or a place within one whose ``entries`` are fixed."""

    folder: str
    params: dict[str, str]
    until: int
    last: int
    epoch: int
    entries: tuple[tuple[str, bool] | Ids, ...] = ()


@dataclass
class Deltas(View):
    """A mailbox whose folders tell what changed."""

    tokens: dict[str, _Token] = field(default_factory=dict)
    _made: itertools.count[int] = field(default_factory=itertools.count)

    def delta(self, call: Call, folder: str) -> Json:
        given = call.params.get("$skiptoken") or call.params.get("$deltatoken")
        if given:
            token = self._known(given, folder, call)
            if "$deltatoken" in call.params:
                news = tuple(self._news(token))
                token = replace(token, entries=news, last=token.until, until=len(self.log))
            return self._page(token, call)
        self._check_round(call)
        found = [mail for mail in self.every() if mail.folder == folder and self._wanted(mail, call.params)]
        found.sort(key=lambda mail: (mail.received, mail.number), reverse=True)
        entries = tuple((mail.ref, False) for mail in found)
        now = len(self.log)
        return self._page(_Token(folder, dict(call.params), now, now, self.epoch, entries), call, first=True)

    def _check_round(self, call: Call) -> None:
        text = call.params.get("$filter", "")
        if call.params.keys() - _KNOWN or (text and not _SINCE.fullmatch(text)):
            message = (
                "The following parameters are not supported with change tracking over the 'Messages' resource: "
                f"'{', '.join(sorted(call.params))}'."
            )
            raise ApiError(400, "ErrorInvalidUrlQuery", message)
        if call.params.get("$orderby", "receivedDateTime desc") != "receivedDateTime desc":
            raise ApiError(400, "ErrorInvalidUrlQueryOrderBy", "Change tracking sorts by receivedDateTime desc only.")

    @staticmethod
    def _wanted(mail: Mail, params: dict[str, str]) -> bool:
        since = _SINCE.fullmatch(params.get("$filter", ""))
        if since is None:
            return True
        moment = datetime.fromisoformat(since[2])
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
        return mail.received > moment or (since[1] == "ge" and mail.received == moment)

    def _known(self, given: str, folder: str, call: Call) -> _Token:
        token = self.tokens.get(given)
        if token is None or token.folder != folder:
            raise ApiError(400, "BadRequest", "Badly formed token.")
        if token.epoch != self.epoch:
            status, code, names_another = self.lost.value
            again = f"{self.root}/me/mailFolders/{quote(self.folder_id(folder), safe='')}/messages/delta"
            message = "The sync state generation is not found; a full synchronization is required."
            raise ApiError(status, code, message, {"Location": again} if names_another else {})
        return token

    def _news(self, token: _Token) -> Iterator[tuple[str, bool] | Ids]:
        """What happened in the folder since: mails (and whether they were only marked as read), and ids that left."""
        happened: dict[str, list[Change]] = {}
        for change in self.log[token.last if self.replays else token.until :]:
            if change.folder == token.folder and change.ids.immutable not in self.silent:
                happened.setdefault(change.ids.immutable, []).append(change)
        for ref, changes in happened.items():
            mail = self.mails.get(ref) or self.drafts.get(ref)
            if mail is None or mail.folder != token.folder:
                yield changes[-1].ids
            elif self._wanted(mail, token.params):
                if self.duplicates:
                    yield (ref, self.short_read_changes)
                yield (ref, self.short_read_changes and all(change.read for change in changes))
        if happened and self.spurious_removed:
            yield self.new_ids()

    def _page(self, token: _Token, call: Call, *, first: bool = False) -> Json:
        own = call if not token.params else replace(call, params={**token.params})
        size = 0 if first and self.empty_pages and token.entries else self.size_of_page(own)
        shown, rest = token.entries[:size], token.entries[size:]
        page: Json = {
            "@odata.context": f"{self.root}/$metadata#Collection(message)",
            "value": [found for entry in shown if (found := self._entry(entry, own))],
        }
        name = "@odata.nextLink" if rest else "@odata.deltaLink"
        word = "$skiptoken" if rest else "$deltatoken"
        key = base64.b64encode(f"\xfb\xef{next(self._made):06d}-{token.folder}".encode("latin-1")).decode()
        self.tokens[key] = replace(token, entries=rest)
        path = f"/me/mailFolders/{quote(self.folder_id(token.folder), safe='')}/messages/delta"
        return {**page, name: f"{self.root}{path}?{word}={quote(key, safe='')}"}

    def _entry(self, entry: tuple[str, bool] | Ids, call: Call) -> Json | None:
        if isinstance(entry, Ids):
            gone = entry.shown(immutable=immutable(call))
            return {"@odata.type": _MESSAGE, "id": gone, "@removed": {"reason": "deleted"}}
        ref, read_only = entry
        mail = self.mails.get(ref) or self.drafts.get(ref)
        if mail is None:
            return None
        if read_only:
            return {"@odata.type": _MESSAGE, "id": mail.ids.shown(immutable=immutable(call)), "isRead": mail.is_read}
        return {"@odata.type": _MESSAGE, **self.selected(mail, call)}
