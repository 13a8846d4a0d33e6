"""The mails of one Outlook account: asked for one by one or in lists, with what Graph keeps beside them.

A list shows of a mail about a meeting neither its people nor what is attached to it; that is asked for once per mail.
"""

from __future__ import annotations

import base64
import binascii
import logging
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING

from calwatch.formats import itip
from calwatch.formats.quotes import own_text
from calwatch.model.message import Folder, Invitation, Message
from calwatch.ports import Clock
from calwatch.providers.outlook.api.paths import segment
from calwatch.providers.outlook.calendar.people import Viewer
from calwatch.providers.outlook.mail import marker
from calwatch.providers.outlook.mail.folders import Folders
from calwatch.providers.outlook.mail.invitations import has_an_event, read_invitation
from calwatch.providers.outlook.mail.messages import AS_TEXT, Mail, plain_id, read_content, read_mail
from calwatch.providers.remote.faults import Refusal
from calwatch.providers.remote.fields import Fields

if TYPE_CHECKING:
    from calwatch.providers.outlook.api.connection import Connection

log = logging.getLogger(__name__)

ALL = "/me/messages"
INBOX = "/me/mailFolders/inbox/messages"
SENT = "/me/mailFolders/sentitems/messages"

_MOST_REMEMBERED = 2_000
_MOST_FILES = 20
_MOST_CALENDARS = 5
_LARGEST_CALENDAR = 2_000_000
_CALENDARS = ("text/calendar", "application/ics")
_EVENT = "microsoft.graph.eventMessage/event"
_WITH = {"$expand": marker.expanded(*marker.OF_MAIL, *marker.OF_MEETING)}


class Mails:
    """Reads mails; their invitations, which never change, are remembered."""

    def __init__(self, connection: Connection, folders: Folders, viewer: Viewer, clock: Clock) -> None:
        self._connection = connection
        self._folders = folders
        self._viewer = viewer
        self._clock = clock
        self._lock = Lock()
        self._invitations: OrderedDict[str, tuple[Invitation, ...]] = OrderedDict()

    def whole(self, ref: str) -> Message | None:
        """The mail with its text and invitations; ``None`` when it is gone, or lies where nobody looks."""
        item = self._item(ref, AS_TEXT)
        return self._shown(item) if item is not None else None

    def listed(self, path: str, params: Mapping[str, str], most: int) -> Iterator[Message]:
        """The mails of a list that a person has, whole, in its order; at most ``most`` are looked at."""
        for item in self._items(path, params, most, AS_TEXT):
            message = self._shown(item)
            if message is not None:
                yield message

    def sent(self, ref: str) -> Mail | None:
        """A mail that has left, wherever it lies now, with the words above its quote."""
        item = self._item(ref, "")
        return self._sent(item) if item is not None else None

    def all_sent(self, path: str, params: Mapping[str, str], most: int) -> Iterator[Mail]:
        """Those of a list that have left, as ``sent`` gives them."""
        for item in self._items(path, params, most, ""):
            mail = self._sent(item)
            if mail is not None:
                yield mail

    def _item(self, ref: str, prefer: str) -> Fields | None:
        try:
            return Fields(self._connection.read(f"{ALL}/{segment(ref)}", _WITH, prefer=prefer))
        except Refusal as no:
            if is_gone(no):
                return None
            raise

    def _items(self, path: str, params: Mapping[str, str], most: int, prefer: str) -> Iterator[Fields]:
        for page in self._connection.pages(path, {**params, **_WITH}, prefer=prefer):
            for item in Fields(page).several("value", most):
                most -= 1
                yield item
            if most <= 0:
                return

    def _mail(self, item: Fields) -> Mail | None:
        return read_mail(item, self._folders.places(), self._viewer.own, self._clock.now())

    def _shown(self, item: Fields) -> Message | None:
        mail = self._mail(item)
        if mail is None or mail.draft or not self._folders.shows(mail.parent):
            return None
        return replace(mail.message, invitations=self._invitations_of(item, mail))

    def _sent(self, item: Fields) -> Mail | None:
        mail = self._mail(item)
        if mail is None or mail.draft or mail.message.folder is not Folder.SENT:
            return None
        return replace(mail, message=replace(mail.message, text=own_text(read_content(item).text)))

    def _invitations_of(self, item: Fields, mail: Mail) -> tuple[Invitation, ...]:
        ref = mail.message.ref
        if not mail.meeting and not mail.files:
            return ()
        with self._lock:
            if ref in self._invitations:
                return self._invitations[ref]
        if mail.meeting:
            linked = self._event_of(ref) if has_an_event(item) else Fields(None)
            told = read_invitation(item, linked, mail.message, self._viewer)
            found: tuple[Invitation, ...] = (told,) if told is not None else ()
        else:
            zone = self._viewer.zone.key
            found = itip.invitations(self._calendars(ref), me=self._viewer.own, viewer_zone=zone, ref=ref)
        with self._lock:
            self._invitations[ref] = found
            if len(self._invitations) > _MOST_REMEMBERED:
                self._invitations.popitem(last=False)
        return found

    def _event_of(self, ref: str) -> Fields:
        """The appointment a mail is linked to; the mail alone says enough where there is none any more."""
        try:
            whole = self._connection.read(f"{ALL}/{segment(ref)}", {"$expand": _EVENT}, prefer=AS_TEXT)
        except Refusal as no:
            log.info("a mail about a meeting was read without its appointment: %s", no)
            return Fields(None)
        return Fields(whole).inner("event")

    def _calendars(self, ref: str) -> Iterator[tuple[str, bytes]]:
        """(method, bytes) of the calendar files in a mail; a method they name themselves outranks ""."""
        path = f"{ALL}/{segment(ref)}/attachments"
        taken = 0
        for file in self._files(path):
            kind = file.word("contentType").partition(";")[0].strip().lower()
            is_calendar = kind in _CALENDARS or file.word("name").lower().endswith(".ics")
            name = plain_id(file.word("id"))
            if not is_calendar or file.number("size") > _LARGEST_CALENDAR or taken == _MOST_CALENDARS or not name:
                continue
            taken += 1
            try:
                content = Fields(self._connection.read(f"{path}/{segment(name)}")).word("contentBytes")
                yield "", base64.b64decode(content)
            except Refusal as no:
                if not is_gone(no):
                    raise
            except (binascii.Error, ValueError):
                continue

    def _files(self, path: str) -> list[Fields]:
        found: list[Fields] = []
        try:
            for page in self._connection.pages(path, {"$select": "id,name,contentType,size"}):
                found += Fields(page).several("value", _MOST_FILES)
                if len(found) >= _MOST_FILES:
                    break
        except Refusal as no:
            if not is_gone(no):
                raise
        return found[:_MOST_FILES]


def is_gone(no: Refusal) -> bool:
    """Whether Graph knows nothing by this id."""
    return no.status == 404 or (no.status == 400 and no.reason.lower() == "errorinvalididmalformed")
