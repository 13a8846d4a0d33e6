"""Mails about meetings in the fake Outlook: those of organizers and guests, and the person's own answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from calwatch.model.event import Attendee, Event, Person, Response
from calwatch.model.message import Invitation, Message, Method
from calwatch.model.span import Span
from fakes.microsoft import mail_html
from fakes.microsoft.mail_events import subject_of
from fakes.microsoft.mail_items import Mail
from fakes.microsoft.mail_people import Hands

_RESPONSES = {
    Response.ACCEPTED: "Accepted: ",
    Response.TENTATIVE: "Tentative: ",
    Response.DECLINED: "Declined: ",
}


@dataclass
class Meetings(Hands):
    """A mailbox that is told of meetings."""

    def event_message(
        self,
        event: Event,
        *,
        sender: Person,
        method: Method = Method.REQUEST,
        subject: str = "",
        words: str = "",
        answer: Response | None = None,
        **fields: Any,
    ) -> Message:
        """An invitation, its withdrawal or an answer to one arrives, as Exchange tells of it."""
        if answer is not None:
            event = replace(event, attendees=(Attendee(sender, answer),), response=answer)
            method = Method.REPLY if method is Method.REQUEST else method
        prefix = {Method.CANCEL: "Canceled: ", Method.COUNTER: "New Time Proposed: "}.get(method, "")
        if method is Method.REPLY and answer is not None:
            prefix = _RESPONSES[answer]
        invitation = Invitation(method=method, items=(event,), comment=words)
        given = {"subject": subject or f"{prefix}{event.summary}", "automatic": True, **fields}
        return self.receive(words, sender=sender, invitations=(invitation,), **given)

    def answered(
        self,
        event: Event,
        answer: Response,
        *,
        told: bool = True,
        comment: str = "",
        proposal: Span | None = None,
    ) -> None:
        """The person has answered an invitation, by whatever program.

        ``told``: the organizer hears of it, and the answer lies in Sent Items.
        """
        if told and event.organizer is not None:
            item = replace(event, attendees=(Attendee(self.me, answer),), response=answer)
            if proposal is not None:
                item = replace(item, start=proposal.start, end=proposal.end)
            method = Method.COUNTER if proposal is not None else Method.REPLY
            prefix = "New Time Proposed: " if proposal is not None else _RESPONSES[answer]
            self.add(
                "sentitems",
                to=(event.organizer,),
                subject=f"{prefix}{event.summary}",
                body=mail_html.composed(comment),
                event_message=Invitation(method=method, items=(item,), comment=comment),
                automatic=True,
            )
        for mail in [m for m in self.mails.values() if m.folder == "inbox" and _asks_for(m, event)]:
            if self.answer_leaves_inbox:
                self.move(mail, "deleteditems")


def _asks_for(mail: Mail, event: Event) -> bool:
    """Whether a mail is the request for this appointment."""
    invitation = mail.event_message
    return (
        invitation is not None
        and invitation.method is Method.REQUEST
        and subject_of(invitation).uid == event.uid
        and subject_of(invitation).recurrence_id == event.recurrence_id
    )
