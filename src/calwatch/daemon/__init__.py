"""The always-on service, and one pass of it. Start here: ``run``; the service itself is in ``service.py``."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from calwatch.daemon.line import poke
from calwatch.errors import Stop
from calwatch.settings import Settings
from calwatch.wiring import World, open_world, rehearsal, write_health

__all__ = ["one_pass", "poke", "rehearse", "run"]

log = logging.getLogger(__name__)


def run(settings: Settings, *, once: bool, dry_run: bool, reread: Callable[[], Settings]) -> int:
    """The service in the foreground, or one full pass; gives the exit code.

    Raises Stop when another service holds the state folder.
    """
    from calwatch.daemon.service import Service
    from calwatch.store.lock import acquire, holder

    if dry_run:
        with rehearsal(settings) as world:
            return 0 if rehearse(world) else 75
    lock = acquire(settings.state)
    if lock is None:
        pid = holder(settings.state)
        who = f" (process {pid})" if pid else ""
        raise Stop(f"another calwatch{who} is running on {settings.state}; stop it first, or use its commands")
    with lock:
        if not once:
            Service(settings, reread).run()
            return 0
        world = open_world(settings)
        try:
            return one_pass(world)
        finally:
            world.close()


def one_pass(world: World) -> int:
    """``run --once``: everything once, settle times ignored, due effects finished.

    0, or 4, 1 or 75 when an account wants signing in, cannot be read, or could not be read just now.
    """
    parts = world.pipeline.parts
    parts.once = True
    before = {name: health.detail for name, health in parts.health.items()}
    complete = world.pipeline.full_pass()
    world.pipeline.drain(timedelta(0))
    world.pipeline.keep_house(world.settings.storage.keep)
    write_health(world.settings.state, parts.health)
    for name, health in parts.health.items():
        if health.detail and health.detail == before.get(name):  # news was logged; whoever looks again is told again
            log.warning("account %s: %s", name, health.detail)
    states = {health.state.value for health in parts.health.values()}
    if "needs_sign_in" in states:
        return 4
    if "error" in states:
        return 1
    return 0 if complete else 75


def rehearse(world: World) -> bool:
    """A pass that decides and writes nothing that remains; prints nothing, the caller looks at the world's store."""
    complete = world.pipeline.pull_all()
    world.pipeline.assess()
    return complete
