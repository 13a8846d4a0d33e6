"""A caller of the fake Gmail's methods, and the letters it stores there."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest

from builders import ALEX, DANA
from calwatch.model.message import Message
from fakes.google import gmail_mime
from fakes.google.call import ApiError, Call
from fakes.google.gmail import GmailState

Ask = Callable[..., Any]


def caller(gmail: GmailState, *scopes: str) -> Ask:
    """Calls a method: ``ask("drafts.get", id=…)``; ``body`` is the request's."""

    def ask(method: str, body: dict[str, Any] | None = None, **params: Any) -> Any:
        call = Call(f"gmail.users.{method}", {"userId": "me", **params}, body, scopes=frozenset(scopes))
        return gmail.handle(call)

    return ask


def a_reply(to: Message | None, subject: str = "Re: Interview at Acme", **headers: str) -> bytes:
    mail = EmailMessage(policy=SMTP)
    given = {"From": str(ALEX), "To": str(DANA), "Subject": subject, "Message-ID": "<ours@calwatch.example>"}
    if to is not None:
        given |= {"In-Reply-To": to.message_id, "References": to.message_id}
    for name, value in {**given, **{n.replace("_", "-"): v for n, v in headers.items()}}.items():
        mail[name] = value
    mail.set_content("Hi Dana,\n\nTuesday does not work for me any more.\n\nAlex\n")
    return mail.as_bytes()


def in_body(raw: bytes, thread: str = "", **fields: Any) -> dict[str, Any]:
    message = {"raw": gmail_mime.encoded(raw)} | ({"threadId": thread} if thread else {})
    return {"message": message, **fields}


def staged(ask: Ask, asked: Message) -> Any:
    return ask("drafts.create", in_body(a_reply(asked, X_Calwatch_Draft="key-1"), asked.thread))


def headers_of(ask: Ask, number: str) -> dict[str, str]:
    payload = ask("messages.get", id=number, format="metadata")["payload"]
    return {h["name"]: h["value"] for h in payload["headers"]}


def refused(ask: Ask, method: str, *args: Any, **params: Any) -> tuple[int, str]:
    with pytest.raises(ApiError) as caught:
        ask(method, *args, **params)
    return caught.value.status, caught.value.message
