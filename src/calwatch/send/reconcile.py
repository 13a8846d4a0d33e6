"""What a mail attempt with a lost answer turns out to have been; never a second attempt on a guess."""

from __future__ import annotations

from dataclasses import dataclass

from calwatch.model.case import Move

MAX_ATTEMPTS = 3
"""An attempt proven unsent goes back to approved, at most so often; then the person is told."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """A moment that survives clock steps and knows a reboot: seconds of a clock that includes suspend, and the boot's
    id.
    """

    boot: str
    seconds: float


def quiet_left(attempted: Stamp | None, present: Stamp, quiescence: float) -> float:
    """Seconds until a lost attempt can no longer turn into a sent mail; after a reboot the whole time again.

    ``None`` (no stamp was written before the crash) counts as a reboot.
    """
    if attempted is None or attempted.boot != present.boot:
        return quiescence
    return max(0.0, quiescence - (present.seconds - attempted.seconds))


def judge(*, waiting: bool, found: bool, attempts: int, quiet: float, lag_left: float) -> Move | None:
    """The move an unclear attempt calls for, or ``None``: look again later.

    ``found``: a sent copy exists. ``waiting``: the draft still lies unsent in the mailbox. ``quiet``: seconds left of
    the quiescence
    time. ``lag_left``: seconds the Sent folder may still need to show a copy. A draft that is still there after
    quiescence was not sent (sending consumes it); gone and found is sent; neither is a doubt only the person can
    settle.
    """
    if found:
        return Move.ACCEPTED
    if quiet > 0:
        return None
    if waiting:
        return Move.PROVEN_UNSENT if attempts < MAX_ATTEMPTS else Move.GIVE_UP
    return None if lag_left > 0 else Move.DOUBT
