"""Getting something done: by the running service if there is one, else by this command itself, under the same lock."""

from __future__ import annotations

import time
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any

from calwatch.cli import out
from calwatch.errors import (
    CalwatchError,
    NeedsSignIn,
    NotFound,
    Rejected,
    Retry,
    Stop,
    UsageError,
)
from calwatch.model.case import DraftState, Move, RequestKind
from calwatch.model.draft import Draft
from calwatch.pipeline.parts import AccountState
from calwatch.settings import Settings, verified

if TYPE_CHECKING:
    from calwatch.wiring import World

_WHO = "command line"
_PATIENCE = 60.0  # seconds a running service has to answer a request
_LOOK_EVERY = 0.1
_ERRORS: dict[int, type[CalwatchError]] = {2: UsageError, 3: NotFound, 4: NeedsSignIn, 5: Rejected}
_PUT_OFF = ("due", Move.PROVEN_UNSENT.value)  # history entries that say why a draft has not left yet
_UNDER_WAY = (DraftState.APPROVED, DraftState.SENDING)


class Actor:
    """One command's way to act. ``with Actor(settings) as actor: actor.ask(...)``."""

    def __init__(self, settings: Settings) -> None:
        from calwatch.store.lock import acquire
        from calwatch.wiring import open_world

        self._settings = verified(settings)
        self._lock = acquire(settings.state)
        try:
            self.world: World = open_world(settings, read_only=False)
        except BaseException:
            self._release()
            raise

    def __enter__(self) -> Actor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.alone:
            from calwatch.wiring import write_health

            write_health(self._settings.state, self.world.pipeline.parts.health)
        self.world.close()
        self._release()

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.release()

    @property
    def alone(self) -> bool:
        """Whether no service runs, so that this command itself is the one actor."""
        return self._lock is not None

    def ask(self, kind: RequestKind, draft_id: int | None, payload: dict[str, Any]) -> str:
        """Does one request and gives the answer; a refusal is raised as the error its exit code names."""
        requests = self.world.store.requests
        number = requests.add(kind, draft_id, payload, who=_WHO, now=self.world.clock.now()).id
        if self.alone:
            self.world.pipeline.act()
        else:
            self._poke(number)
        deadline = time.monotonic() + _PATIENCE
        while True:
            done = requests.get(number)
            if done.finished_at is not None:
                break
            if time.monotonic() > deadline:
                raise Retry("the service has not answered yet; your request is kept and will be done")
            time.sleep(_LOOK_EVERY)
        result = done.result if isinstance(done.result, dict) else {"text": done.result}
        if done.ok:
            return str(result["text"])
        raise _error(result.get("exit_code", Rejected.exit_code), str(result["text"]))

    def finish(self, draft_id: int, *, patience: float) -> Draft:
        """Waits until an approved draft has left or not, counting down aloud; gives it as it is then.

        When it has to wait for something else than the undo time, that is said, once for each reason. Ctrl-C while it
        can still be called back calls it back. Raises NeedsSignIn when it waits for what only another command mends.
        """
        told: int | None = None
        said, started = "", time.monotonic()
        while True:
            draft = self.world.store.drafts.get(draft_id)
            if draft.state not in _UNDER_WAY:
                return draft
            if time.monotonic() > started + patience:
                self._tell_next_step(draft)
                return draft
            obstacle = self._obstacle(draft)
            if obstacle and obstacle != said:
                out.remark(f"waiting: {obstacle}")
                said = obstacle
                self._stop_without_sign_in(draft)
            left = (draft.due_at - self.world.clock.now()).total_seconds() if draft.due_at is not None else 0.0
            try:
                if draft.state is DraftState.APPROVED and left > 0:
                    if not obstacle and (told is None or (left < told and int(left) % 10 == 0) or left < 4):
                        if int(left) + 1 != told:
                            out.remark(f"leaves in {int(left) + 1} s; Ctrl-C calls it back")
                        told = int(left) + 1
                    time.sleep(min(left, 0.5))
                elif self.alone:
                    self.world.pipeline.act()
                    time.sleep(_LOOK_EVERY)
                else:
                    time.sleep(_LOOK_EVERY)
            except KeyboardInterrupt:
                out.remark(self.ask(RequestKind.UNDO, draft_id, {}))
                return self.world.store.drafts.get(draft_id)

    def _obstacle(self, draft: Draft) -> str:
        """What keeps an approved draft from leaving, as its history tells it; "" while only the undo time runs."""
        newest = self.world.store.history.of_draft(draft.id)[-1]
        if newest.kind not in _PUT_OFF:
            return ""
        unwell = (
            f"{name}: {health.detail}" for name, health in self.world.pipeline.parts.health.items() if health.detail
        )
        return "; ".join((newest.what, *unwell))

    def _stop_without_sign_in(self, draft: Draft) -> None:
        """Nobody signs in while this command waits for it. A service goes on waiting; this one command does not."""
        if not self.alone or draft.state is not DraftState.APPROVED:
            return
        for name, health in self.world.pipeline.parts.health.items():
            concerns = name == draft.account or bool(draft.letter.slots)  # offered times are proved with all accounts
            if concerns and health.state is AccountState.NEEDS_SIGN_IN:
                self._tell_next_step(draft)
                raise NeedsSignIn(f"draft {draft.id} is approved but cannot leave: {health.detail}")

    def _tell_next_step(self, draft: Draft) -> None:
        """After patience has ended: nobody but a service goes on with it."""
        if draft.state is DraftState.APPROVED:
            out.remark(
                f"Make readable what it waits for, then: calwatch run. Or take it back with: calwatch undo {draft.id}"
            )
        else:
            out.remark("Whether it left is found out by: calwatch run")

    def call_back(self, draft_id: int) -> None:
        """After Ctrl-C in the middle of an approval: nothing stays approved behind the person's back."""
        requests = self.world.store.requests
        for pending in requests.pending():
            if pending.kind is RequestKind.APPROVE and pending.draft_id == draft_id:
                taken_back = {"text": "taken back", "exit_code": Rejected.exit_code}
                with suppress(Rejected):
                    requests.finish(pending.id, taken_back, False, now=self.world.clock.now())
        if self.world.store.drafts.get(draft_id).state is DraftState.APPROVED:
            out.remark(self.ask(RequestKind.UNDO, draft_id, {}))

    def _poke(self, number: int) -> None:
        """Wakes the service. What nobody is there to do is taken back, so that it is not done hours later."""
        from calwatch import daemon

        try:
            daemon.poke(self._settings.state)
        except Retry as reason:
            requests = self.world.store.requests
            with suppress(Rejected):  # somebody did it all the same
                requests.finish(number, {"text": str(reason), "exit_code": 75}, False, now=self.world.clock.now())


def _error(code: int, text: str) -> CalwatchError:
    if code == Retry.exit_code:
        return Retry(text)
    return _ERRORS.get(code, Stop)(text)
