"""The tables. ``person`` is part of every key and every query, so that one database can serve many people.

Columns are what is searched by; the value itself is JSON in the last column (``body``, ``event``), which SQLite then
need not read to test the columns before it. Moments are whole epoch seconds. ``""`` stands for "no recurrence id".
Partial indexes say ``IS 1``, the very words SQLAlchemy writes for ``is_(True)``: SQLite compares the text.
A change here needs a new file in ``migrations/versions``; a test holds the two together.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

SCHEMA_VERSION = 1
"""PRAGMA user_version of the schema below; every migration raises it by one."""

metadata = MetaData()


def _identity() -> Column[int]:
    return Column("id", Integer, primary_key=True, autoincrement=True)


def _text(name: str, default: str | None = None) -> Column[str]:
    return Column(name, Text, nullable=False, server_default=default)


def _when(name: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=nullable)


cursors = Table(
    "cursors",
    metadata,
    _text("person"),
    _text("account"),
    _text("calendar"),
    _text("cursor"),
    _when("window_start", nullable=True),
    _when("window_end", nullable=True),
    PrimaryKeyConstraint("person", "account", "calendar"),
    sqlite_with_rowid=False,
)

resources = Table(
    "resources",
    metadata,
    _text("person"),
    _text("account"),
    _text("calendar"),
    _text("ref"),
    _text("etag"),
    PrimaryKeyConstraint("person", "account", "calendar", "ref"),
    sqlite_with_rowid=False,
)

bookings = Table(
    "bookings",
    metadata,
    _identity(),
    _text("person"),
    _text("uid"),
    _text("recurrence_id"),
    _when("start"),
    _when("end"),
    Column("busy", Boolean, nullable=False),
    Column("long", Boolean, nullable=False),
    Column("twin_of", Integer, nullable=True),
    _when("gone_at", nullable=True),
    _when("left_calendars_at", nullable=True),
    Column("recognised", Boolean, nullable=True),
    _when("first_seen"),
    Column("digest", LargeBinary, nullable=False),
    _text("ref"),
    _text("title"),
    Column("snapshot", Text, nullable=True),
    Column("recognition", Text, nullable=True),
    _text("event"),
    sqlite_autoincrement=True,
)
Index("bookings_by_uid", bookings.c.person, bookings.c.uid, bookings.c.recurrence_id, unique=True)
Index("bookings_by_start", bookings.c.person, bookings.c.start, bookings.c.end)
Index("bookings_by_end", bookings.c.person, bookings.c.end)
Index("bookings_long", bookings.c.person, bookings.c.end, sqlite_where=text("long IS 1"))
Index("bookings_recognised", bookings.c.person, bookings.c.start, sqlite_where=text("recognised IS 1"))
Index("bookings_gone", bookings.c.person, bookings.c.gone_at, sqlite_where=text("gone_at IS NOT NULL"))

sightings = Table(
    "sightings",
    metadata,
    Column("id", Integer, primary_key=True),
    _text("person"),
    _text("account"),
    _text("source"),
    _text("calendar"),
    _text("ref"),
    _text("uid"),
    _text("recurrence_id"),
    Column("booking_id", ForeignKey("bookings.id"), nullable=False),
    _text("method"),
    Column("busy_account", Boolean, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    _text("event"),
)
Index(
    "sightings_by_resource",
    sightings.c.person,
    sightings.c.account,
    sightings.c.source,
    sightings.c.calendar,
    sightings.c.ref,
    sightings.c.uid,
    sightings.c.recurrence_id,
    unique=True,
)
Index("sightings_by_booking", sightings.c.person, sightings.c.booking_id)

dirty = Table(
    "dirty",
    metadata,
    _identity(),
    _text("person"),
    Column("booking_id", Integer, nullable=True),
    _when("start", nullable=True),
    _when("end", nullable=True),
    sqlite_autoincrement=True,
)
Index("dirty_by_person", dirty.c.person, dirty.c.id)

messages = Table(
    "messages",
    metadata,
    _identity(),
    _text("person"),
    _text("account"),
    _text("ref"),
    _text("message_id"),
    _text("thread"),
    _text("folder"),
    _when("date"),
    Column("digest", LargeBinary, nullable=False),
    _text("body"),
)
Index("messages_by_ref", messages.c.person, messages.c.account, messages.c.ref, unique=True)
Index("messages_by_message_id", messages.c.person, messages.c.message_id)
Index("messages_by_thread", messages.c.person, messages.c.thread)
Index("messages_by_date", messages.c.person, messages.c.date)

message_addresses = Table(
    "message_addresses",
    metadata,
    _text("person"),
    _text("email"),
    _when("date"),
    _text("role"),
    Column("message", ForeignKey("messages.id", ondelete="CASCADE"), nullable=False),
    PrimaryKeyConstraint("person", "email", "date", "role", "message"),
    sqlite_with_rowid=False,
)
Index("message_addresses_by_message", message_addresses.c.message)

message_uids = Table(
    "message_uids",
    metadata,
    _text("person"),
    _text("uid"),
    Column("message", ForeignKey("messages.id", ondelete="CASCADE"), nullable=False),
    PrimaryKeyConstraint("person", "uid", "message"),
    sqlite_with_rowid=False,
)
Index("message_uids_by_message", message_uids.c.message)

cases = Table(
    "cases",
    metadata,
    _identity(),
    _text("person"),
    Column("interview_id", Integer, nullable=False),
    _text("state"),
    _text("key"),
    Column("outcome", Text, nullable=True),
    _when("due", nullable=True),
    _when("closed_at", nullable=True),
    _text("body"),
    sqlite_autoincrement=True,
)
Index(
    "cases_one_open_per_interview",
    cases.c.person,
    cases.c.interview_id,
    unique=True,
    sqlite_where=text("state != 'closed'"),
)
Index("cases_due", cases.c.person, cases.c.due)

case_bookings = Table(
    "case_bookings",
    metadata,
    _text("person"),
    Column("booking_id", ForeignKey("bookings.id"), nullable=False),
    Column("case_id", ForeignKey("cases.id", ondelete="CASCADE"), nullable=False),
    PrimaryKeyConstraint("person", "booking_id", "case_id"),
    sqlite_with_rowid=False,
)
Index("case_bookings_by_case", case_bookings.c.case_id)

drafts = Table(
    "drafts",
    metadata,
    _identity(),
    _text("person"),
    Column("case_id", ForeignKey("cases.id", ondelete="CASCADE"), nullable=False),
    _text("state"),
    Column("version", Integer, nullable=False),
    _text("key"),
    _when("due", nullable=True),
    _text("body"),
    sqlite_autoincrement=True,
)
Index("drafts_by_case", drafts.c.case_id)
Index("drafts_by_key", drafts.c.person, drafts.c.key, unique=True)
Index("drafts_by_state", drafts.c.person, drafts.c.state)
Index("drafts_due", drafts.c.person, drafts.c.due)

effects = Table(
    "effects",
    metadata,
    _identity(),
    _text("person"),
    Column("draft_id", ForeignKey("drafts.id", ondelete="CASCADE"), nullable=False),
    _text("kind"),
    _text("key"),
    _text("state"),
    _when("due", nullable=True),
    _text("body"),
    sqlite_autoincrement=True,
)
Index("effects_once", effects.c.draft_id, effects.c.kind, effects.c.key, unique=True)
Index("effects_due", effects.c.person, effects.c.due)

questions = Table(
    "questions",
    metadata,
    _identity(),
    _text("person"),
    _text("key"),
    Column("case_id", Integer, nullable=True),
    _when("due", nullable=True),
    Column("open", Boolean, nullable=False),
    _text("body"),
    sqlite_autoincrement=True,
)
Index("questions_once", questions.c.person, questions.c.key, unique=True)
Index("questions_open", questions.c.person, questions.c.due, sqlite_where=text("open IS 1"))

requests = Table(
    "requests",
    metadata,
    _identity(),
    _text("person"),
    Column("pending", Boolean, nullable=False),
    _when("finished_at", nullable=True),
    _text("body"),
    sqlite_autoincrement=True,
)
Index("requests_pending", requests.c.person, requests.c.id, sqlite_where=text("pending IS 1"))

history = Table(
    "history",
    metadata,
    _identity(),
    _text("person"),
    Column("draft_id", Integer, nullable=True),
    Column("case_id", Integer, nullable=True),
    _when("at"),
    _text("body"),
    sqlite_autoincrement=True,
)
Index("history_by_draft", history.c.person, history.c.draft_id)
Index("history_by_case", history.c.person, history.c.case_id)

meta = Table("meta", metadata, _text("person"), _text("key"), _text("value"), PrimaryKeyConstraint("person", "key"))

marks = Table(
    "marks",
    metadata,
    _text("person"),
    _text("kind"),
    _text("uid"),
    Column("value", Boolean, nullable=False),
    _when("at"),
    PrimaryKeyConstraint("person", "kind", "uid"),
)

quarantine = Table(
    "quarantine",
    metadata,
    _text("person"),
    _text("source"),
    _text("reason"),
    _when("since"),
    PrimaryKeyConstraint("person", "source"),
)
