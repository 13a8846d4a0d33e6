"""The lifetime lock of the one actor: whoever holds it may touch providers, and the kernel frees it when they die."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from types import TracebackType

from calwatch.errors import Stop

LOCK_NAME = "lock"


class Lock:
    """A held lock; ``release`` or the end of the process gives it back."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    def release(self) -> None:
        """Gives the lock back; a second time does nothing."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Lock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def acquire(folder: Path) -> Lock | None:
    """Takes the lock of the state folder, or gives ``None`` when another process (or this one) holds it.

    The file itself is never removed: a lock on a removed file guards nothing. Raises Stop when the folder cannot be
    used.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(folder / LOCK_NAME, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Stop(f"the state folder {folder} cannot be used: {error.strerror} ({error.filename})") from error
    for patience in (0.02, 0.02, 0.0):  # ``holder`` in another process has it for an instant when it looks
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            time.sleep(patience)
    else:
        os.close(descriptor)
        return None
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    return Lock(descriptor)


def holder(folder: Path) -> int | None:
    """The process id that holds the lock, 0 if it did not say, ``None`` when the lock is free."""
    try:
        descriptor = os.open(folder / LOCK_NAME, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        said = os.pread(descriptor, 32, 0).strip()
        return int(said) if said.isdigit() else 0
    else:
        return None
    finally:
        os.close(descriptor)
