"""What a fake answers next: planned per operation, or drawn from a seeded schedule."""

from __future__ import annotations

import random
from collections import defaultdict, deque
from collections.abc import Mapping
from enum import StrEnum

from calwatch.errors import Doubt, NeedsSignIn, Retry


class Answer(StrEnum):
    """One answer of the other side. For reads everything but ``OK``, ``SIGN_IN`` and the crashes means ``Retry``."""

    OK = "ok"
    REFUSED = "refused"  # a lasting no; nothing happened
    DOWN = "down"  # certainly nothing happened: Retry
    LOST = "lost"  # it happened, the answer did not arrive: Doubt
    UNDONE = "undone"  # it did not happen, and nobody can tell: Doubt
    LATE = "late"  # Doubt now; it happens later, within the quiescence time
    HALF = "half"  # only the first of two steps happened: Doubt (Graph's createReply without its PATCH)
    SIGN_IN = "sign-in"
    CRASH_BEFORE = "crash-before"  # our process dies before the request leaves
    CRASH_AFTER = "crash-after"  # our process dies after the other side acted


class Crash(BaseException):
    """Our process died here; not an Exception, so that nothing of ours can handle it."""


WRITES = frozenset({"save_draft", "update_draft", "send_draft", "discard", "respond", "hold", "release"})


class Faults:
    """The next answers, per operation name of the port; what is not planned is drawn from ``chances``, else ``OK``."""

    def __init__(self, *, seed: int = 0, chances: Mapping[Answer, float] | None = None) -> None:
        self._plan: dict[str, deque[Answer]] = defaultdict(deque)
        self._random = random.Random(seed)
        self._chances = dict(chances or {})
        self.log: list[tuple[str, Answer]] = []

    def plan(self, operation: str, *answers: Answer) -> None:
        """The next calls of ``operation`` get these answers, in order."""
        self._plan[operation].extend(answers)

    def clear(self) -> None:
        """From now on everything works."""
        self._plan.clear()
        self._chances.clear()

    def begin(self, operation: str) -> Answer:
        """The answer of this call; raises at once where nothing is to happen before."""
        answer = self._draw(operation)
        self.log.append((operation, answer))
        if answer is Answer.SIGN_IN:
            raise NeedsSignIn("the sign-in has expired")
        if answer is Answer.CRASH_BEFORE:
            raise Crash(operation)
        if answer is Answer.DOWN or (operation not in WRITES and answer not in (Answer.OK, Answer.CRASH_AFTER)):
            raise Retry("the server does not answer")
        if answer is Answer.UNDONE:
            raise Doubt("the connection broke")
        return answer

    def end(self, operation: str, answer: Answer) -> None:
        """Called when the other side has acted: loses the answer, or our process."""
        if answer is Answer.CRASH_AFTER:
            raise Crash(operation)
        if answer in (Answer.LOST, Answer.LATE, Answer.HALF):
            raise Doubt("the connection broke")

    def _draw(self, operation: str) -> Answer:
        if self._plan[operation]:
            return self._plan[operation].popleft()
        roll = self._random.random()
        for answer, chance in self._chances.items():
            if operation in WRITES and roll < chance:
                return answer
            roll -= chance
        return Answer.OK
