"""The page's place in the service: opened, tried again when its address was taken, and the words that let people in."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from calwatch.errors import CalwatchError, NotFound, Stop
from calwatch.logs import log_bug
from calwatch.wiring import World

if TYPE_CHECKING:
    from calwatch.web.server import Running
    from calwatch.web.site import Site

log = logging.getLogger(__name__)

AGAIN = 60.0
"""Seconds until an address that could not be had is tried again."""

VERBS = ("page", "open", "pair")
"""What ``answer`` understands; ``open`` may be followed by a draft's number."""

OFF = "the page is switched off (approval.listen is empty)"
_BROKEN = "the page cannot be served; the log says more"


class Doors:
    """One service's page. ``wake`` tells the actor that somebody asked for something, ``alive`` whether it can hear."""

    def __init__(self, wake: Callable[[], None], alive: Callable[[], bool] = lambda: True) -> None:
        self._wake, self._alive = wake, alive
        self._started = datetime.now(UTC)
        self._world: World | None = None
        self._running: Running | None = None
        self._state, self._trouble = "", ""
        self._tried = 0.0

    def open(self, world: World) -> None:
        """Serves the page of this world; when that is not possible, says why, and leaves it to ``tend``."""
        self._world, self._trouble = world, ""
        self._try()

    def tend(self) -> None:
        """Tries again, now and then, while the page cannot be served."""
        if self._trouble and time.monotonic() - self._tried >= AGAIN:
            self._try()

    def close(self) -> None:
        """Ends the page, before its world ends."""
        running, self._running, self._world = self._running, None, None
        if running is not None:
            running.stop()

    def answer(self, word: str) -> str:
        """What a command on the socket asked for: an address that works once, or how the page is doing.

        ``ok …``, ``off``, ``taken …``, ``error …``, or ``error CODE: sentence`` with the exit code it stands for.
        """
        verb, _, rest = word.partition(" ")
        world = self._world
        if world is None:
            return "error 75: the service is starting or ending; try again"
        if verb == "page":
            return self._standing()
        if self._running is None:
            return f"error 1: {self._trouble}" if self._trouble else f"error 2: {OFF}"
        try:
            return self._invite(world, verb, rest)
        except CalwatchError as refusal:
            return f"error {refusal.exit_code}: {refusal}"
        except Exception as bug:  # noqa: BLE001 - what somebody asks ends no watching
            log_bug(log, "no address could be made", bug)
            return "error 1: no address could be made; the log of the service says more"

    def _standing(self) -> str:
        if self._running is not None:
            return f"ok {self._running.address}"
        return f"{self._state} {self._trouble}" if self._trouble else "off"

    def _invite(self, world: World, verb: str, rest: str) -> str:
        from calwatch.web.sessions import Kind, invite

        approval, now = world.settings.approval, world.clock.now()
        if verb == "pair":
            if not approval.public_url:
                return "error 2: the running service has no approval.public_url; calwatch reload makes it read it"
            return f"ok {approval.public_url}/p/{invite(world.store, now, Kind.PAIRED)}"
        path = "/"
        if rest:
            if not (rest.isascii() and rest.isdigit()):
                raise NotFound(f"there is no draft {rest!r}")
            path = f"/d/{world.store.drafts.get(int(rest)).id}"
        return f"ok http://{approval.listen}/o/{invite(world.store, now, Kind.LOOPBACK, path)}"

    def _try(self) -> None:
        world = self._world
        if world is None or not world.settings.approval.listen:
            return
        from calwatch.web.server import Taken, start

        self._tried = time.monotonic()
        trouble = ""
        try:
            self._running = start(self._site(world))
            log.info("the page is at %s; open it with: calwatch open", world.settings.approval.listen)
        except Stop as reason:
            trouble, self._state = str(reason), "taken" if isinstance(reason, Taken) else "error"
            if trouble != self._trouble:  # once, not every minute
                log.error("%s", trouble)  # noqa: TRY400 - the sentence is the message
        except Exception as bug:  # noqa: BLE001 - watching goes on without a page
            trouble, self._state = _BROKEN, "error"
            if trouble != self._trouble:
                log_bug(log, trouble, bug)
        self._trouble = trouble

    def _site(self, world: World) -> Site:
        from calwatch.web.site import Site

        return Site(
            settings=world.settings,
            store=world.store,
            clock=world.clock,
            health=world.pipeline.parts.health,
            wake=self._wake,
            alive=self._alive,
            started=self._started,
            tallies=world.pipeline.parts.tallies,
            transmits=world.pipeline.transmits,
        )
