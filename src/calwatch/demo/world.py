"""Builds the demo world relative to now: a calendar folder, a Maildir, a configuration; never over something else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from calwatch.demo.files import make_maildir
from calwatch.demo.story import Story
from calwatch.errors import UsageError

_CONFIG = """\
# The demo's own configuration. Everything stays in this folder; letters are only filed into Maildir/.Sent.
[you]
name = "Alex Rivera"
emails = ["alex.rivera@example.com"]
timezone = "Europe/Berlin"
phone = "+49 30 901820"

[[accounts]]
name = "personal"
provider = "local"
calendar = "calendar/"
mail = "Maildir/"
outgoing = "maildir"

[approval]
undo = { default = "3s", withdraw = "3s" }   # for a quick tour; without this it is 30 s, and 5 min to withdraw
listen = "127.0.0.1:8765"                    # the approval page: calwatch open

[storage]
path = "state/"
"""


@dataclass(frozen=True, slots=True)
class World:
    """Where the demo world lies."""

    folder: Path

    @property
    def config(self) -> Path:
        return self.folder / "calwatch.toml"

    @property
    def calendar(self) -> Path:
        return self.folder / "calendar"

    @property
    def mail(self) -> Path:
        return self.folder / "Maildir"


def build(folder: Path, now: datetime) -> World:
    """Writes the world into ``folder``, which must be empty, new, or a demo world already (that one is kept as it is).

    ``now`` is aware. Raises UsageError for a folder with something else in it.
    """
    world = World(folder.absolute())
    if world.config.exists() and world.calendar.is_dir() and world.mail.is_dir():
        return world
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} has something else in it; name a new folder: calwatch demo DIR")
    world.calendar.mkdir(parents=True)
    make_maildir(world.mail)
    Story(world.calendar, world.mail, now).tell()
    world.config.write_text(_CONFIG, encoding="utf-8")  # last: with it the world is whole
    return world
