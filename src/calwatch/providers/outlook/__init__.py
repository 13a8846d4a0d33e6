"""Outlook and Microsoft 365 through Microsoft Graph; ``open_account`` builds both ports of an account.

Everything goes through one ``Connection`` per account. Importing this imports no HTTP and no sign-in library: that
waits until an account is opened, and msal until a token must be got.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from calwatch.providers.outlook.options import OutlookAccount
from calwatch.providers.signing import Finding, SignedIn, Terminal

if TYPE_CHECKING:
    from calwatch.providers import Surroundings
    from calwatch.providers.outlook.calendar.outlook_calendar import OutlookCalendar
    from calwatch.providers.outlook.mail.outlook_mail import OutlookMail


def open_account(
    account: OutlookAccount, around: Surroundings, *, pause: Callable[[float], None] = time.sleep
) -> tuple[OutlookCalendar, OutlookMail | None]:
    """The account's calendars and its mailbox; no mailbox where it is only read for taken time. Asks nobody yet."""
    from calwatch.providers.outlook.api.connection import Connection
    from calwatch.providers.outlook.calendar.outlook_calendar import OutlookCalendar

    connection = Connection(account, around, pause=pause)
    calendar = OutlookCalendar(connection, account, around)
    if account.use == "busy":
        return calendar, None
    from calwatch.providers.outlook.mail.outlook_mail import OutlookMail

    return calendar, OutlookMail(connection, account, around)


def sign_in_to(account: OutlookAccount, around: Surroundings, terminal: Terminal) -> SignedIn:
    """``calwatch auth``: see ``sign_in``."""
    from calwatch.providers.outlook.sign_in.consent import sign_in

    return sign_in(account, around, terminal)


def look_at(account: OutlookAccount, around: Surroundings) -> Iterator[Finding]:
    """``calwatch check``: see ``standing``."""
    from calwatch.providers.outlook.sign_in.standing import findings

    return findings(account, around)
