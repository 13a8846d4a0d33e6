"""The hands at the fake Outlook's mail that are not calwatch's: the person's in their programs, and other people's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import format_datetime
from html import escape
from typing import Any, Literal

from calwatch.model.event import Person
from calwatch.model.message import Content, Invitation, Message
from fakes.google.gmail_compose import line_of
from fakes.google.gmail_invitations import itip_text
from fakes.memory_mail import Delivery
from fakes.microsoft import mail_html
from fakes.microsoft.mail_arrival import taken_apart
from fakes.microsoft.mail_events import TYPES, subject_of
from fakes.microsoft.mail_items import Attachment, Mail
from fakes.microsoft.mail_mailbox import Mailbox

RE = {"en": "RE: ", "de": "AW: "}


@dataclass
class Hands(Mailbox):
    """What happens in the mailbox without calwatch."""

    # -- other people --------------------------------------------------------------------------------------------

    def receive(
        self,
        text: str = "Hi Alex, could we talk next week?",
        *,
        sender: Person,
        subject: str = "Interview",
        answers: Message | None = None,
        invitations: tuple[Invitation, ...] = (),
        date: datetime | None = None,
        automatic: bool = False,
        to: tuple[Person, ...] = (),
        cc: tuple[Person, ...] = (),
        reply_to: tuple[Person, ...] = (),
        message_id: str = "",
        html: str = "",
        folder: str = "inbox",
        **headers: str,
    ) -> Message:
        """A mail arrives. An ``automatic`` invitation becomes an event message, another is a file in a person's mail.

        ``headers`` are further ones, with ``_`` for ``-``.
        """
        moment = date or self.clock.now()
        own_id = message_id or f"<in-{self.numbers.getrandbits(64):016x}@{sender.email.partition('@')[2]}>"
        references = (*answers.references, answers.message_id) if answers else ()
        known = bool(invitations) and automatic and invitations[0].method in TYPES
        body = html or mail_html.of_text(text)
        if known and not text:
            body = mail_html.of_text(subject_of(invitations[0]).description)
        if not html and not self.plain and not known:
            body = _typed_elsewhere(text)
        fields: dict[str, Any] = {
            "to": to or (self.me,),
            "cc": cc,
            "reply_to": reply_to,
            "sender": sender,
            "subject": subject,
            "body": mail_html.safe(body),
            "message_id": own_id,
            "sent": moment,
            "received": moment,
            "created": moment,
            "in_reply_to": answers.message_id if answers else "",
            "references": references,
            "thread": self.thread_of(references),
            "is_read": False,
            "automatic": automatic,
            "event_message": invitations[0] if known else None,
            "attached": () if known else invitations,
            "attachments": () if known else tuple(self._file_of(invitation) for invitation in invitations),
        }
        fields["headers"] = _transported(fields, {name.replace("_", "-"): v for name, v in headers.items()})
        return self.seen(self.add(folder, **fields))

    def deliver(self, raw: bytes, *, date: datetime | None = None, folder: str = "inbox") -> str:
        """These bytes arrive; gives the mail's id."""
        fields = taken_apart(raw, self.me, date or self.clock.now())
        thread = self.thread_of((*fields["references"], fields["in_reply_to"]))
        return self.add(folder, thread=thread, **fields).ref

    def chat(self, text: str, *, sender: Person) -> Message:
        """A Teams chat: ``/me/messages`` shows it like a mail, no folder a person knows does."""
        return self.receive(text, sender=sender, subject="", folder="teamsmessagesdata")

    # -- the person ----------------------------------------------------------------------------------------------

    def write(
        self,
        text: str,
        *,
        to: tuple[Person, ...],
        subject: str,
        answers: Message | None = None,
        date: datetime | None = None,
    ) -> Message:
        """The person writes and sends a mail of their own."""
        moment = date or self.clock.now()
        references = (*answers.references, answers.message_id) if answers else ()
        mail = self.add(
            "sentitems",
            to=to,
            subject=subject,
            body=mail_html.composed(text),
            in_reply_to=answers.message_id if answers else "",
            references=references,
            thread=self.thread_of(references),
            sent=moment,
            received=moment,
            created=moment,
        )
        self.account_for(mail, "person", "")
        return self.seen(mail)

    def edit_draft(self, ref: str, **fields: Any) -> str:
        """The person changes a draft (``text``, ``subject``, ``to``, …); its id stays."""
        mail = self.draft_named(ref)
        mail.touched = True
        return self._compose(mail, replace(mail.content, **fields))

    def autosave(self, ref: str) -> str:
        """The person only opened the draft: the composer saves what it made of it."""
        mail = self.draft_named(ref)
        return self._compose(mail, mail.content)

    def send_by_hand(self, ref: str, client: Literal["owa", "classic"] = "owa") -> Message:
        """The person presses "send"; classic Outlook sends a copy with ids of its own."""
        mail = self.draft_named(ref)
        if client == "classic":
            mail.message_id = self.own_message_id()
        return self.depart(mail, "person", keeps_id=self.keeps_immutable_id and client == "owa")

    def discard_by_hand(self, ref: str) -> None:
        """Into Deleted Items, where it goes on being a draft."""
        self.remove(self.draft_named(ref))

    def archive(self, message: Message) -> None:
        self.move(self.mails[message.ref], "archive")

    def trash(self, message: Message) -> None:
        self.move(self.mails[message.ref], "deleteditems")

    def read(self, message: Message) -> None:
        """The person opens a mail."""
        mail = self.mails[message.ref]
        mail.is_read = True
        self.changed(mail, read=True)

    def kill_cursor(self) -> None:
        """Every delta link given out so far is dead."""
        self.epoch += 1

    def drop_change(self, message: Message) -> None:
        """No delta will tell of what happens to this mail."""
        self.silent.add(message.ref)

    # -- what tests look at --------------------------------------------------------------------------------------

    @property
    def messages(self) -> list[Message]:
        """Everything but drafts, in the order it came."""
        mails = [mail for mail in self.mails.values() if not mail.is_draft and mail.folder != "outbox"]
        return [self.seen(mail) for mail in sorted(mails, key=lambda mail: mail.number)]

    def draft_named(self, ref: str) -> Mail:
        """The draft one of whose ids occurs in ``ref``."""
        words = ref.split()
        for mail in self.drafts.values():
            if mail.ids.immutable in words or mail.ids.regular in words:
                return mail
        raise AssertionError(f"there is no draft {ref}")

    # -- how Outlook does it -------------------------------------------------------------------------------------

    def depart(self, mail: Mail, by: str, *, keeps_id: bool) -> Message:
        """A draft leaves: it is out of Drafts at once, and its copy in Sent Items comes later."""
        draft = mail.ref
        mail.sent = mail.received = self.clock.now()
        if self.replaces_message_id:
            mail.message_id = self.own_message_id()
        self.account_for(mail, by, draft)
        self.leave(mail, keeps_id=keeps_id)
        return self.seen(mail)

    def account_for(self, mail: Mail, by: str, draft: str) -> None:
        """A mail has left; what goes to oneself arrives as well."""
        body = mail_html.as_text(mail.body).replace("\r\n", "\n")
        ids = (mail.message_id, mail.in_reply_to, mail.references)
        self.delivered.append(Delivery(mail.content, body, *ids, by, draft, mail.sent))
        people = {person.email.lower() for person in (*mail.to, *mail.cc, *mail.bcc)}
        if people & {self.me.email, *self.aliases}:
            copied = {name: getattr(mail, name) for name in _COPIED}
            self.add("inbox", **copied, is_read=False)

    def _compose(self, mail: Mail, content: Content) -> str:
        _, quote = mail_html.halves(mail.body)
        mail.body = mail_html.composed(content.text, quote)
        mail.subject, mail.to, mail.cc, mail.bcc = content.subject, content.to, content.cc, content.bcc
        self.changed(mail)
        return mail.ref

    def _file_of(self, invitation: Invitation) -> Attachment:
        name = f"AAMkAtt{self.numbers.getrandbits(64):016x}="
        kind = "text/calendar" if self.numbers.random() < 0.5 else "application/ics"
        return Attachment(name, "invite.ics", kind, itip_text(invitation, zones=True))


_COPIED = (
    *("to", "cc", "subject", "body", "sender", "message_id", "in_reply_to", "references", "thread"),
    *("sent", "received"),
)


def _typed_elsewhere(text: str) -> str:
    """HTML as another person's mail program writes it."""
    return "".join(f'<div dir="ltr">{escape(line) or "<br>"}</div>\r\n' for line in text.splitlines())


def _transported(fields: dict[str, Any], extra: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """The headers a mail came with."""
    found = {
        "Received": "from mail.acme.example (192.0.2.1) by DB9P192MB1234.EURP192.PROD.OUTLOOK.COM",
        "Date": format_datetime(fields["sent"]),
        "Subject": fields["subject"],
        "From": line_of((fields["sender"],)),
        "To": line_of(fields["to"]),
        "Message-ID": fields["message_id"],
    }
    if fields["cc"]:
        found["Cc"] = line_of(fields["cc"])
    if fields["reply_to"]:
        found["Reply-To"] = line_of(fields["reply_to"])
    if fields["in_reply_to"]:
        found |= {"In-Reply-To": fields["in_reply_to"], "References": " ".join(fields["references"])}
    if fields["automatic"] and not fields["event_message"]:
        found["Auto-Submitted"] = "auto-generated"
    return tuple((found | extra).items())
