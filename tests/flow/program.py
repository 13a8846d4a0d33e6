"""The real console script in processes of its own, on one person's configuration: commands, and the running service."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sysconfig
import time as clock
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from calwatch.demo.people import ALEX, Somebody

CALWATCH = Path(sysconfig.get_path("scripts")) / "calwatch"
BERLIN = ZoneInfo(ALEX.zone)
PATIENCE = 20.0
"""Seconds that something the running service does may take; polled, so that a quick one costs nothing."""


@dataclass(frozen=True)
class Ran:
    """How one command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Program:
    """``folder`` is the person's home; ``undo`` and further TOML sections (``more``) are what most tests vary.

    Everything is dated relative to the real now, because the program has the real clock.
    """

    folder: Path
    undo: str = "0s"
    more: str = ""
    now: datetime = field(default_factory=lambda: datetime.now(BERLIN))

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def config(self) -> Path:
        return self.folder / "calwatch.toml"

    # --- commands --------------------------------------------------------------------------------------------------

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "TMPDIR") if name in os.environ}
        return {**kept, "HOME": str(self.folder), "LANG": "C.UTF-8", "PYTHONWARNINGS": "ignore"}

    def words(self, *words: object) -> list[str]:
        return [str(CALWATCH), "--config", str(self.config), *map(str, words)]

    def calwatch(self, *words: object, code: int = 0, before: Sequence[str] = ()) -> Ran:
        """Runs one command (by way of ``before``); it must exit with ``code``, and never with a traceback."""
        done = subprocess.run(
            [*before, *self.words(*words)],
            stdin=subprocess.DEVNULL,
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        ran = Ran(done.returncode, done.stdout, done.stderr)
        assert "Traceback" not in ran.err, ran.err
        assert ran.code == code, f"{words}: {ran}"
        return ran

    def look(self, *, code: int = 0) -> Ran:
        """One full pass."""
        return self.calwatch("run", "--once", code=code)

    def drafts(self, *words: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.calwatch("drafts", "--json", *words).json
        return found

    def draft(self) -> dict[str, Any]:
        """The one open draft."""
        (one,) = self.drafts()
        return one

    def show(self, number: int) -> dict[str, Any]:
        found: dict[str, Any] = self.calwatch("show", number, "--json").json
        return found

    def health(self) -> dict[str, Any]:
        """How the account is, as the service leaves it for commands to tell; cheap enough to be polled."""
        found: dict[str, Any] = json.loads((self.state / "health.json").read_text("utf-8"))["personal"]
        return found

    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = self.calwatch("status", "--json").json
        return found

    def rows(self) -> list[str]:
        """The database, line by line. The cursors are left out: each process starts its own listing."""
        with closing(sqlite3.connect(f"file:{self.state / 'calwatch.db'}?mode=ro", uri=True)) as database:
            return [line for line in database.iterdump() if '"cursors"' not in line]

    def at(self, day: int, wall: str, person: Somebody = ALEX) -> datetime:
        """The ``day``-th working day after today, at ``wall`` time where ``person`` is."""
        found = self.now.date()
        for _ in range(day):
            found += timedelta(days=1)
            while found.weekday() >= 5:
                found += timedelta(days=1)
        return datetime.combine(found, time.fromisoformat(wall), ZoneInfo(person.zone))

    # --- the running service ---------------------------------------------------------------------------------------

    @contextmanager
    def service(self) -> Iterator[Service]:
        """``calwatch run`` in the background; stopped at the end if the test did not."""
        log = self.folder / "service.log"
        with log.open("wb") as err:
            process = subprocess.Popen(self.words("run"), env=self.environment, cwd=self.folder, stderr=err)
        running = Service(process, log)
        try:
            eventually(lambda: "watching" in running.log, "the service does not start", running)
            yield running
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        assert "Traceback" not in running.log, running.log


@dataclass
class Service:
    """The running service."""

    process: subprocess.Popen[bytes]
    _log: Path

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def stop(self) -> float:
        """SIGTERM; gives how many seconds it took to end."""
        begin = clock.monotonic()
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=10) == 0, self.log
        return clock.monotonic() - begin


def eventually(
    happened: Callable[[], Any], otherwise: str, service: Service | None = None, *, pause: float = 0.05
) -> Any:
    """What ``happened`` gives as soon as it is true; polled until patience ends."""
    deadline = clock.monotonic() + PATIENCE
    while True:
        found = happened()
        if found:
            return found
        assert clock.monotonic() < deadline, f"{otherwise}\n{service.log if service else ''}"
        assert service is None or service.process.poll() is None, f"the service ended\n{service.log if service else ''}"
        clock.sleep(pause)
