"""The mail of ``person.OutlookPerson``: the real port, and beside it the hands that ``worlds`` and its tests use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fakes.microsoft.mail import MailState

OPERATIONS = {
    "changes": ("messages.delta",),
    "find": ("messages.list",),
    "save_draft": ("messages.createReply", "messages.createReplyAll", "messages.create"),
    "update_draft": ("messages.patch",),
    "look": ("messages.get",),
    "send_draft": ("messages.send",),
    "discard": ("messages.delete",),
}
"""What of Graph an operation of the port is recognised by, and fails by."""


class MailWithHands:
    """``OutlookMail``; whatever it does not know is done by the fake mailbox's own hands.

    ``faults`` is the person's, in the words of the ports; ``release_late`` does what was cut off as late.
    """

    def __init__(self, port: Any, mail: MailState, faults: Any, release_late: Callable[[], object]) -> None:
        self._port = port
        self._mail = mail
        self._release_late = release_late
        self.faults = faults

    def __getattr__(self, name: str) -> Any:
        return getattr(self._port if hasattr(self._port, name) else self._mail, name)

    def settle(self) -> None:
        """What was to happen late has happened, and copies lie in Sent Items."""
        self._release_late()
        self._mail.settle()
