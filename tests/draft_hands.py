"""What a person does to a draft in their own mail program, at whichever provider: away, back again, sent slowly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fakes.google.gmail_mailbox import Draft
from fakes.google.person import GooglePerson
from fakes.local_person import LocalPerson
from fakes.memory_mail import MemoryMail
from fakes.microsoft.person import OutlookPerson

Later = Callable[[], object]


def thrown_away(person: Any, ref: str) -> Later:
    """The draft is discarded; gives what puts it back as "undo" or the folder of deleted mails does."""
    if isinstance(person, LocalPerson):
        data = person.mail.take(ref)
        return lambda: person.mail.put(data, ".Drafts", flags="DS")
    if isinstance(person, GooglePerson):
        gmail = person.google.gmail
        held = gmail.draft_named(ref)
        gmail.discard_by_hand(ref)

        def compose_anew() -> None:  # undone in the composer it is another draft, in the old conversation
            new = Draft(gmail.draft_number(), gmail.add(held.mail.raw, {"DRAFT"}, thread=held.mail.thread))
            gmail.drafts[new.id] = new

        return compose_anew
    if isinstance(person, OutlookPerson):
        outlook = person.microsoft.mail
        mail = outlook.draft_named(ref)
        outlook.discard_by_hand(ref)
        return lambda: outlook.move(mail, "drafts")
    memory: MemoryMail = person.mail
    lost = memory.drafts.pop(ref)
    return lambda: memory.drafts.update({ref: lost})


def sent_slowly(person: Any, ref: str) -> Later:
    """The person sends it and it is out of Drafts; gives what makes its copy show in Sent."""
    if isinstance(person, LocalPerson):
        data = person.mail.take(ref)
        return lambda: person.mail.file_as_sent(data)
    if isinstance(person, GooglePerson):
        gmail = person.google.gmail
        held = gmail.draft_named(ref)
        gmail.discard_by_hand(ref)
        return lambda: gmail.leave(held.mail.raw, held.mail.thread, "person", held.id, None)
    mail = person.microsoft.mail if isinstance(person, OutlookPerson) else person.mail
    mail.lag_calls, mail.lag_seconds = 1_000_000, 1_000_000.0
    mail.send_by_hand(ref)
    return mail.settle
