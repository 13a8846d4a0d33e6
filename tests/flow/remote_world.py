"""A person with an account behind a network, for flow tests: a fake provider in this process, the script in others."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from builders import ALEX, DANA, an_event, an_invitation
from calwatch.model.event import Event, Response
from calwatch.model.message import Content, Invitation, Message, Method
from calwatch.model.span import Span
from fakes.memory_mail import Delivery
from flow.program import Program, Ran, Service, eventually
from flow.world import own_words

HOUR = timedelta(hours=1)
TITLE = "Technical interview with Acme"


@dataclass(kw_only=True)
class RemoteWorld(Program):
    """``account`` is further TOML of the account; the sign-in is the test's own first step, see ``sign_in``.

    ``CREATE``, ``SEND``, ``DELTA`` and ``MAIL_DELTA`` are the provider's names for what every test speaks of.
    """

    server: Any
    account: str = ""
    watch: str = 'every = "1s"\nsettle = "0s"\n'
    calendar: Any = field(init=False)  # everybody's hands in the calendar, in the words of ``fakes.memory_calendar``
    _start: datetime | None = field(default=None, init=False)

    CREATE: ClassVar[str]
    SEND: ClassVar[str]
    DELTA: ClassVar[str]
    MAIL_DELTA: ClassVar[str]
    QUIET: ClassVar[dict[str, int]]
    """What a pass asks in which nothing happened, by operation."""

    def __post_init__(self) -> None:
        self.calendar = self.hands()
        self.configure()

    @abstractmethod
    def hands(self) -> Any:
        """What ``calendar`` is."""

    def configure(self) -> None:
        self.config.write_text(
            '[you]\nname = "Alex Rivera"\nemails = ["alex.rivera@example.com"]\ntimezone = "Europe/Berlin"\n\n'
            f'[[accounts]]\nname = "personal"\nemail = "{self.server.owner}"\n{self.table()}\n{self.account}\n'
            f'[watch]\n{self.watch}\n[approval]\nlisten = ""\nundo = "{self.undo}"\n\n'
            f'[notify]\nquiet = ""\n\n[storage]\npath = "state/"\n\n{self.more}',
            encoding="utf-8",
        )

    @abstractmethod
    def table(self) -> str:
        """What makes the account one of this provider's, as TOML."""

    # --- signing in ------------------------------------------------------------------------------------------------

    @property
    def token_file(self) -> Path:
        return self.state / "tokens" / "personal.json"

    def sign_in(self) -> RemoteWorld:
        """The sign-in is there already."""
        self.state.mkdir(mode=0o700, exist_ok=True)
        self.server.sign_in(self.state, "personal")
        return self

    @abstractmethod
    def auth(self, *, code: int = 0) -> Ran:
        """``calwatch auth``; the person does what it says. Gives what was said in all."""

    @abstractmethod
    def revoke(self) -> None:
        """The person takes the sign-in back at the provider."""

    @abstractmethod
    def lose(self, operation: str) -> None:
        """The next answer to it gets lost after it was done."""

    @abstractmethod
    def stumble(self) -> None:
        """The next readings fail in every way the provider knows, then it works again."""

    @abstractmethod
    def secrets(self) -> list[str]:
        """What must never stand in a log."""

    # --- what is at the provider -----------------------------------------------------------------------------------

    @property
    @abstractmethod
    def mailbox(self) -> Any:
        """Everybody's hands in the mailbox."""

    def acme(self, answer: Response = Response.ACCEPTED, **fields: Any) -> tuple[str, Message]:
        """An hour with Acme, arranged with Dana by mail and invited to; gives the event's id and Dana's mail.

        The person has answered her, and she has written once more.
        """
        booked = datetime.now(UTC) - timedelta(days=6)
        self._start = self.at(8, "15:00").astimezone(UTC)
        event = an_invitation(self._start, created=booked, dtstamp=booked, summary=TITLE, **fields)
        mailbox = self.mailbox
        first = mailbox.receive(
            "Hi Alex,\n\nthank you for applying. When would a technical interview suit you?\n\nBest\nDana",
            sender=DANA,
            subject="Interview at Acme",
            date=booked - timedelta(days=2),
        )
        mine = mailbox.write(
            "Hi Dana,\n\nany afternoon of that week.\n\nBest regards\nAlex",
            to=(DANA,),
            subject="Re: Interview at Acme",
            answers=first,
            date=booked - timedelta(days=1),
        )
        last: Message = mailbox.receive(
            "Hi Alex,\n\ngreat, the invitation follows.\n\nBest\nDana",
            sender=DANA,
            subject="Re: Interview at Acme",
            answers=mine,
            date=booked - timedelta(hours=1),
        )
        mailbox.receive(
            "",
            sender=DANA,
            subject=f"Invitation: {TITLE}",
            invitations=(Invitation(method=Method.REQUEST, items=(event,)),),
            date=booked,
            automatic=True,
        )
        ref = self.put(event)
        if answer is not Response.ACCEPTED:
            self.calendar.answer_by_hand(ref, answer)
        return ref, last

    def put(self, event: Event) -> str:
        """The appointment stands in the calendar; gives the id it has there."""
        ref: str = self.calendar.add(event)
        return ref

    @property
    def start(self) -> datetime:
        assert self._start is not None, "there is no interview yet"
        return self._start

    def clash(self, title: str = "Parents' evening") -> str:
        """Something of the person's own takes the interview's hour."""
        return self.put(an_event(self.start, 60, summary=title, timezone="Europe/Berlin"))

    @abstractmethod
    def held(self) -> list[Span]:
        """The times held for letters, each a private entry."""

    @abstractmethod
    def forget_mail(self) -> None:
        """There was never any mail."""

    def mailbox_draft(self) -> str:
        """The id of the one draft in the mailbox."""
        (one,) = self.mailbox.drafts
        return str(one)

    def stored(self) -> Content:
        """The one draft as it lies in the mailbox; its own text."""
        content: Content = self.mailbox.drafts[self.mailbox_draft()].content
        return content

    def sent(self) -> list[Delivery]:
        """What left through calwatch or by hand since the test began, oldest first."""
        return [mail for mail in self.mailbox.delivered if mail.at >= self.now]

    def by(self) -> list[str]:
        """Through whom the mails since the test began have left."""
        return [mail.by for mail in self.sent()]

    # --- what was asked --------------------------------------------------------------------------------------------

    @property
    @abstractmethod
    def operations(self) -> list[str]:
        """What was asked so far, by the provider's names."""

    @abstractmethod
    def sizes(self) -> list[int]:
        """Bytes of each answer so far."""

    def asked(self) -> Counter[str]:
        """How often each operation was asked for so far."""
        return Counter(self.operations)


def assert_left_as_shown(mail: Delivery, draft: dict[str, Any]) -> None:
    """The mail that left is exactly the approved draft, and tells nobody which program wrote it."""
    content = mail.content
    assert [person.email for person in content.to] == draft["to"]
    assert [person.email for person in content.cc] == draft["cc"]
    assert content.bcc == ()
    assert content.subject == draft["subject"]
    assert own_words(content.text) == own_words(draft["body"])
    assert (mail.in_reply_to or None) == draft["in_reply_to"]
    assert mail.message_id
    assert "calwatch" not in f"{mail.body}{mail.message_id}".lower()


def first_look(world: RemoteWorld, service: Service) -> None:
    eventually(lambda: "found, none needs you" in service.log, "no interview is found", service)


def drafted(world: RemoteWorld, service: Service) -> None:
    """A draft lies in the mailbox, whole: Outlook's is an empty reply for a moment."""
    eventually(lambda: _written(world), "no draft appears in the mailbox", service)


def _written(world: RemoteWorld) -> bool:
    return any(draft.content.text for draft in list(world.mailbox.drafts.values()))


def state_is(world: RemoteWorld, state: str, service: Service) -> None:
    eventually(lambda: world.health()["state"] == state, f"the account is not {state}", service)


def becomes(world: RemoteWorld, service: Service, **fields: Any) -> dict[str, Any]:
    """Draft 1 as soon as it has these fields."""

    def found() -> dict[str, Any] | None:
        draft = world.show(1)
        return draft if all(draft[name] == value for name, value in fields.items()) else None

    draft: dict[str, Any] = eventually(found, f"the draft never has {fields}", service, pause=0.5)
    return draft


def assert_discreet(world: RemoteWorld, service: Service) -> None:
    """The log names nobody, no appointment, and no secret of the sign-in."""
    for word in (ALEX.email, DANA.email, DANA.name, "Acme", TITLE, "Parents", *world.secrets()):
        assert word not in service.log, word
