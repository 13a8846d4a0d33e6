"""The few names a failure can have; each one means exactly one reaction.

Providers translate what went wrong into these once, at the edge (design rule 7). Everything above reacts to
the name and never to an HTTP status, an errno or a library's exception.
"""

from __future__ import annotations

from collections.abc import Sequence


class CalwatchError(Exception):
    """Base of everything calwatch raises on purpose; ``str()`` is a sentence for the person."""

    exit_code = 1


class ConfigError(CalwatchError):
    """The configuration is wrong. Reaction: tell every problem at once and stop.

    ``problems`` is a list of sentences, each naming the file and the key.
    """

    exit_code = 2

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


class UsageError(CalwatchError):
    """The words of a command are off (ambiguous EVENT, unknown account). Reaction: say it, exit 2."""

    exit_code = 2


class NotFound(CalwatchError):
    """No such draft, event or question. Reaction: say it, exit 3."""

    exit_code = 3


class NeedsSignIn(CalwatchError):
    """The provider no longer accepts our credentials. Reaction: one notice, account waits, state is kept."""

    exit_code = 4


class Rejected(CalwatchError):
    """calwatch itself refuses (changed, expired, already handled, no recipient, a time taken). Exit 5."""

    exit_code = 5


class Retry(CalwatchError):
    """A passing failure (network, throttling, a locked file). Reaction: back off and try again; never a send.

    ``after`` is the number of seconds the other side asked us to wait, if it said so.
    """

    exit_code = 75

    def __init__(self, text: str, *, after: float | None = None) -> None:
        self.after = after
        super().__init__(text)


class Stop(CalwatchError):
    """A lasting failure (missing folder, permission). Reaction: the account is in error until somebody acts."""


class Resync(CalwatchError):
    """The cursor is dead. Reaction: a full listing that is diffed against the store, never a wipe."""


class Touched(CalwatchError):
    """The person changed the draft in their mailbox. Reaction: hands off, the mailbox owns it now."""


class Doubt(CalwatchError):
    """It is unknown whether a send happened. Reaction: reconcile after quiescence, never send blindly again."""


class SchemaTooNew(CalwatchError):
    """The database was written by a newer calwatch. Reaction: stop (78), touch nothing."""

    exit_code = 78


class StoreDamaged(CalwatchError):
    """The database cannot be read as it should. Reaction: read only and a clear word, never an empty start."""

    exit_code = 1
