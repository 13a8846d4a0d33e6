"""Mail as Gmail's own composer writes it: rewrapped text, HTML beside it, and none of the headers it does not know."""

from __future__ import annotations

import textwrap
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape

from calwatch.model.event import Person
from calwatch.model.message import Content

_WIDTH = 76


def composed(
    content: Content,
    *,
    sender: Person,
    message_id: str,
    date: datetime,
    in_reply_to: str = "",
    references: tuple[str, ...] = (),
) -> bytes:
    """The bytes of what a person wrote in the browser."""
    mail = EmailMessage(policy=policy.SMTP)
    mail["MIME-Version"] = "1.0"
    mail["Date"] = format_datetime(date)
    mail["Subject"] = content.subject
    mail["From"] = written((sender,))
    for name, people in (("To", content.to), ("Cc", content.cc), ("Bcc", content.bcc)):
        if people:
            mail[name] = written(people)
    mail.set_content(wrapped(content.text), cte="quoted-printable")
    mail.add_alternative(as_html(content.text), subtype="html", cte="quoted-printable")
    ids = [f"Message-ID: {message_id}"]
    if in_reply_to:
        ids.append(f"In-Reply-To: {in_reply_to}")
    if references:
        ids.append("References: " + "\r\n ".join(references))
    return "\r\n".join(ids).encode("ascii") + b"\r\n" + mail.as_bytes()


def wrapped(text: str) -> str:
    """Every line cut at 76 columns, as the composer's plain text is."""
    lines: list[str] = []
    for line in text.splitlines():
        lines += textwrap.wrap(line, _WIDTH, break_long_words=False, break_on_hyphens=False) or [""]
    return "\n".join(lines).rstrip("\n") + "\n"


def as_html(text: str) -> str:
    """One ``<div>`` per line but the first, in one ``<div dir="ltr">``."""
    first, *rest = text.rstrip("\n").splitlines() or [""]
    below = "".join(f"<div>{escape(line) or '<br>'}</div>" for line in rest)
    return f'<div dir="ltr">{escape(first)}{below}</div>\r\n'


def line_of(people: tuple[Person, ...]) -> str:
    """The value of a header naming ``people``, in ASCII and folded."""
    folded = policy.SMTP.header_factory("To", written(people)).fold(policy=policy.SMTP)
    return str(folded).partition(":")[2].strip().replace("\r\n", "\n")


def written(people: tuple[Person, ...]) -> tuple[Address, ...]:
    return tuple(Address(p.name, *p.email.rsplit("@", 1)) for p in people)
