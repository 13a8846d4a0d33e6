"""The page's place in the service: opened, tried again when its address was taken, and the words that let people in."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from calwatch.errors import CalwatchError, NotFound, Stop
from calwatch.wiring import World

if TYPE_CHECKING:
    from calwatch.web.server import Running

log = logging.getLogger(__name__)

AGAIN = 60.0
"""Seconds until a taken address is tried again."""

VERBS = ("page", "open", "pair", "revoke")
"""What ``answer`` understands; ``open`` may be followed by a draft's number."""


class Doors:
    """One service's page. ``wake`` tells the actor that somebody asked for something."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._started = datetime.now(UTC)
        self._world: World | None = None
        self._running: Running | None = None
        self._trouble = ""
        self._tried = 0.0

    def open(self, world: World) -> None:
        """Serves the page of this world; when that is not possible, says why, and leaves it to ``tend``."""
        self._world = world
        self._try()

    def tend(self) -> None:
        """Tries again, now and then, while the address is taken."""
        if self._trouble and time.monotonic() - self._tried >= AGAIN:
            self._try()

    def close(self) -> None:
        """Ends the page, before its world ends."""
        running, self._running, self._world = self._running, None, None
        if running is not None:
            running.stop()

    def answer(self, word: str) -> str:
        """What a command on the socket asked for: an address that works once, or how the page is doing."""
        verb, _, rest = word.partition(" ")
        world = self._world
        if world is None:
            return "error: the service is starting or ending; try again"
        if verb == "page":
            return self._standing()
        if verb == "revoke":
            from calwatch.web.sessions import revoke_all

            return f"ok {revoke_all(world.store)}"
        if self._running is None:
            return f"error: {self._trouble or OFF}"
        try:
            return self._invite(world, verb, rest)
        except CalwatchError as refusal:
            return f"error {refusal.exit_code}: {refusal}"

    def _standing(self) -> str:
        if self._running is not None:
            return f"ok {self._running.address}"
        return f"taken {self._trouble}" if self._trouble else "off"

    def _invite(self, world: World, verb: str, rest: str) -> str:
        from calwatch.web.sessions import Kind, invite

        approval, now = world.settings.approval, world.clock.now()
        if verb == "pair":
            if not approval.public_url:
                raise Stop("a phone cannot reach this machine: set approval.public_url, and a reverse proxy in front")
            return f"ok {approval.public_url.rstrip('/')}/p/{invite(world.store, now, Kind.PAIRED)}"
        path = "/"
        if rest:
            if not (rest.isascii() and rest.isdigit()):
                raise NotFound(f"there is no draft {rest!r}")
            path = f"/d/{world.store.drafts.get(int(rest)).id}"
        return f"ok http://{approval.listen}/o/{invite(world.store, now, Kind.LOOPBACK, path)}"

    def _try(self) -> None:
        world = self._world
        if world is None or not world.settings.approval.listen:
            self._trouble = ""
            return
        from calwatch.web.server import start
        from calwatch.web.site import Site

        self._tried = time.monotonic()
        try:
            self._running = start(
                Site(
                    settings=world.settings,
                    store=world.store,
                    clock=world.clock,
                    health=world.pipeline.parts.health,
                    wake=self._wake,
                    started=self._started,
                    tallies=world.pipeline.parts.tallies,
                    transmits=world.pipeline.transmits,
                )
            )
        except Stop as trouble:
            if str(trouble) != self._trouble:  # once, not every minute
                log.error("%s", trouble)  # noqa: TRY400 - the sentence is the message
            self._trouble = str(trouble)
            return
        self._trouble = ""
        log.info("the page is there; open it with: calwatch open")


OFF = "the page is switched off (approval.listen is empty)"
