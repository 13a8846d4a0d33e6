"""Envelopes of mail with their invitations, found by address, id or uid; invitations become sightings as well.

Bodies are not kept, but for a bounded piece of the text of mails that carry an invitation, which recognition reads.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from calwatch.model.booking import Sighting, Source
from calwatch.model.event import Event, Series, Status
from calwatch.model.ledger import Applied
from calwatch.model.message import Folder, Invitation, Message, Method
from calwatch.store import codec
from calwatch.store.concern import Concern
from calwatch.store.joining import Joiner
from calwatch.store.rows import chunks
from calwatch.store.tables import bookings, message_addresses, message_uids, messages, sightings
from calwatch.watch.bookings import normal_uid

Expand = Callable[[Series], Iterable[Event]]

_TEXT_KEPT = 8_000
_TELLS_TIME = frozenset({Method.REQUEST, Method.CANCEL, Method.PUBLISH})
_MOST_OCCURRENCES = 1_000


class Mail(Concern):
    """``store.mail``."""

    def put_messages(
        self, account: str, received: Iterable[Message], *, now: datetime, expand: Expand, busy_account: bool = False
    ) -> Applied:
        """Keeps envelopes and joins their invitations into bookings; tells what that changed.

        ``expand`` turns a recurring invitation into its occurrences. REQUEST, CANCEL and PUBLISH tell a time; REPLY and
        COUNTER only join bookings that are known. A message seen again under another ref is the same message.
        """
        with self._database.write() as connection:
            joiner = Joiner(connection, self._person, now)
            spoken_of: set[int] = set()
            for message in sorted(received, key=lambda message: message.date):
                if self._put(connection, account, message):
                    seen, named = self._sightings(connection, account, message, expand, busy_account=busy_account)
                    joiner.replace(account, Source.MAIL, "", {message.ref: seen})
                    spoken_of |= named
            return joiner.finish() | Applied(booking_ids=frozenset(spoken_of))

    def join_cancels_again(self, uids: Collection[str], *, now: datetime, expand: Expand) -> Applied:
        """Joins CANCELs of whole series to the occurrences known by now; tells what that changed.

        Such a mail names no occurrence (RFC 5546 §3.2.5), and occurrences come into view after it was read.
        """
        wanted = sorted({codec.column(normal_uid(uid)) for uid in uids})
        with self._database.write() as connection:
            joiner = Joiner(connection, self._person, now)
            for chunk in chunks(wanted):
                named = select(message_uids.c.message).where(
                    message_uids.c.person == self._person, message_uids.c.uid.in_(chunk)
                )
                query = select(messages.c.account, messages.c.ref, messages.c.body).where(messages.c.id.in_(named))
                for row in connection.execute(query.order_by(messages.c.date, messages.c.id)).all():
                    message = replace(codec.from_json(Message, row.body), ref=codec.uncolumn(row.ref))
                    if any(_cancels_whole(invitation) for invitation in message.invitations):
                        seen, _ = self._sightings(connection, row.account, message, expand, busy_account=False)
                        joiner.replace(row.account, Source.MAIL, "", {message.ref: seen})
            return joiner.finish()

    def messages_with(self, addresses: Collection[str], since: datetime | None = None) -> list[Message]:
        """Mail from or to any of the (lower-case) addresses, newest first."""
        return self._with(addresses, since)

    def sent_to(self, addresses: Collection[str], since: datetime | None = None) -> list[Message]:
        """What the person themselves sent to any of the addresses, newest first."""
        return self._with(
            addresses, since, messages.c.folder == Folder.SENT.value, message_addresses.c.role.in_(("to", "cc"))
        )

    def by_message_id(self, message_id: str) -> Message | None:
        """The newest message with this Message-ID (angle brackets included)."""
        found = self._find(messages.c.message_id == codec.column(message_id))
        return found[0] if message_id and found else None

    def by_ref(self, account: str, ref: str) -> Message | None:
        """The message a provider calls ``ref``."""
        found = self._find(messages.c.account == account, messages.c.ref == codec.column(ref))
        return found[0] if found else None

    def of_thread(self, thread: str) -> list[Message]:
        """A conversation, newest first."""
        return self._find(messages.c.thread == codec.column(thread))

    def invitation_messages(self, uid: str) -> list[Message]:
        """Every mail that carries something about this uid (any method), newest first."""
        named = select(message_uids.c.message).where(
            message_uids.c.person == self._person, message_uids.c.uid == codec.column(normal_uid(uid))
        )
        return self._find(messages.c.id.in_(named))

    def account_of(self, message_id: str) -> str | None:
        """The account in whose mailbox the newest message with this Message-ID lies."""
        query = (
            select(messages.c.account)
            .where(messages.c.person == self._person, messages.c.message_id == codec.column(message_id))
            .order_by(messages.c.date.desc())
            .limit(1)
        )
        with self._database.read() as connection:
            return connection.scalar(query)

    def _put(self, connection: Connection, account: str, message: Message) -> bool:
        """Writes the envelope; false when exactly this is known already."""
        kept = replace(message, text=message.text[:_TEXT_KEPT] if message.invitations else "")
        body = codec.to_json(Message, kept)
        ref = codec.column(message.ref)
        values = {
            "message_id": codec.column(message.message_id),
            "thread": codec.column(message.thread),
            "folder": message.folder.value,
            "date": codec.seconds(message.date),
            "digest": codec.digest(body),
            "body": body,
        }
        known = self._known(connection, account, ref, message)
        if known is not None and known.ref == ref and known.digest == values["digest"]:
            return False
        if known is None:
            row = {"person": self._person, "account": account, "ref": ref, **values}
            key = connection.execute(insert(messages).values(**row)).inserted_primary_key
            message_row = key[0] if key else 0
        else:
            message_row = known.id
            connection.execute(update(messages).where(messages.c.id == known.id).values(ref=ref, **values))
            if known.ref != ref:
                self._follow_ref(connection, account, known.ref, ref)
            for table in (message_addresses, message_uids):
                connection.execute(delete(table).where(table.c.message == message_row))
        self._index(connection, message_row, message)
        return True

    def _known(self, connection: Connection, account: str, ref: str, message: Message) -> Any:
        """The row of this message: the same ref, else the same Message-ID in the same folder."""
        query = select(messages.c.id, messages.c.ref, messages.c.digest).where(
            messages.c.person == self._person, messages.c.account == account
        )
        row = connection.execute(query.where(messages.c.ref == ref)).one_or_none()
        if row is not None or not message.message_id:
            return row
        same = query.where(
            messages.c.message_id == codec.column(message.message_id), messages.c.folder == message.folder.value
        )
        return connection.execute(same.limit(1)).one_or_none()

    def _follow_ref(self, connection: Connection, account: str, old: str, new: str) -> None:
        connection.execute(
            update(sightings)
            .where(
                sightings.c.person == self._person,
                sightings.c.account == account,
                sightings.c.source == Source.MAIL.value,
                sightings.c.ref == old,
            )
            .values(ref=new)
        )

    def _index(self, connection: Connection, row: int, message: Message) -> None:
        date = codec.seconds(message.date)
        people = [("from", p) for p in (message.sender,) if p] + [("to", p) for p in message.to]
        people += [("cc", p) for p in message.cc] + [("reply-to", p) for p in message.reply_to]
        named = {(role, codec.column(person.email.lower())) for role, person in people if person.email}
        if named:
            key = {"person": self._person, "date": date, "message": row}
            connection.execute(insert(message_addresses), [{**key, "email": e, "role": r} for r, e in sorted(named)])
        uids = {codec.column(normal_uid(item.uid)) for invitation in message.invitations for item in invitation.items}
        if uids:
            connection.execute(
                insert(message_uids), [{"person": self._person, "uid": uid, "message": row} for uid in sorted(uids)]
            )

    def _sightings(
        self, connection: Connection, account: str, message: Message, expand: Expand, *, busy_account: bool
    ) -> tuple[list[Sighting], set[int]]:
        """The sightings a message's invitations make, and the bookings its other calendar parts speak of."""
        seen: list[Sighting] = []
        named: set[int] = set()
        for invitation in message.invitations:
            present = self._occurrences(connection, invitation)
            if invitation.method not in _TELLS_TIME:
                named |= {row[2] for row in present}
            for item in invitation.items:
                events = [item] if isinstance(item, Event) else list(islice(expand(item), _MOST_OCCURRENCES))
                seen += [
                    Sighting(
                        account=account,
                        source=Source.MAIL,
                        calendar="",
                        event=replace(event, ref=message.ref),
                        method=invitation.method.value,
                        message_ref=message.ref,
                        busy_account=busy_account,
                    )
                    for event in self._concerned(invitation, events, present)
                ]
        return seen, named

    def _occurrences(self, connection: Connection, invitation: Invitation) -> Sequence[Any]:
        """(uid, recurrence id, booking, start, end) of everything known with the uids of a calendar part."""
        found: list[Any] = []
        for chunk in chunks(sorted({codec.column(normal_uid(item.uid)) for item in invitation.items})):
            query = select(
                bookings.c.uid, bookings.c.recurrence_id, bookings.c.id, bookings.c.start, bookings.c.end
            ).where(bookings.c.person == self._person, bookings.c.uid.in_(chunk))
            found += connection.execute(query.limit(_MOST_OCCURRENCES)).all()
        return found

    def _concerned(self, invitation: Invitation, events: Sequence[Event], present: Sequence[Any]) -> list[Event]:
        """The events as sightings: a CANCEL of a whole series concerns every occurrence we know (RFC 5546 §3.2.5).

        Its time is only what the sender repeats, so each occurrence keeps its own. A REPLY or COUNTER makes no
        appointment: it only joins one that is known.
        """
        if invitation.method not in _TELLS_TIME:
            known = {(row[0], row[1]) for row in present}
            return [e for e in events if (codec.column(normal_uid(e.uid)), e.recurrence_id or "") in known]
        if invitation.method is not Method.CANCEL:
            return list(events)
        concerned: list[Event] = []
        for event in events:
            cancelled = replace(event, status=Status.CANCELLED)
            of_series = [p for p in present if p[0] == codec.column(normal_uid(event.uid)) and p[1]]
            if event.recurrence_id is not None or not of_series:
                concerned.append(cancelled)
                continue
            concerned += [
                replace(cancelled, recurrence_id=p[1], start=codec.moment(p[3]), end=codec.moment(p[4]))
                for p in of_series
                if p[3] >= codec.seconds(event.start)
            ]
        return concerned

    def _with(
        self, addresses: Collection[str], since: datetime | None, *conditions: ColumnElement[bool]
    ) -> list[Message]:
        wanted = sorted({codec.column(address.lower()) for address in addresses})
        where = [message_addresses.c.person == self._person, *conditions]
        if since is not None:
            where.append(message_addresses.c.date >= codec.seconds(since))
        ids: set[int] = set()
        with self._database.read() as connection:
            for chunk in chunks(wanted):
                query = (
                    select(message_addresses.c.message)
                    .join(messages, messages.c.id == message_addresses.c.message)
                    .where(*where, message_addresses.c.email.in_(chunk))
                )
                ids |= set(connection.scalars(query))
            found: list[Message] = []
            for some in chunks(sorted(ids)):
                found += self._find(messages.c.id.in_(some))
        return sorted(found, key=lambda message: message.date, reverse=True)

    def _find(self, *where: ColumnElement[bool]) -> list[Message]:
        query = (
            select(messages.c.ref, messages.c.body)
            .where(messages.c.person == self._person, *where)
            .order_by(messages.c.date.desc(), messages.c.id.desc())
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return [replace(codec.from_json(Message, row.body), ref=codec.uncolumn(row.ref)) for row in rows]


def _cancels_whole(invitation: Invitation) -> bool:
    """Whether it calls off an event or series as a whole."""
    return invitation.method is Method.CANCEL and any(
        not isinstance(item, Event) or item.recurrence_id is None for item in invitation.items
    )
