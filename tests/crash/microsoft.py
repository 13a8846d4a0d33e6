"""The fake Microsoft for crash stories."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from crash.harness import Checkpoints
from crash.remote import Outside
from fakes.microsoft.calendar_ids import etag
from fakes.microsoft.faults import Fault
from fakes.microsoft.person import OutlookPerson


class Microsoft(Outside):
    NAME = "outlook"
    SEND, CREATE = "messages.send", "messages.createReply"

    def person(self, folder: Path) -> OutlookPerson:
        return OutlookPerson(self.server, self.clock, folder)

    def watch(self, person: OutlookPerson, checkpoint: Checkpoints) -> None:
        real = person.connection.write

        def write(method: str, path: str, *given: Any, **named: Any) -> Any:
            last = path.rpartition("/")[2]
            checkpoint(f"messages.{last}" if last in ("createReply", "send") else f"{method} {last[:20]}")
            return real(method, path, *given, **named)

        person.connection.write = write  # type: ignore[method-assign]  # a checkpoint before each change at Microsoft

    def fault(self, name: str) -> Fault:
        return Fault(name)

    def state(self) -> Any:
        return self.server.calendar, self.server.mail, self.server.identity

    def take(self, state: Any) -> None:
        self.server.calendar, self.server.mail, self.server.identity = state
        self.server.join()

    def drafts(self) -> list[tuple[str, str]]:
        return [(mail.ids.immutable, etag(mail.change)) for mail in self.server.mail.drafts.values()]

    def held(self) -> int:
        return sum(e.raw.get("subject") == "Busy" for e in self.server.calendar.book().entries.values())

    def told(self) -> list[str]:
        return [WORDS[reply.response] for reply in self.server.calendar.replies if reply.sent]

    @property
    def mailbox(self) -> Any:
        return self.server.mail


WORDS = {"tentativelyAccepted": "tentative", "accepted": "accepted", "declined": "declined"}
