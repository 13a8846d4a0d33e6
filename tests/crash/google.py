"""The fake Google for crash stories."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from crash.harness import Checkpoints
from crash.remote import Outside
from fakes.clock import ManualClock
from fakes.google.faults import Fault
from fakes.google.person import GooglePerson
from fakes.google.server import FakeGoogle


class Google(Outside):
    NAME = "google"
    SEND, CREATE = "gmail.users.drafts.send", "gmail.users.drafts.create"

    def __init__(self, server: FakeGoogle, clock: ManualClock) -> None:
        super().__init__(server, clock)
        self._resources: tuple[Any, Any] | None = None

    def person(self, folder: Path) -> GooglePerson:
        """What is built from the discovery documents is the same in every life, and slow to build."""
        person = GooglePerson(self.server, self.clock, folder)
        connection = person.connection
        if self._resources is None:
            self._resources = (connection.calendar, connection.gmail)
        connection._calendar.resource, connection._gmail.resource = self._resources
        return person

    def watch(self, person: GooglePerson, checkpoint: Checkpoints) -> None:
        real = person.connection.write

        def write(request: Any, **more: Any) -> Any:
            checkpoint(request.methodId)
            return real(request, **more)

        person.connection.write = write  # type: ignore[method-assign]  # a checkpoint before each change at Google

    def fault(self, name: str) -> Fault:
        return Fault(name)

    def state(self) -> Any:
        return self.server.calendar, self.server.gmail, self.server.oauth

    def take(self, state: Any) -> None:
        google = self.server
        google.calendar, google.gmail, google.oauth = state
        google._handlers = {"calendar": google.calendar, "gmail": google.gmail}

    def drafts(self) -> list[tuple[str, str]]:
        return [(draft.id, draft.version) for draft in self.server.gmail.drafts.values()]

    def held(self) -> int:
        return sum(e.raw.get("summary") == "Busy" for e in self.server.calendar.book().entries.values())

    def told(self) -> list[str]:
        return [reply.response for reply in self.server.calendar.replies if reply.mailed]

    @property
    def mailbox(self) -> Any:
        return self.server.gmail
