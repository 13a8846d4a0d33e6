"""The user's own answer to an invitation: checked against what the event is now, posted once, and read back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from calwatch.errors import Doubt, NeedsSignIn, Retry, Stop, Touched
from calwatch.model.event import Event, Response
from calwatch.model.plain import one_line
from calwatch.ports import Clock, Note
from calwatch.providers.outlook.api.paths import segment
from calwatch.providers.outlook.calendar.events import Events
from calwatch.providers.outlook.calendar.parse import Entry, Sort, same_version
from calwatch.providers.outlook.calendar.times import in_body
from calwatch.providers.outlook.scopes import Feature
from calwatch.providers.remote.faults import Refusal

if TYPE_CHECKING:
    from calwatch.providers.outlook.api.connection import Connection

_ACTIONS = {
    Response.ACCEPTED: "accept",
    Response.TENTATIVE: "tentativelyAccept",
    Response.DECLINED: "decline",
}
_LONGEST_COMMENT = 1000
_UNWANTED = "hasn't requested a response"


@dataclass(frozen=True, slots=True)
class Invitation:
    """Which event is answered: as the store names it, with the etag it was last seen with."""

    ref: str
    recurrence_id: str | None
    etag: str


class Answering:
    """Answers the invitations of one account."""

    def __init__(self, connection: Connection, events: Events, clock: Clock) -> None:
        self._connection = connection
        self._events = events
        self._clock = clock

    def answer(self, invitation: Invitation, response: Response, note: Note) -> str:
        """See ``ports.Calendar.respond``; ``""`` when the event left the calendar with the answer."""
        self._connection.require(Feature.WRITE_EVENTS)
        if response not in _ACTIONS:
            raise Stop(f"{response.value} is no answer to an invitation")
        entry = self._events.entry(invitation.ref)
        if entry is None:
            raise Touched("the event is no longer there")
        event = entry.item
        if event is None:
            raise Stop(f"the event cannot be read and so not be answered: {entry.problem or 'it is a whole series'}")
        if event.response is Response.OWN:
            return invitation.etag
        if not same_version(invitation.etag, entry.etag) or event.recurrence_id != invitation.recurrence_id:
            raise Touched(f"{_title(event)} has changed in the meantime")
        if event.response is response:
            return entry.etag if entry.sort is Sort.SINGLE else invitation.etag
        self._refuse_unanswerable(entry, event)
        self._post(entry, event, response, note)
        return self._read_back(event, response)

    def _refuse_unanswerable(self, entry: Entry, event: Event) -> None:
        if entry.cancelled:
            raise Stop(f"{_title(event)} was cancelled; there is nothing to answer")
        if event.end <= self._clock.now():
            raise Stop(f"{_title(event)} is over; there is nothing to answer")

    def _post(self, entry: Entry, event: Event, response: Response, note: Note) -> None:
        """One request. Refused for what it carried besides the answer, it is made again without that."""
        body = _body(entry, response, note)
        while True:
            try:
                self._connection.write("POST", f"/me/events/{segment(entry.ref)}/{_ACTIONS[response]}", body)
            except Refusal as refusal:
                less = _less(body, refusal)
                if less is None:
                    raise _refused(event, refusal) from refusal
                body = less
            else:
                return

    def _read_back(self, event: Event, response: Response) -> str:
        """The etag with the answer in it. An answer that cannot be seen is in doubt: the next try looks again first."""
        try:
            now = self._events.entry(event.ref)
        except (Retry, NeedsSignIn, Stop) as reason:
            raise Doubt(
                f"Microsoft took the answer to {_title(event)}, but it could not be read back: {reason}"
            ) from reason
        if now is None and response is Response.DECLINED:
            return ""  # a declined event leaves the calendar, unless the person wants to keep such
        if now is None or now.item is None or now.item.response is not response:
            raise Doubt(f"Microsoft took the answer to {_title(event)}, but does not show it")
        return now.etag


def _body(entry: Entry, response: Response, note: Note) -> dict[str, Any]:
    """Whoever wanted no answer gets none: a note would then be refused."""
    if not entry.response_wanted:
        return {"sendResponse": False}
    body: dict[str, Any] = {"sendResponse": True}
    if note.comment:
        body["comment"] = note.comment[:_LONGEST_COMMENT]
    if (
        note.proposal is not None
        and response is not Response.ACCEPTED
        and entry.proposals_wanted
        and entry.sort is Sort.SINGLE
    ):
        body["proposedNewTime"] = {"start": in_body(note.proposal.start), "end": in_body(note.proposal.end)}
    return body


def _less(body: dict[str, Any], refusal: Refusal) -> dict[str, Any] | None:
    """What is left to ask for after a 400, by which nothing has happened; ``None`` when it was not about the rest."""
    if refusal.status != 400:
        return None
    if _UNWANTED in _plain(refusal) and body["sendResponse"]:
        return {"sendResponse": False}
    if "proposedNewTime" in body:
        return {name: value for name, value in body.items() if name != "proposedNewTime"}
    return None


def _refused(event: Event, refusal: Refusal) -> Stop | Touched:
    if refusal.status in (404, 410, 412):
        return Touched(f"{_title(event)} is no longer there")
    if "you're the meeting organizer" in _plain(refusal):
        return Stop(f"{_title(event)} is your own meeting; there is nobody to answer")
    return Stop(f"Microsoft does not let you answer {_title(event)}: {refusal}")


def _plain(refusal: Refusal) -> str:
    return str(refusal).replace("\u2019", "'")


def _title(event: Event) -> str:
    title = one_line(event.summary, 80)
    return f'"{title}"' if title else "the event"
