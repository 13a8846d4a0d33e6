"""The outside world in a few small Protocols; the real things and the fakes pass the same contract suites.

Every method may raise ``NeedsSignIn``, ``Retry`` or ``Stop`` (``calwatch.errors``); what else one may raise is said
there.
Nothing here retries by itself around a write.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from calwatch.model.event import Event, Response, Series
from calwatch.model.message import Content, Message
from calwatch.model.span import Span


class Known(Protocol):
    """What the store knows of a calendar. Asked for everything only by providers without a change feed of their own."""

    def __call__(self, prefix: str = "") -> Mapping[str, str]:
        """ref → etag of the resources whose ref starts with ``prefix``, also of those without an event."""


def nothing_known(prefix: str = "") -> Mapping[str, str]:
    """``Known`` of an empty store."""
    return {}


@dataclass(frozen=True, slots=True)
class Problem:
    """One resource that could not be read. It is quarantined by name; the rest goes on."""

    ref: str
    reason: str
    etag: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What changed in one calendar since a cursor.

    ``items`` are the resources that are new or changed, whole: for a resource (``ref``) that appears here everything
    known of it before
    is replaced. Expanding providers give events, others series. ``etags`` holds ref → etag for every resource read
    this time, also for those with nothing inside the window; ``gone`` the refs that are no longer there.
    ``replaced_occurrences`` names,
    per master ref, the original starts that other resources replace, so that expansion leaves them out.
    ``complete`` means a full listing: refs the store knows and that are in neither ``etags`` nor ``items`` are gone
    as well. ``window`` is the stretch for which ``items`` are complete.
    """

    items: tuple[Event | Series, ...] = ()
    etags: Mapping[str, str] = field(default_factory=dict)
    gone: tuple[str, ...] = ()
    replaced_occurrences: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    cursor: str = ""
    window: Span | None = None
    complete: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """The appointment is there: ``item`` is its present state."""

    item: Event | Series


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The organizer cancelled it and the source still shows that."""

    item: Event | Series | None = None


@dataclass(frozen=True, slots=True)
class Gone:
    """It is not there; that alone does not say who removed it. ``elsewhere``: a draft on its way out, or filed away."""

    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """Whether the calendar is free cannot be told; never to be read as free."""

    reason: str


@dataclass(frozen=True, slots=True)
class Note:
    """What an answer to an invitation carries besides itself: a line for the organizer, and a time proposed instead."""

    comment: str = ""
    proposal: Span | None = None


NO_NOTE = Note()


class Calendar(Protocol):
    """One account's calendars."""

    @property
    def proposes(self) -> bool:
        """Whether an answer here can carry a time proposed instead (``Note``)."""

    def calendars(self) -> Sequence[str]:
        """Names of the calendars this account watches, as configured; each is valid for ``changes`` and ``busy``."""

    def changes(self, calendar: str, cursor: str | None, window: Span, known: Known) -> Changes:
        """What changed since ``cursor`` (``None``: everything). Raises ``Resync`` when the cursor is dead."""

    def get(self, calendar: str, ref: str, window: Span) -> Found | Cancelled | Gone:
        """The present state of one resource, read directly and not from any cache or index."""

    def busy(self, calendars: Sequence[str], window: Span) -> Mapping[str, tuple[Span, ...] | Unknown]:
        """Taken time per calendar, read now. A calendar that cannot be read is ``Unknown``, never empty."""

    def respond(
        self, calendar: str, ref: str, recurrence_id: str | None, answer: Response, etag: str, note: Note = NO_NOTE
    ) -> str:
        """Sets the user's own answer and tells the organizer by the provider's own way; gives the new etag.

        ``note`` goes with it as far as the provider and the invitation allow; what they do not is left out.

        Raises ``Touched`` when the resource is not the one ``etag`` names, ``Doubt`` when the outcome is unknown.
        Answering what is already the answer changes nothing and sends nothing.
        """

    def hold(self, calendar: str, key: str, span: Span) -> str:
        """A private, neutral "Busy" entry; gives its ref. The same ``key`` twice is one entry."""

    def release(self, calendar: str, ref: str) -> None:
        """Removes a hold of ours; one that is gone already is fine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailChanges:
    """New mail since a cursor: envelopes with their invitations; ``text`` may be empty (``find`` has it)."""

    messages: tuple[Message, ...] = ()
    problems: tuple[Problem, ...] = ()
    cursor: str = ""
    complete: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MailQuery:
    """Which whole messages are wanted: any of the criteria matches, drafts never; newest first."""

    addresses: frozenset[str] = frozenset()
    message_ids: frozenset[str] = frozenset()
    threads: frozenset[str] = frozenset()
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDraft:
    """A draft as the mailbox has it now. ``version`` changes with every change of it, ours or the person's.

    ``content.text`` is the own text above any quote. ``message_id`` is the real one, read back.
    """

    ref: str
    version: str
    content: Content
    message_id: str = ""
    thread: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The draft lies unsent in the mailbox. Its ref may have changed."""

    draft: StoredDraft


@dataclass(frozen=True, slots=True)
class Sent:
    """The draft was sent, by us or by hand; ``message`` is the sent copy."""

    message: Message


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took the mail for delivery; ids where it tells them."""

    ref: str = ""
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider said no for good: nothing was sent. ``reason`` is its word."""

    reason: str


class Mail(Protocol):
    """One account's mailbox."""

    def changes(self, cursor: str | None, since: datetime) -> MailChanges:
        """Mail that arrived or was sent since ``cursor``; with ``None`` back to ``since``. Raises ``Resync``."""

    def find(self, query: MailQuery) -> Sequence[Message]:
        """Whole messages from INBOX, archive and Sent, text included; drafts and trash are never among them."""

    def save_draft(self, reply_to: Message | None, content: Content, key: str) -> StoredDraft:
        """Stores a new draft in the thread of ``reply_to`` and reads it back.

        With a ``key`` seen before and the draft still there, adopts that one instead of making a second. Raises
        ``Doubt`` when the answer was lost (call again with the same key: at most one draft results).
        """

    def update_draft(self, ref: str, content: Content, version: str) -> StoredDraft:
        """Rewrites our own draft; gives its new version, and its ref, which may be new as well.

        Raises ``Touched`` unless the mailbox still holds ``version``, ``Doubt`` when the answer was lost.
        Like ``save_draft`` it raises ``Rejected`` for recipients or subjects that could break out of a header.
        """

    def look(self, ref: str, key: str) -> Waiting | Sent | Gone:
        """What became of a draft. ``Gone`` may be a passing state: believe it only when seen again later."""

    def send_draft(self, ref: str, version: str) -> Accepted | Refused:
        """Sends the stored draft once: one attempt, no retry of any kind.

        Raises ``Touched`` (before anything leaves) unless the mailbox still holds ``version``, ``Doubt`` when it is
        unknown
        whether it left, ``Retry`` only when it is certain that nothing left.
        """

    def find_sent(self, ref: str, key: str, message_id: str, since: datetime) -> Message | None:
        """The sent copy of a draft, by marker, id or thread; ``None`` may mean that the index lags."""

    def discard(self, ref: str, version: str) -> None:
        """Deletes our draft if it is untouched, a draft and unsent; otherwise raises ``Touched``. Gone is fine."""


class CanSend(Protocol):
    """Tells before anything is tried whether this mailbox can transmit at all, and how that is called."""

    @property
    def transmits(self) -> bool: ...

    @property
    def quiescence(self) -> float:
        """Seconds after which a lost attempt can no longer turn into a sent mail (120 for APIs, 600 for SMTP)."""

    @property
    def sent_lag(self) -> float:
        """Seconds the Sent folder may need to show a copy: 600 for the indexes of APIs, 0 for files."""


class Mailbox(Mail, CanSend, Protocol):
    """What the pipeline needs of a mailbox."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One message to the person, already worded discreetly or in full as configured."""

    title: str
    body: str
    urgent: bool = False


class Notifier(Protocol):
    """One way to reach the person. Neither its ``label``, for showing, nor its ``key`` contains a secret of its URL.

    ``key`` is the same over restarts, as long as the URL is.
    """

    @property
    def label(self) -> str: ...

    @property
    def key(self) -> str: ...

    def notify(self, notice: Notice) -> None:
        """Delivers one message; raises ``Retry`` or ``Stop``."""


class Clock(Protocol):
    """The only place that reads time."""

    def now(self) -> datetime:
        """Aware UTC."""

    def monotonic(self) -> float:
        """Seconds that never step; they include suspend (CLOCK_BOOTTIME)."""

    def boot_id(self) -> str:
        """Changes with every boot: a monotonic stamp of another boot says nothing."""
