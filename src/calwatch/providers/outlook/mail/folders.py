"""Which folders there are: the few everybody has, by their ids, and which of all folders hold mail the person has."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from calwatch.providers.outlook.api.paths import segment
from calwatch.providers.outlook.mail.messages import Places
from calwatch.providers.remote.faults import Refusal
from calwatch.providers.remote.fields import Fields

if TYPE_CHECKING:
    from calwatch.providers.outlook.api.connection import Connection

_UNSEEN = ("drafts", "deleteditems", "junkemail", "outbox")
_DEEPEST = 20


class Folders:
    """The folders of one mailbox. Their ids never change, so each is asked for once. Threads may share it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = Lock()
        self._ids: dict[str, str] = {}
        self._shown: dict[str, bool] = {}

    def places(self) -> Places:
        return Places(inbox=self._id("inbox"), sent=self._id("sentitems"), drafts=self._id("drafts"))

    def holds_deleted(self, folder: str) -> bool:
        """Whether it is the one of deleted items."""
        return bool(folder) and folder == self._id("deleteditems")

    def shows(self, folder: str) -> bool:
        """Whether a mail in this folder is one the person has: no draft, nothing thrown away, no junk, and no chat.

        Teams keeps its chats among the mails, in a folder nobody sees.
        """
        with self._lock:
            known = self._shown.get(folder)
        if known is None:
            known = self._is_shown(folder)
            with self._lock:
                self._shown[folder] = known
        return known

    def _is_shown(self, folder: str) -> bool:
        places = self.places()
        unseen = [self._id(name) for name in _UNSEEN]
        for depth in range(_DEEPEST):
            if folder in (places.inbox, places.sent) and folder:
                return True
            if not folder or folder in unseen:
                return False
            there = self._look_up(folder)
            if there is None:
                return depth > 0  # nothing is above the top
            if there.flag("isHidden"):
                return False
            folder = there.word("parentFolderId")
        return False

    def _id(self, name: str) -> str:
        """The id of a folder by the name it has in every language; ``""`` where it is missing."""
        with self._lock:
            if name in self._ids:
                return self._ids[name]
        there = self._look_up(name)
        found = there.word("id") if there is not None else ""
        with self._lock:
            self._ids[name] = found
        return found

    def _look_up(self, folder: str) -> Fields | None:
        path = f"/me/mailFolders/{segment(folder)}"
        try:
            return Fields(self._connection.read(path, {"$select": "id,parentFolderId,isHidden"}))
        except Refusal as no:
            if no.status in (400, 404):
                return None
            raise
