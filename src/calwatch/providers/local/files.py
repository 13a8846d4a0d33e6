"""Calendar files on disk: told apart without opening them, read bounded, and written so that they are whole."""

from __future__ import annotations

import os
import stat
import time
from dataclasses import dataclass
from pathlib import Path

from calwatch.errors import Retry, Stop
from calwatch.providers.durable import write_whole

FRESH = 2.0
"""Seconds: an unreadable file that is younger may still be on its way; it is looked at again before it is named."""

_TICK = 0.02
"""Seconds: file time stamps are coarser than a write; a file this young is given time to show its next change."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One file as the folder shows it. ``etag`` changes with every write, replacement or change of rights."""

    path: Path
    etag: str
    size: int
    modified: float
    changed: float

    @classmethod
    def of(cls, path: Path, found: os.stat_result) -> Seen:
        etag = f"{found.st_mtime_ns:x}-{found.st_ctime_ns:x}-{found.st_size:x}-{found.st_ino:x}"
        return cls(path, etag, found.st_size, found.st_mtime, found.st_ctime)

    @property
    def fresh(self) -> bool:
        # The file system's stamps are compared with the system's clock, whatever clock the rest lives by.
        return abs(time.time() - self.modified) < FRESH


def scan(folder: Path) -> dict[str, Seen]:
    """The .ics files of one folder by name. Hidden files and links that lead out of the folder are left out."""
    found: dict[str, Seen] = {}
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith(".") or not entry.name.lower().endswith(".ics"):
                    continue
                if entry.is_symlink() and not _inside(folder, Path(entry.path)):
                    continue
                try:
                    status = entry.stat()
                except OSError:
                    continue  # it went away while we looked
                if stat.S_ISREG(status.st_mode):
                    found[entry.name] = Seen.of(Path(entry.path), status)
    except FileNotFoundError:
        raise Stop(f"There is no calendar folder {folder}. Create it, or correct the account's calendar.") from None
    except NotADirectoryError:
        raise Stop(f"{folder} is neither a folder nor an .ics file. Correct the account's calendar.") from None
    except PermissionError:
        raise Stop(f"The calendar folder {folder} cannot be read. Give this user access to it.") from None
    return found


def settled(folder: Path, listing: dict[str, Seen], names: list[str]) -> dict[str, Seen]:
    """The listing again, after a moment, when one of ``names`` was written within the last tick of the clock."""
    if not any(abs(time.time() - listing[name].changed) < _TICK for name in names):
        return listing
    time.sleep(_TICK)
    return scan(folder)


def _inside(folder: Path, link: Path) -> bool:
    try:
        return link.resolve(strict=True).is_relative_to(folder.resolve())
    except (OSError, RuntimeError):
        return False


def write(path: Path, data: bytes) -> Seen:
    """Replaces ``path`` in one step that survives a power cut; keeps its permissions, 0600 for a new file."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o600
        write_whole(path, data, mode=mode)
        return Seen.of(path, path.stat())
    except PermissionError:
        raise Stop(f"{path} cannot be written. Give this user access to it.") from None
    except OSError as error:
        if error.errno == 30:  # EROFS
            raise Stop(f"{path} is on a read-only disk.") from None
        raise Retry(f"{path} could not be written: {error.strerror or error}") from error
