"""Google Calendar and Gmail through the official client library; ``open_account`` builds both ports of an account.

Everything goes through one ``Connection`` per account. Importing this imports nothing of Google's: that waits until an
account is opened, and there until a request is made.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from calwatch.providers.google.options import GoogleAccount
from calwatch.providers.signing import Finding, SignedIn, Terminal

if TYPE_CHECKING:
    from calwatch.providers import Surroundings
    from calwatch.providers.google.calendar.google_calendar import GoogleCalendar
    from calwatch.providers.google.mail.gmail import GmailMail


def open_account(
    account: GoogleAccount, around: Surroundings, *, pause: Callable[[float], None] = time.sleep
) -> tuple[GoogleCalendar, GmailMail | None]:
    """The account's calendars and its mailbox; no mailbox where it is only read for taken time. Asks nobody yet."""
    from calwatch.providers.google.api.connection import Connection
    from calwatch.providers.google.calendar.google_calendar import GoogleCalendar

    connection = Connection(account, around, pause=pause)
    calendar = GoogleCalendar(connection, account, around)
    if account.use == "busy":
        return calendar, None
    from calwatch.providers.google.mail.gmail import GmailMail

    return calendar, GmailMail(connection, account, around)


def sign_in_to(account: GoogleAccount, around: Surroundings, terminal: Terminal) -> SignedIn:
    """``calwatch auth``: see ``sign_in``."""
    from calwatch.providers.google.sign_in.consent import sign_in

    return sign_in(account, around, terminal)


def look_at(account: GoogleAccount, around: Surroundings) -> Iterator[Finding]:
    """``calwatch check``: see ``standing``."""
    from calwatch.providers.google.sign_in.standing import findings

    return findings(account, around)
