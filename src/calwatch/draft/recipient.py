"""Whom the letter goes to and which mail it answers: a person, with the evidence, or nobody at all."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from calwatch.draft.conversation import incoming, readable, reply_addresses
from calwatch.draft.foreign import label, one_line, safe_message_id, safe_person
from calwatch.model.addresses import domain_of, is_freemail, organisation_of, same_organisation
from calwatch.model.booking import Interview
from calwatch.model.draft import Recipient
from calwatch.model.event import Person
from calwatch.model.me import Me
from calwatch.model.message import Folder, Message, Method

MAX_CC = 10
MAX_REFERENCES = 50

_COORDINATOR = re.compile(r"coordinat|scheduling|scheduler|talent operations|recruiting operations|koordinat", re.I)
_RECRUITER = re.compile(
    r"recruit|talent acquisition|talent partner|sourcer|human resources|\bhr\b|people (?:partner|team|operations)", re.I
)
_TOKEN = re.compile(r"^[^@]*(?:reply[+._-]|\+)[^@]{6,}@")  # the address is one conversation, not a person


@dataclass(frozen=True, slots=True)
class _Other:
    """Who may be on the other side: the contact, the people of the invitation, and the company's plain name."""

    contact: Person | None
    anchors: tuple[str, ...]
    company: str
    agency: bool

    def own(self, people: tuple[Person, ...]) -> tuple[Person, ...]:
        """Of several reply addresses those that are certainly the other side's; a single one is as they wish."""
        known = tuple(
            p for p in people if p == self.contact or any(same_organisation(p.email, a) for a in self.anchors)
        )
        return known or people

    def knows(self, message: Message, me: Me) -> int:
        """How surely a mail belongs to this interview's people: 3 the contact, 2 their organisation, 0 not."""
        senders = [p.email for p in (*reply_addresses(message, me), safe_person(message.sender)) if p is not None]
        if self.contact is not None and self.contact.email in senders:
            return 3
        if any(same_organisation(sender, anchor) for sender in senders for anchor in self.anchors):
            return 2
        return 1 if not self.anchors and any(_is_of(sender, self.company) for sender in senders) else 0


def choose(
    interview: Interview, messages: Sequence[Message], *, me_emails: frozenset[str], invitation: Message | None
) -> Recipient:
    """The human thread's arranger, else the sender of the invitation, else the contact in a new mail.

    Reply-To goes before From. Humans of the same organisation that are on Cc stay, nobody is added; through an
    agency everybody else's address is left out. ``to`` is empty, with the evidence saying why, when no address is safe.
    """
    me = Me(emails=me_emails)
    other = _other_side(interview, me)
    found = _in_human_thread(other, messages, me, invitation)
    if found is not None:
        return found
    contact_evidence = interview.recognition.contact.evidence if interview.recognition.contact else ""
    if invitation is not None:
        to = reply_addresses(invitation, me)
        if (
            to
            and other.agency
            and other.contact
            and not any(same_organisation(p.email, other.contact.email) for p in to)
        ):
            to = ()
        evidence = "sent the invitation" + (" and asks for replies there" if invitation.reply_to else "")
        if not to and other.contact is not None:
            to, evidence = (other.contact,), contact_evidence
        if to:
            return _answering(invitation, to, f"{_names(to)}: {evidence}", other, me)
        return _answering(invitation, (), _nobody(interview), other, me)
    if other.contact is not None:
        return Recipient(to=(other.contact,), evidence=f"{_names((other.contact,))}: {contact_evidence}")
    return Recipient(evidence=_nobody(interview))


def invitation_of(interview: Interview, mails: Sequence[Message], *, me_emails: frozenset[str]) -> Message | None:
    """Which of the ``mails`` with this interview's calendar part is the invitation: the other side's newest.

    Anybody can forward an invitation, or send one with a uid they have seen. Where none is from the other side's
    organisation it is the first that a hiring system sent; a person from elsewhere is never taken for the inviter.
    """
    me = Me(emails=me_emails)
    other = _other_side(interview, me)
    received = sorted((m for m in mails if m.folder is Folder.INBOX), key=lambda m: (m.date, m.ref))
    theirs = [m for m in received if other.knows(m, me)]
    if theirs:
        return theirs[-1]
    return next((m for m in received if not other.anchors or _by_system(m, me)), None)


def _by_system(message: Message, me: Me) -> bool:
    """Whether a program sent it, as hiring systems do, with a person behind the reply address or nobody."""
    sender = safe_person(message.sender)
    relayed = any(_TOKEN.search(person.email) for person in message.reply_to)
    return message.automatic or relayed or sender is None or not readable(sender, me)


def _other_side(interview: Interview, me: Me) -> _Other:
    recognition = interview.recognition
    contact = safe_person(recognition.contact.person) if recognition.contact else None
    if contact is not None and not readable(contact, me):
        contact = None
    people: list[Person | None] = [contact]
    if not recognition.agency:
        for booking in interview.bookings:
            people += [booking.event.organizer, *(a.person for a in booking.event.attendees[:50])]
    elif contact is None:  # the client's people may be on the invitation, but the agency is who we deal with
        people += [booking.event.organizer for booking in interview.bookings]
    safe = (safe_person(person) for person in people)
    anchors = tuple(dict.fromkeys(p.email for p in safe if p is not None and readable(p, me)))
    return _Other(contact, anchors, label(recognition.company), recognition.agency)


def _in_human_thread(
    other: _Other, messages: Sequence[Message], me: Me, invitation: Message | None
) -> Recipient | None:
    """The answer to the newest thread in which people of the other side wrote, the contact's threads first."""
    known = [(other.knows(m, me), m) for m in incoming(messages, me.emails)]
    known = [(surely, m) for surely, m in known if surely and _typed(m, invitation)]
    if not known:
        return None
    # The text of an invitation is mostly its program's; the thread in which people talk besides is the conversation.
    spoken = [(surely, m) for surely, m in known if not _invites(m)] or known
    best = max(spoken, key=lambda pair: (pair[0] == 3, pair[1].date, pair[1].ref))[1]
    thread = [m for surely, m in known if m.thread == best.thread]
    ranks: dict[Person | None, int] = {}  # by person: what somebody once signed with holds for their shorter mails too
    for m in thread:
        ranks[m.sender] = min(_rank(m, other, me), ranks.get(m.sender, 3))
    answered = min(thread, key=lambda m: (ranks[m.sender], -m.date.timestamp(), m.ref))
    to = other.own(reply_addresses(answered, me))
    evidence = (
        f"{_names(to)}: wrote on {answered.date:%-d %B %Y} (“{one_line(answered.subject, 120)}”)"
        + (", asking for replies at this address" if answered.reply_to and answered.sender not in to else "")
        + ("; a coordinator by their own words" if ranks[answered.sender] == 0 else "")
    )
    return _answering(answered, to, evidence, other, me)


def _typed(message: Message, invitation: Message | None) -> bool:
    """Whether somebody wrote words, rather than only a calendar system an invitation."""
    return bool(message.text.strip()) if message.invitations or message is invitation else True


def _invites(message: Message) -> bool:
    return any(invitation.method in (Method.REQUEST, Method.PUBLISH) for invitation in message.invitations)


def _rank(message: Message, other: _Other, me: Me) -> int:
    """Who arranges rounds: coordinator, recruiter, the contact recognition found, anybody else."""
    name = message.sender.name if message.sender else ""
    words = f"{name}\n{message.text[-600:]}"
    if _COORDINATOR.search(words):
        return 0
    if _RECRUITER.search(words):
        return 1
    return 2 if other.contact is not None and other.contact in reply_addresses(message, me) else 3


def _answering(message: Message, to: tuple[Person, ...], evidence: str, other: _Other, me: Me) -> Recipient:
    message_id = safe_message_id(message.message_id)
    references = [*(safe_message_id(r) for r in message.references), message_id]
    return Recipient(
        to=to,
        cc=tuple(_staying(message, to, other, me)) if to else (),
        evidence=evidence,
        reply_to_ref=message.ref,
        in_reply_to=message_id,
        references=tuple(dict.fromkeys(r for r in references if r))[-MAX_REFERENCES:],
        thread=message.thread,
        thread_subject=one_line(message.subject, 500),
    )


def _staying(message: Message, to: tuple[Person, ...], other: _Other, me: Me) -> Iterator[Person]:
    """The humans of the same organisation on Cc, each once, without the recipients themselves."""
    sender = safe_person(message.sender)
    houses = [p.email for p in (*to, sender, other.contact) if p is not None]
    if other.agency and other.contact is not None:
        houses = [other.contact.email]
    seen = {p.email for p in to}
    for person in message.cc[:100]:
        safe = safe_person(person)
        if safe is None or safe.email in seen or not readable(safe, me) or len(seen) >= MAX_CC + len(to):
            continue
        if any(same_organisation(safe.email, house) for house in houses):
            seen.add(safe.email)
            yield safe


def _is_of(address: str, company: str) -> bool:
    """Whether the address's domain is named like the company (``acme.example`` for “Acme”)."""
    domain = domain_of(address)
    plain = "".join(c for c in company.casefold() if c.isalnum())
    return (
        len(plain) >= 3 and not is_freemail(domain) and organisation_of(domain).split(".")[0].replace("-", "") == plain
    )


def _names(people: tuple[Person, ...]) -> str:
    return ", ".join(str(p) for p in people)


def _nobody(interview: Interview) -> str:
    organizer = next((b.event.organizer for b in interview.bookings if b.event.organizer), None)
    address = one_line(organizer.email, 80) if organizer else ""
    seen = f" (the invitation came from {address})" if address else ""
    return f"No address is known that a person reads{seen}; name one yourself."
