"""The worlds of the remote providers by name, for tests that hold at each of them."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from flow.google_world import google_for
from flow.outlook_world import outlook_for
from flow.remote_world import RemoteWorld


class Remote(Protocol):
    """Opens a world with an account at one provider."""

    def __call__(self, *, more: str = "", account: str = "") -> AbstractContextManager[RemoteWorld]: ...


class Opener(Protocol):
    """The same, told where."""

    def __call__(self, folder: Path, *, more: str = "", account: str = "") -> AbstractContextManager[RemoteWorld]: ...


WORLDS: dict[str, Opener] = {"google": google_for, "outlook": outlook_for}
