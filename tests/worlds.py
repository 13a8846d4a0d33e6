"""A whole calwatch in one process on fakes: a real store, a manual clock, an account that lives on when we crash."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from builders import ALEX, DANA, NOW, an_event, an_invitation, the_surroundings
from calwatch.detect.options import InterviewsOptions
from calwatch.errors import Retry
from calwatch.model.case import RequestKind
from calwatch.model.draft import Draft
from calwatch.model.event import Event
from calwatch.model.ledger import Request
from calwatch.model.me import Me
from calwatch.model.message import Invitation, Message, Method
from calwatch.pipeline import Account, Parts, Pipeline, Preferences
from calwatch.ports import Calendar, Mailbox, Notice
from calwatch.providers import PROVIDERS
from calwatch.providers.local.options import LocalAccount
from calwatch.store import Store, open_store
from calwatch.watch.options import SettleOptions, WatchOptions
from fakes.clock import ManualClock
from fakes.gmail_like import GmailLike
from fakes.graph_like import GraphLike

if TYPE_CHECKING:
    from fakes.google.person import GooglePerson
    from fakes.microsoft.person import OutlookPerson

InMemory = GmailLike | GraphLike
Provider: TypeAlias = "GmailLike | GraphLike | GooglePerson | OutlookPerson"

PREFERENCES = Preferences(
    me=Me(emails=frozenset({ALEX.email, "alex@rivera.example"}), name=ALEX.name, employer=frozenset()),
    name=ALEX.name,
    phone="+49 30 901820",
    zone="Europe/Berlin",
    languages=("en",),
    watch=WatchOptions(settle=SettleOptions(default=timedelta(0), cancelled=timedelta(0))),
    interviews=InterviewsOptions(),
)


@dataclass
class Phone:
    """``ports.Notifier`` in memory; while it is ``down``, with ``trouble``, nothing arrives. ``tries`` are counted."""

    label: str = "phone"
    heard: list[Notice] = field(default_factory=list)
    down: bool = False
    trouble: Exception | None = None
    tries: int = 0

    @property
    def key(self) -> str:
        return f"key of {self.label}"

    def notify(self, notice: Notice) -> None:
        self.tries += 1
        if self.down or self.trouble:
            raise self.trouble or Retry("it does not answer")
        self.heard.append(notice)


@dataclass
class World:
    """One person's calwatch. ``provider`` and ``clock`` are the outside; everything else may be lost and reopened."""

    folder: Path
    provider: Provider
    clock: ManualClock
    preferences: Preferences = PREFERENCES
    phone: Phone = field(default_factory=Phone)
    also: tuple[Phone, ...] = ()  # further ways to reach the person
    wrap_mail: Callable[[Mailbox], Mailbox] = lambda mail: mail
    wrap_calendar: Callable[[Calendar], Calendar] = lambda calendar: calendar
    opener: Callable[[Path], Store] = open_store
    others: tuple[Account, ...] = ()  # further accounts beside "personal"

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """calwatch starts (again): the store is opened anew, nothing in memory survives."""
        self.store = self.opener(self.folder)
        account = Account(
            name="personal",
            email=ALEX.email,
            calendar=self.wrap_calendar(self.provider.calendar),
            mail=self.wrap_mail(self.provider.mail),
            busy_calendars=self.provider.busy_calendars if hasattr(self.provider, "busy_calendars") else frozenset,
        )
        self.pipeline = Pipeline(
            Parts(
                store=self.store,
                accounts={"personal": account, **{other.name: other for other in self.others}},
                clock=self.clock,
                preferences=self.preferences,
                holidays=lambda years: frozenset(),
                channels=lambda: (self.phone, *self.also),
            )
        )

    @property
    def said(self) -> list[Notice]:
        """What arrived at the person's one channel."""
        return self.phone.heard

    def stop(self) -> None:
        self.store.close()

    def look(self) -> None:
        """One pass of the service."""
        self.pipeline.pull_all()
        self.pipeline.assess()
        self.pipeline.act()
        self.pipeline.tell()

    def live(self, delta: timedelta, *, step: timedelta = timedelta(seconds=20)) -> None:
        """The service runs for ``delta``: a pass every ``step``."""
        until = self.clock.now() + delta
        while self.clock.now() < until:
            self.clock.advance(min(step, until - self.clock.now()))
            self.look()

    def prefer(self, **changes: Any) -> None:
        """Restarts with other preferences."""
        self.stop()
        self.preferences = replace(self.preferences, **changes)
        self.start()

    def ask(self, kind: RequestKind, draft: Draft | None = None, **payload: Any) -> Request:
        """A command asks, and the actor answers at once."""
        number = self.store.requests.add(
            kind, draft.id if draft else None, payload, who="command line", now=self.clock.now()
        ).id
        self.pipeline.act()
        self.pipeline.tell()
        return self.store.requests.get(number)

    def approve(self, draft: Draft) -> Request:
        return self.ask(RequestKind.APPROVE, draft, version=draft.version, hash=draft.hash)

    def draft(self) -> Draft:
        """The one open draft."""
        (draft,) = self.store.drafts.open_drafts()
        return draft

    def again(self, draft: Draft) -> Draft:
        return self.store.drafts.get(draft.id)


def providers(clock: ManualClock) -> dict[str, InMemory]:
    return {"gmail-like": GmailLike(ALEX, clock), "graph-like": GraphLike(ALEX, clock)}


def an_arranged_interview(
    provider: Provider, start: str | datetime = "2026-05-05 13:00", *, in_words: bool = True, **fields: Any
) -> Event:
    """Dana invites Alex in a thread they already talk in, and the interview is on the calendar.

    Without ``in_words`` the invitation is all there is.
    """
    event = an_invitation(start, created=NOW - timedelta(days=6), dtstamp=NOW - timedelta(days=6), **fields)
    first = introduced(provider) if in_words else None
    provider.mail.receive(
        "",
        sender=DANA,
        subject=f"Invitation: {event.summary}",
        invitations=(Invitation(method=Method.REQUEST, items=(event,)),),
        date=NOW - timedelta(days=6),
        automatic=True,
        answers=first,
    )
    provider.calendar.add(event)
    return event


def introduced(provider: Provider) -> Message:
    """Dana writes to Alex before there is an invitation."""
    return provider.mail.receive(
        "Hi Alex,\n\nthank you for applying. I will send an invitation for the technical interview.\n\nBest\nDana",
        sender=DANA,
        subject="Interview at Acme",
        date=NOW - timedelta(days=7),
    )


def a_clash(provider: Provider, with_event: Event, **fields: Any) -> str:
    """Something else that takes the interview's time."""
    given: dict[str, Any] = {"summary": "Parents' evening", "created": NOW - timedelta(hours=1)}
    start = fields.pop("start", with_event.start)
    return provider.calendar.add(an_event(start, 60, **{**given, **fields}))


def cancelled_by_mail(provider: Provider, event: Event, when: datetime | None = None, words: str = "") -> Message:
    """A METHOD:CANCEL mail; whether the calendar's copy changes as well is another matter."""
    stamp = when or provider.clock.now()
    called_off = replace(event, dtstamp=stamp, sequence=event.sequence + 1)
    return provider.mail.receive(
        words,
        sender=DANA,
        subject=f"Cancelled: {event.summary}",
        invitations=(Invitation(method=Method.CANCEL, items=(called_off,)),),
        date=stamp,
        automatic=not words,
    )


def called_off(provider: Provider, event: Event) -> None:
    """The organizer cancels: the calendar shows it in its own way, and their mail says whose doing it is."""
    provider.calendar.cancel_by_organizer(event.ref)
    cancelled_by_mail(provider, event)


def words(text: str) -> str:
    """A text without its white space: a mail program wraps lines as it likes."""
    return " ".join(text.split())


def human_thread(provider: Provider) -> Message:
    return next(m for m in provider.mail.messages if not m.automatic)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An interview, what takes its time, and the letter about it as it waits in the mailbox."""

    event: Event
    clash: str
    draft: Draft


def a_waiting_draft(world: World, start: str = "2026-05-05 13:00", **fields: Any) -> Waiting:
    """The usual trouble: seen, settled, written, and stored in the person's Drafts folder."""
    event = an_arranged_interview(world.provider, start, **fields)
    clash = a_clash(world.provider, event)
    world.look()
    return Waiting(event, clash, world.draft())


@dataclass
class Files:
    """What ``worlds.World`` wants of a provider, on a vdir and a Maildir below ``root``."""

    root: Path
    outgoing: str
    clock: ManualClock

    def __post_init__(self) -> None:
        options = LocalAccount(
            name="personal",
            provider="local",
            email=ALEX.email,
            calendar=self.root / "calendar",
            mail=self.root / "Maildir",
            outgoing=self.outgoing,
        )
        opened = PROVIDERS["local"].open(options, the_surroundings(self.clock, self.root))
        self.calendar, self.mail = opened.calendar, opened.mail

    def __deepcopy__(self, memo: object) -> Files:
        return self  # the outside of this provider is files, which the trial puts back itself

    def filed(self) -> int:
        """Letters in .Sent; answers to invitations are none."""
        # What lies in tmp was never delivered (maildir(5)).
        files = [p for part in ("cur", "new") for p in self.root.glob(f"Maildir/.Sent/{part}/*")]
        sent = [message_from_bytes(p.read_bytes(), policy=policy.default) for p in files]
        return sum(1 for mail in sent if mail.get_content_type() == "text/plain")
