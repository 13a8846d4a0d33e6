"""The hands at the fake mailbox that are not calwatch's: the person's in the browser, and other people's."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from calwatch.formats.mime import Reader, parse_content, parse_message
from calwatch.model.event import Person
from calwatch.model.message import Content, Folder, Invitation, Message
from fakes.google import gmail_mime
from fakes.google.gmail_compose import composed, line_of
from fakes.google.gmail_invitations import by_google, by_others
from fakes.google.gmail_mailbox import Draft, Mail, Mailbox
from fakes.memory_mail import Delivery


@dataclass
class Hands(Mailbox):
    """What happens in the mailbox without calwatch.

    ``rotates_draft_ids``: an edit by hand also replaces the draft id (seen rarely). ``tells_sent``: ``drafts.get`` of a
    draft sent by hand answers with the sent mail instead of 404. ``composer_sends``: sending by hand goes through the
    composer, which rewraps, and drops the headers it does not know.
    """

    rotates_draft_ids: bool = False
    tells_sent: bool = False
    composer_sends: bool = True
    sent_drafts: dict[str, Mail] = field(default_factory=dict)

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
        **headers: str,
    ) -> Message:
        """A mail arrives. An invitation that is ``automatic`` comes from Google Calendar, another from a person.

        ``headers`` are further ones, with ``_`` for ``-``.
        """
        moment = date or self.clock.now()
        number = self.numbers.getrandbits(64)
        own_id = message_id or f"<in-{number:016x}@{sender.email.partition('@')[2]}>"
        content = Content(to=to or (self.me,), subject=subject, text=text, cc=cc)
        if not invitations:
            raw = composed(content, sender=sender, message_id=own_id, date=moment)
        elif automatic:
            own_id = message_id or f"<calendar-{number:016x}@google.com>"
            raw = by_google(invitations[0], content, sender=sender, message_id=own_id, date=moment)
        else:
            raw = by_others(invitations[0], content, sender=sender, message_id=own_id, date=moment)
        extra = {name.replace("_", "-"): value for name, value in headers.items()}
        if reply_to:
            extra["Reply-To"] = line_of(reply_to)
        if answers is not None:
            extra |= {
                "In-Reply-To": answers.message_id,
                "References": " ".join((*answers.references, answers.message_id)),
            }
        if automatic and not invitations:
            extra["Auto-Submitted"] = "auto-generated"
        return self.seen(self.mails[self.deliver(gmail_mime.rewritten(raw, extra), date=moment)])

    def deliver(
        self, raw: bytes, *, date: datetime | None = None, labels: tuple[str, ...] = ("INBOX", "UNREAD")
    ) -> str:
        """These bytes arrive; gives the mail's id."""
        return self.add(raw, labels, thread=self.thread_of(raw), internal=date).id

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
        references = (*answers.references, answers.message_id) if answers else ()
        raw = composed(
            Content(to=to, subject=subject, text=text),
            sender=self.me,
            message_id=self.own_message_id(),
            date=date or self.clock.now(),
            in_reply_to=answers.message_id if answers else "",
            references=references,
        )
        return self.seen(self.leave(raw, self.thread_of(raw), "person", "", date))

    def edit_draft(self, ref: str, **fields: Any) -> str:
        """The person changes a draft (``text``, ``subject``, ``to``, …) in the composer; gives its id, maybe new."""
        draft = self.draft_named(ref)
        draft.touched = True
        return self._edit(draft, replace(draft.content, **fields))

    def autosave(self, ref: str) -> str:
        """The person only opened the draft: the composer saves what it made of it."""
        draft = self.draft_named(ref)
        return self._edit(draft, draft.content)

    def send_by_hand(self, ref: str) -> Message:
        """The person presses "send" in the browser."""
        draft = self.draft_named(ref)
        raw = self._recomposed(draft, draft.content) if self.composer_sends else draft.mail.raw
        mail = self.depart(draft, raw, "person")
        if self.tells_sent:
            self.sent_drafts[draft.id] = mail
        return self.seen(mail)

    def discard_by_hand(self, ref: str) -> None:
        draft = self.draft_named(ref)
        del self.drafts[draft.id]
        self.remove(draft.mail)

    def archive(self, message: Message) -> None:
        self.label(self.mails[message.ref], remove=("INBOX",))

    def trash(self, message: Message) -> None:
        self.label(self.mails[message.ref], add=("TRASH",), remove=("INBOX",))

    def kill_cursor(self) -> None:
        """Every history id given out so far is too old."""
        self.history.expire()

    # -- what tests look at --------------------------------------------------------------------------------------

    @property
    def messages(self) -> list[Message]:
        """Everything but drafts, in the order it came."""
        return [self.seen(mail) for mail in self.mails.values() if "DRAFT" not in mail.labels]

    def draft_named(self, ref: str) -> Draft:
        """The draft whose id occurs in ``ref``."""
        words = ref.split()
        for draft in self.drafts.values():
            if draft.id in words:
                return draft
        raise AssertionError(f"there is no draft {ref}")

    def seen(self, mail: Mail) -> Message:
        """A mail as calwatch would have it."""
        folder = Folder.SENT if "SENT" in mail.labels else Folder.INBOX
        reader = Reader(frozenset({self.me.email}), "UTC")
        message = parse_message(mail.raw, reader, ref=mail.id, folder=folder, received=mail.internal)
        return replace(message, thread=mail.thread, date=mail.internal)

    # -- how Gmail does it ---------------------------------------------------------------------------------------

    def depart(self, draft: Draft, raw: bytes, by: str) -> Mail:
        """A draft becomes a sent mail: another id, another Message-ID, the same conversation."""
        raw = gmail_mime.rewritten(
            raw, {"Message-ID": self.own_message_id(), "Date": format_datetime(self.clock.now())}
        )
        del self.drafts[draft.id]
        self.remove(draft.mail)
        return self.leave(raw, draft.mail.thread, by, draft.id, None)

    def leave(self, raw: bytes, thread: str, by: str, draft: str, date: datetime | None) -> Mail:
        """A mail leaves, and its copy is filed; what goes to oneself arrives as well."""
        people = {email for _, email in gmail_mime.addresses(raw, "To", "Cc", "Bcc")}
        mine = {"INBOX", "UNREAD"} if self.me.email in people else set()
        mail = self.add(raw, {"SENT", *mine}, thread=thread, internal=date)
        message = self.seen(mail)
        given = (message.message_id, message.in_reply_to, message.references)
        self.delivered.append(Delivery(parse_content(raw), gmail_mime.text_of(raw), *given, by, draft, mail.internal))
        return mail

    def _edit(self, draft: Draft, content: Content) -> str:
        raw = self._recomposed(draft, content)
        same = gmail_mime.base_subject(raw) == gmail_mime.base_subject(draft.mail.raw)
        self.replace_draft(draft, raw, draft.mail.thread if same else "")
        if self.rotates_draft_ids:
            del self.drafts[draft.id]
            draft.id = self.draft_number()
            self.drafts[draft.id] = draft
        return draft.id

    def replace_draft(self, draft: Draft, raw: bytes, thread: str) -> None:
        old = draft.mail
        draft.mail = self.add(raw, {"DRAFT"}, thread=thread)
        self.remove(old)

    def _recomposed(self, draft: Draft, content: Content) -> bytes:
        return composed(
            content,
            sender=self.me,
            message_id=self.own_message_id(),
            date=self.clock.now(),
            in_reply_to=draft.in_reply_to,
            references=tuple(gmail_mime.ids(draft.mail.raw, "References")),
        )
