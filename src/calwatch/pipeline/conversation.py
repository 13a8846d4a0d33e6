"""What is known around one case before its letter is written: the mails, the people, the other interviews."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from calwatch.detect import rescheduling
from calwatch.draft import language, recipient
from calwatch.model.booking import Interview, Source
from calwatch.model.message import Message
from calwatch.model.trouble import Case
from calwatch.pipeline import known
from calwatch.pipeline.parts import Account, Parts
from calwatch.ports import MailQuery

CONVERSATION = timedelta(days=180)
"""How far back the conversation with a contact is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What is known around one interview before its letter is written: the conversation, the people, the zone."""

    interview: Interview
    account: Account
    messages: tuple[Message, ...]
    invitation: Message | None
    others: tuple[Interview, ...]
    clashing_titles: tuple[str, ...]
    language: str

    @property
    def reschedule_link(self) -> str | None:
        """Where the candidate can choose another time: said by the event, or by the mail that invited to it."""
        in_words = self.invitation.text if self.invitation is not None else ""
        return self.interview.recognition.reschedule_link or rescheduling.page_in(in_words)


def writing_account(parts: Parts, interview: Interview) -> Account | None:
    """The account a letter about ``interview`` leaves from: the one whose mailbox knows it, never a busy-only one."""
    usable = [a for a in parts.accounts.values() if a.mail is not None and not a.busy_only]
    by_mail = {s.account for b in interview.bookings for s in b.sightings if s.source is Source.MAIL}
    for account in usable:
        if account.name in by_mail:
            return account
    return next((a for a in usable if a.name == interview.account), usable[0] if usable else None)


def surroundings(parts: Parts, case: Case) -> Surroundings | None:
    """Reads the conversation about a case. ``None`` when no account can write. Raises what the mailbox
    raises.
    """
    interview = known.interview_of(parts, case)
    account = writing_account(parts, interview)
    if account is None or account.mail is None:
        return None
    invited_by = {m.message_id for b in interview.bookings for m in parts.store.mail.invitation_messages(b.event.uid)}
    contact = interview.recognition.contact
    people = {p.person.email for b in interview.bookings for p in b.event.attendees} | {
        b.event.organizer.email for b in interview.bookings if b.event.organizer
    }
    if contact is not None:
        people.add(contact.person.email)
    people = {address for address in people if not parts.preferences.me.owns(address)}
    query = MailQuery(addresses=frozenset(people), message_ids=frozenset(invited_by), since=parts.now() - CONVERSATION)
    messages = tuple(account.mail.find(query)) if people or invited_by else ()
    uids = {b.event.uid for b in interview.bookings}
    invitation = recipient.invitation_of(
        interview,
        [m for m in messages if m.message_id in invited_by and _invites(m, uids)],
        me_emails=parts.preferences.me.emails,
    )
    spoken = language.choose(messages, interview.recognition, allowed=parts.preferences.languages)
    return Surroundings(
        interview=interview,
        account=account,
        messages=messages,
        invitation=invitation,
        others=known.other_interviews(parts, case),
        clashing_titles=tuple(b.event.summary for b in parts.store.bookings.booking_list(case.clashing_ids)),
        language=spoken,
    )


def _invites(message: Message, uids: set[str]) -> bool:
    return any(item.uid in uids for invitation in message.invitations for item in invitation.items)
