"""A Maildir on disk: who lies where, and how a mail is put there so that it is whole or not there at all."""

from __future__ import annotations

import os
import stat
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from calwatch.errors import Retry, Stop
from calwatch.providers.durable import sync_folder

_NOT_READ = frozenset({"drafts", "trash", "junk", "spam", "templates", "deleted", "deleted items", "sending", "outbox"})
DRAFTS, SENT, SENDING = ".Drafts", ".Sent", ".Sending"


@dataclass(frozen=True, slots=True)
class Entry:
    """One file: ``name`` is its unique name without the flags, which anybody may change at any time."""

    folder: str  # "" for INBOX, else the Maildir++ folder with its dot
    name: str
    path: Path
    flags: str = ""

    @property
    def ref(self) -> str:
        return f"{self.folder or 'INBOX'}/{self.name}"


class Maildir:
    """The folders below ``root`` (Maildir++); raises ``Stop`` with what to do when they are not there."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def require(self) -> None:
        """Raises ``Stop`` unless this is a Maildir that can be read."""
        for part in ("", "cur", "new"):
            folder = self.root / part
            if not folder.is_dir():
                raise Stop(f"There is no Maildir at {self.root} ({part or 'the folder'} is missing). "
                           "Check the account's mail setting.")  # fmt: skip
            if not os.access(folder, os.R_OK | os.X_OK):
                raise Stop(f"{folder} cannot be read. Give this user access to it.")

    def readable_folders(self) -> tuple[str, ...]:
        """INBOX, .Sent and every other folder that is neither drafts nor trash."""
        folders = [""]
        with os.scandir(self.root) as entries:
            for entry in entries:
                plain = entry.name.removeprefix(".INBOX").removeprefix(".").lower()
                if (
                    entry.name.startswith(".")
                    and plain
                    and plain not in _NOT_READ
                    and (self.root / entry.name / "cur").is_dir()
                ):
                    folders.append(entry.name)
        return tuple(sorted(folders))

    def entries(self, folder: str) -> Iterator[Entry]:
        """The mails of one folder; those marked as trashed, and drafts outside .Drafts, are left out.

        A folder among them is listed, so that it can be named: who looks for mail there should know.
        """
        for part in ("new", "cur"):
            try:
                with os.scandir(self.root / folder / part) as files:
                    for file in files:
                        name, _, flags = file.name.partition(":2,")
                        hidden = "T" in flags or ("D" in flags and folder not in (DRAFTS, SENDING))
                        wanted = file.is_file(follow_symlinks=False) or file.is_dir(follow_symlinks=False)
                        if not file.name.startswith(".") and not hidden and wanted:
                            yield Entry(folder, name, Path(file.path), flags)
            except FileNotFoundError:
                continue
            except PermissionError:
                raise Stop(f"{self.root / folder / part} cannot be read. Give this user access to it.") from None

    def read(self, entry: Entry, limit: int) -> bytes | None:
        """The bytes of one mail, wherever its flags have taken it; ``None`` when it is gone. Raises OSError."""
        for candidate in (entry, None):
            found = candidate or self.find(entry.folder, entry.name)
            if found is None:
                return None
            try:
                with found.path.open("rb") as file:
                    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                        return None
                    return file.read(limit)
            except FileNotFoundError:
                continue
        return None

    def find(self, folder: str, name: str) -> Entry | None:
        return next((entry for entry in self.entries(folder) if entry.name == name), None)

    def deliver(self, folder: str, data: bytes, flags: str) -> Entry:
        """Puts ``data`` into a folder's cur: written aside, synced, then named (the Maildir protocol)."""
        base = self._made(folder)
        name = f"{uuid.uuid4().hex}.mail"
        waiting = base / "tmp" / name
        final = base / "cur" / f"{name}:2,{flags}"
        try:
            handle = os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            waiting.rename(final)
            sync_folder(final.parent)
        except OSError as error:
            waiting.unlink(missing_ok=True)
            raise _translated(error, base) from error
        return Entry(folder, name, final, flags)

    def move(self, entry: Entry, folder: str) -> Entry:
        """Takes a mail into another folder in one step, under the same name. Raises ``Retry`` when it is gone."""
        base = self._made(folder)
        final = base / "cur" / entry.path.name.partition(":2,")[0]
        final = final.with_name(f"{final.name}:2,{entry.flags}")
        try:
            entry.path.rename(final)
            sync_folder(final.parent)
            sync_folder(entry.path.parent)
        except OSError as error:
            raise _translated(error, base) from error
        return Entry(folder, entry.name, final, entry.flags)

    def remove(self, entry: Entry) -> None:
        try:
            entry.path.unlink(missing_ok=True)
            sync_folder(entry.path.parent)
        except OSError as error:
            raise _translated(error, entry.path.parent) from error

    def _made(self, folder: str) -> Path:
        base = self.root / folder
        try:
            for part in ("cur", "new", "tmp"):
                (base / part).mkdir(mode=0o700, parents=True, exist_ok=True)
            if folder:
                (base / "maildirfolder").touch(mode=0o600, exist_ok=True)
        except OSError as error:
            raise _translated(error, base) from error
        return base


def _translated(error: OSError, where: Path) -> Stop | Retry:
    if isinstance(error, PermissionError) or error.errno == 30:  # EROFS
        return Stop(f"{where} cannot be written. Give this user access to it.")
    return Retry(f"{where} could not be written: {error.strerror or error}")
