"""What messages are made of, for tests: an item about Dana's interview, with every field that could give it away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from calwatch.model.case import Situation
from calwatch.notify.topics import Item, Topic
from calwatch.notify.wording import Wish, compose
from calwatch.ports import Notice

NOW = datetime(2026, 4, 20, 8, 0, tzinfo=UTC)
THURSDAY = datetime(2026, 4, 23, 12, 0, tzinfo=UTC)
PAGE = "https://calwatch.rivera.example"


def an_item(**fields: object) -> Item:
    given: dict[str, object] = {
        "topic": Topic.READY,
        "start": THURSDAY,
        "at": THURSDAY + timedelta(days=8),
        "number": 12,
        "account": "personal",
        "company": "Acme",
        "title": "Technical interview with Dana Fox",
        "situation": Situation.CONFLICT,
        "text": "the mailbox holds another text than the one approved",
        "person": "Dana Fox",
        "phone": "+1 212 555 0100",
        "found": 8,
        "need": 2,
    }
    return Item(**{**given, **fields})  # type: ignore[arg-type]  # a builder takes what the dataclass takes


def a_wish(**fields: object) -> Wish:
    return Wish(**{"detail": "discreet", "zone": "Europe/Berlin", **fields})  # type: ignore[arg-type]  # as above


def notice(*items: Item, **wish: object) -> Notice:
    return compose(items, a_wish(**wish), NOW)


def said(*items: Item, **wish: object) -> str:
    told = notice(*items, **wish)
    return f"{told.title}\n{told.body}"
