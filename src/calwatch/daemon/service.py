"""The always-on service: APScheduler jobs around the pipeline, signals, the socket, systemd's notify and watchdog."""

from __future__ import annotations

import logging
import os
import select
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import FrameType

from calwatch.daemon.doors import VERBS, Doors
from calwatch.daemon.line import SOCKET, answer_one, listen
from calwatch.daemon.scheduler import new_scheduler
from calwatch.daemon.surviving import Progress, Surviving
from calwatch.daemon.systemd import notify_systemd
from calwatch.errors import CalwatchError, ConfigError, Retry
from calwatch.logs import log_bug
from calwatch.notify.apprise_urls import hush
from calwatch.pipeline import Pipeline
from calwatch.pipeline.telling import Delivery, deliver
from calwatch.settings import Settings
from calwatch.wiring import World, open_world, write_health

log = logging.getLogger(__name__)

GUARD = 10.0
"""Seconds between looks at the clocks: APScheduler sleeps on a wall-clock difference, a backward step stops it."""

JUMP = 5.0
"""Wall minus monotonic time moves only when the clock is stepped or the machine slept."""

AFTER_TROUBLE = timedelta(minutes=1)
"""When a pass that did not finish is tried again."""

_PATIENCE = 10.0
"""Seconds a reload waits for whoever is acting; the loop must go on feeding the watchdog and hearing signals."""


class Service:
    """One running service; ``run`` returns when it was told to stop."""

    def __init__(
        self, settings: Settings, reread: Callable[[], Settings], opened: Callable[[Settings], World] = open_world
    ) -> None:
        self._settings = settings
        self._reread = reread
        self._open = opened
        self._world = opened(settings)
        self._scheduler = new_scheduler()
        self._stop = False
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_write, False)
        self._progress = Progress()
        self._scheduling = threading.Lock()
        self._writing = threading.Lock()
        self._doors = Doors(lambda: self._assess_at(datetime.now(UTC)), self._progress.is_alive)

    # --- life -----------------------------------------------------------------------------------------------------

    def run(self) -> None:
        listener = listen(self._settings.state)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        self._schedule()
        self._scheduler.start()
        self._doors.open(self._world)
        notify_systemd("READY=1\nSTATUS=watching")
        log.info("watching %d account(s)", len(self._world.pipeline.parts.accounts))
        try:
            self._loop(listener)
        finally:
            notify_systemd("STOPPING=1")
            self._finish()
            listener.close()
            (self._settings.state / SOCKET).unlink(missing_ok=True)
            self._world.close()
            log.info("stopped")

    def _finish(self) -> None:
        """Lets the jobs at work end. The scheduler holds its own lock meanwhile: none of them may ask it for more."""
        self._doors.close()
        with self._scheduling:
            self._stop = True
        self._scheduler.pause()
        hush()
        self._scheduler.get_jobs()  # returns when it has handed over what it was just handing over
        self._scheduler.shutdown(wait=True)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        # Only a byte: everything else happens in the loop, outside the handler.
        os.write(self._wake_write, b"r" if number == signal.SIGHUP else b"s")

    def _loop(self, listener: socket.socket) -> None:
        offset = time.time() - time.monotonic()
        watchdog = float(os.environ.get("WATCHDOG_USEC", "0")) / 1e6
        pause = min(GUARD, watchdog / 3) if watchdog else GUARD
        while not self._stop:
            self._progress.turn()
            ready, _, _ = select.select([listener.fileno(), self._wake_read], [], [], pause)
            if self._wake_read in ready:
                for byte in os.read(self._wake_read, 64):
                    if byte == ord("s"):
                        self._stop = True
                    else:
                        self._reload()
            if listener.fileno() in ready:
                answer_one(listener, self._answer)
            present = time.time() - time.monotonic()
            if abs(present - offset) > JUMP:
                log.info("the clock moved by %.0f s; looking at everything again", present - offset)
                offset = present
                self._after_jump()
            self._doors.tend()
            if watchdog and not self._progress.is_stalled():
                notify_systemd("WATCHDOG=1")

    # --- jobs -----------------------------------------------------------------------------------------------------

    def _schedule(self) -> None:
        every = self._settings.watch.every.total_seconds()
        for name in self._world.pipeline.parts.accounts:
            self._scheduler.add_job(
                self._pull,
                "interval",
                args=[name],
                id=f"pull:{name}",
                seconds=every,
                jitter=int(every / 10) or None,
                next_run_time=datetime.now(UTC),
                replace_existing=True,
            )
        self._scheduler.add_job(
            self._keep_house,
            "interval",
            id="keep",
            days=1,
            next_run_time=datetime.now(UTC) + timedelta(minutes=10),
            replace_existing=True,
        )

    def _keep_house(self) -> None:
        with self._acting() as pipeline, self._progress.working():
            pipeline.keep_house(self._settings.storage.keep)

    def _pull(self, name: str) -> None:
        world = self._world
        account = world.pipeline.parts.accounts.get(name)
        if account is None:
            return  # a reload took it away
        reading = None
        if account.remote:  # a slow network holds up nobody who decides or sends meanwhile
            with Surviving():
                reading = world.pipeline.read(name)
            if reading is None:
                with self._acting() as pipeline:
                    pipeline.stumbled(name)
                    self._note_health(name)
                return
        with self._acting() as pipeline:
            parts = pipeline.parts
            if name not in parts.accounts or (reading is not None and pipeline is not world.pipeline):
                return  # reloaded meanwhile: the new one reads for itself
            before = parts.store.counters.rows_written
            with self._progress.working():
                pipeline.pull(name, reading)
            changed = parts.store.counters.rows_written != before
        if changed or self._due("assess") is None:
            self._assess_at(datetime.now(UTC))
        self._note_health(name)

    def _note_health(self, name: str) -> None:
        """For the commands of other processes."""
        with self._writing, self._progress.working():
            health = self._world.pipeline.parts.health
            if name in health:
                health[name].next_sync = self._due(f"pull:{name}")
            write_health(self._settings.state, health)

    def _due(self, job_id: str) -> datetime | None:
        with self._scheduling:
            job = None if self._stop else self._scheduler.get_job(job_id)
            return getattr(job, "next_run_time", None)  # a job has none before the scheduler runs

    def _assess(self) -> None:
        again = after = datetime.now(UTC) + AFTER_TROUBLE
        with self._acting() as pipeline:
            with self._progress.working():
                pipeline.assess()
                after = datetime.now(UTC) + timedelta(hours=1)
            with self._progress.working():  # what the person asks for is done also when the assessment stumbles
                pipeline.act()
                again = min(after, pipeline.next_due() or after)
                self._tell_soon(pipeline)
        self._assess_at(max(again, datetime.now(UTC) + timedelta(seconds=1)))

    def _assess_at(self, moment: datetime) -> None:
        with self._scheduling:
            if self._stop:
                return
            due = getattr(self._scheduler.get_job("assess"), "next_run_time", None)
            if due is not None and due <= moment:
                return
            self._scheduler.add_job(
                self._assess,
                "date",
                run_date=moment,
                id="assess",
                executor="assess",
                replace_existing=True,
                max_instances=2,  # one at work and one behind it, so that what is asked meanwhile is not dropped
            )

    def _tell_soon(self, pipeline: Pipeline) -> None:
        """Has the person told what there is to tell: by a thread of its own, for a notifier may take its time."""
        if not pipeline.has_news():
            return
        with self._scheduling:
            if not self._stop:
                self._scheduler.add_job(self._tell, id="tell", executor="tell", replace_existing=True, max_instances=2)

    def _tell(self) -> None:
        due: list[Delivery] = []
        with self._acting() as pipeline, self._progress.working():
            due = pipeline.to_tell()
        outcomes = deliver(due, go_on=lambda: not self._stop)
        again: datetime | None = None
        with self._acting() as pipeline, self._progress.working():  # a reload may have come: what was heard was heard
            pipeline.told(outcomes)
            again = pipeline.next_due()
        if again is not None:
            self._assess_at(again)

    @contextmanager
    def _acting(self) -> Iterator[Pipeline]:
        """The pipeline, for one job at a time; taken only when it is our turn, for a reload may have come before us."""
        with self._world.pipeline.parts.lock:
            yield self._world.pipeline

    def _after_jump(self) -> None:
        now = datetime.now(UTC)
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=now)
        self._scheduler.wakeup()

    def _answer(self, verb: str) -> str:
        if verb == "poke":
            self._assess_at(datetime.now(UTC))
            return "ok"
        if verb == "pull":
            self._after_jump()
            return "ok"
        if verb == "reload":
            return self._reload()
        return self._doors.answer(verb) if verb.partition(" ")[0] in VERBS else "error: unknown verb"

    def _reload(self) -> str:
        notify_systemd(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")
        try:
            self._take_over(self._reread())
        except CalwatchError as reason:
            log.error("the configuration was not reloaded: %s", reason)  # noqa: TRY400 - the sentence is the message
            problem = str(reason)
        except Exception as bug:  # noqa: BLE001 - whatever a new configuration leads to, the old one is still good
            log_bug(log, "the configuration was not reloaded", bug)
            problem = f"the configuration was not reloaded ({type(bug).__name__}); the log says more"
        else:
            notify_systemd("READY=1\nSTATUS=watching")
            log.info("configuration reloaded")
            return "ok"
        notify_systemd("READY=1\nSTATUS=watching (old configuration)")
        return f"error: {problem}"

    def _take_over(self, fresh: Settings) -> None:
        """From now on ``fresh`` counts. One lock for both worlds: two pipelines never act beside each other."""
        if fresh.state != self._settings.state:
            raise ConfigError(["storage.path cannot change while the service runs; restart it"])
        old, world = self._world, self._open(fresh)
        lock = world.pipeline.parts.lock = old.pipeline.parts.lock
        if not lock.acquire(timeout=_PATIENCE):
            world.close()
            raise Retry("calwatch is busy with an account at the moment; try again")
        try:
            world.pipeline.parts.health.update(old.pipeline.parts.health)
            world.pipeline.parts.tallies.update(old.pipeline.parts.tallies)
            for job in self._scheduler.get_jobs():
                if job.id.startswith("pull:"):
                    job.remove()
            self._settings, self._world = fresh, world
            self._doors.close()
            self._doors.open(world)
            self._schedule()
            old.close()
        finally:
            lock.release()
