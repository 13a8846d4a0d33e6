"""What went wrong with one request to a provider, as one reaction; a lasting no is a ``Refusal``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum

from calwatch.errors import Stop

_SECONDS = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
_LONGEST = 999_999_999.0


class Refusal(Stop):
    """The provider said no for good, and nothing was done. Callers translate the statuses that have a meaning for them.

    ``reason`` is its own word, such as ``fullSyncRequired``; empty when it gave none.
    """

    def __init__(self, text: str, *, status: int, reason: str = "") -> None:
        self.status = status
        self.reason = reason
        super().__init__(text)


class Reaction(StrEnum):
    """What an error calls for."""

    BROKEN = "broken"  # the server or the way to it failed; whether something happened is unknown
    BUSY = "busy"  # too fast; nothing happened
    SPENT = "spent"  # a quota of hours or a day is used up; nothing happened
    UNAUTHORIZED = "unauthorized"  # the access token is not accepted; nothing happened
    UNGRANTED = "ungranted"  # the sign-in does not cover this; nothing happened
    REFUSED = "refused"  # a lasting no; nothing happened


class Fault(Exception):
    """One attempt that failed. Never leaves a provider: its ``connection`` turns it into one of calwatch's errors.

    ``wait`` is the number of seconds the provider asked for, if it did. ``begun`` is False when it is certain that not
    one byte of the request was sent.
    """

    def __init__(
        self,
        reaction: Reaction,
        text: str,
        *,
        status: int = 0,
        reason: str = "",
        wait: float | None = None,
        begun: bool = True,
    ) -> None:
        self.reaction = reaction
        self.status = status
        self.reason = reason
        self.wait = wait
        self.begun = begun
        super().__init__(text)


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """The seconds a Retry-After header asks for (RFC 9110 §10.2.3): a number, also with a fraction, or a date."""
    header = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(header):
        return min(float(header), _LONGEST)
    return seconds_until(parsed, now) if (parsed := _date(header)) is not None else None


def seconds_until(moment: datetime, now: datetime) -> float:
    """Seconds from ``now`` to ``moment`` (UTC when it names no zone), none below zero."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def _date(header: str) -> datetime | None:
    try:
        return parsedate_to_datetime(header) if header else None
    except ValueError:
        return None
