"""A caller of the fake Outlook's mail operations, without a server between."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from fakes.microsoft.call import ApiError, Call
from fakes.microsoft.mail import MailState

Ask = Callable[..., Any]
MARKER = "String {0DB1E7C2-9A41-4F0A-8C7E-1B2F3A4D5E6F} Name calwatch-draft"
SCOPES = frozenset({"Mail.ReadWrite", "Mail.Send"})
_IDS = ("message", "folder", "attachment")


def caller(mail: MailState, *, immutable: bool = True, text: bool = False, scopes: frozenset[str] = SCOPES) -> Ask:
    """Calls an operation: ``ask("messages.get", message=…)``; ``body`` and ``if_match`` are the request's.

    ``query`` are its parameters, with their ``$``.
    """
    prefer = {"IdType": "ImmutableId"} if immutable else {}
    prefer |= {"outlook.body-content-type": "text"} if text else {}

    def ask(
        operation: str, body: Any = None, *, query: dict[str, str] | None = None, if_match: str = "", **named: str
    ) -> Any:
        ids = {name: value for name, value in named.items() if name in _IDS}
        headers = {"if-match": if_match} if if_match else {}
        return mail.handle(Call(operation, ids, query or {}, body, headers, prefer, scopes)).json

    return ask


def following(ask: Ask, operation: str, page: Any, folder: str = "inbox") -> Any:
    """What the link of a page leads to."""
    link = page.get("@odata.nextLink") or page["@odata.deltaLink"]
    return ask(operation, query=dict(parse_qsl(urlsplit(link).query)), folder=folder)


def rounds(ask: Ask, page: Any, folder: str = "inbox") -> tuple[list[Any], Any]:
    """Everything to the end of a round, and its last page."""
    found = list(page["value"])
    while "@odata.nextLink" in page:
        page = following(ask, "messages.delta", page, folder)
        found += page["value"]
    return found, page


def refused(ask: Ask, operation: str, *args: Any, **named: Any) -> tuple[int, str]:
    with pytest.raises(ApiError) as caught:
        ask(operation, *args, **named)
    return caught.value.status, caught.value.code


def marked(key: str) -> dict[str, Any]:
    return {"singleValueExtendedProperties": [{"id": MARKER, "value": key}]}


def by_marker(key: str) -> dict[str, str]:
    return {"$filter": f"singleValueExtendedProperties/Any(ep: ep/id eq '{MARKER}' and ep/value eq '{key}')"}
