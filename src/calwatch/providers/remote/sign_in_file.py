"""Where the sign-in of an account lies: ``STATE/tokens/ACCOUNT.json``, readable by its owner only, always whole."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from calwatch.errors import Retry, Stop
from calwatch.providers.durable import write_whole

_LARGEST = 1_000_000  # bytes
_TRIES, _BETWEEN = 200, 0.25  # a request of another process that renews the sign-in takes no longer than this together
Stamp = tuple[int, int, int, int]
"""What changes with every replacement or edit of a file: its times, size and inode."""


def path_of(state: Path, account: str) -> Path:
    """Where the sign-in of ``account`` is kept."""
    return state / "tokens" / f"{account}.json"


def stamp(path: Path) -> Stamp | None:
    """``None`` when there is no such file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino


def load(path: Path) -> bytes | None:
    """What is in ``path``; ``None`` when there is no such file. Raises ``Stop`` when it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Stop(f"the sign-in {path} cannot be read ({(error.strerror or 'error').lower()})") from None


def store(path: Path, data: bytes) -> None:
    """Replaces ``path`` in one step that survives a power cut; nobody else can read it at any moment."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(path, data)


@contextlib.contextmanager
def locked(path: Path, pause: Callable[[float], None] | None = None) -> Iterator[None]:
    """Nobody else writes ``path`` meanwhile. Held for a comparison and a write, and as short as that.

    Whoever holds it for a request too gives ``pause``: then it is waited for in steps and not for ever. Raises Retry.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if pause is None:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        else:
            _lock_in_time(descriptor, pause)
        yield
    finally:
        os.close(descriptor)


def _lock_in_time(descriptor: int, pause: Callable[[float], None]) -> None:
    for _ in range(_TRIES):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pause(_BETWEEN)
        else:
            return
    raise Retry("another calwatch has been renewing this sign-in for too long")
