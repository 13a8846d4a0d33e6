"""The embedded provider: open formats on disk, and SMTP to send. ``open_calendar`` and ``open_mail`` build its two
ports.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from calwatch.model.event import Person
from calwatch.ports import Clock
from calwatch.providers.local.options import LocalAccount

if TYPE_CHECKING:
    from calwatch.providers.local.calendar import LocalCalendar
    from calwatch.providers.local.mail import LocalMail


def open_mail(
    account: LocalAccount, me: Person, addresses: frozenset[str], viewer_zone: str, clock: Clock
) -> LocalMail | None:
    """The account's mailbox; ``None`` without one, and for accounts that are only read for taken time."""
    from calwatch.providers.local.mail import LocalMail

    if account.mail is None or account.use == "busy":
        return None
    return LocalMail(
        account.mail,
        me=_writer(account, me),
        addresses=_lower(addresses),
        viewer_zone=viewer_zone,
        clock=clock,
        outgoing=account.outgoing,
        password_file=account.password_file,
    )


def open_calendar(
    account: LocalAccount,
    me: Person,
    addresses: frozenset[str],
    viewer_zone: str,
    clock: Clock,
    mail: LocalMail | None = None,
) -> LocalCalendar:
    """The account's calendars; ``mail`` carries answers to organizers."""
    from calwatch.providers.local.calendar import LocalCalendar

    return LocalCalendar(
        account.calendar,
        busy=account.busy_calendars,
        busy_only=account.use == "busy",
        me=_writer(account, me),
        addresses=_lower(addresses),
        viewer_zone=viewer_zone,
        clock=clock,
        mail=mail,
    )


def _writer(account: LocalAccount, me: Person) -> Person:
    return Person((account.email or me.email).lower(), me.name)


def _lower(addresses: frozenset[str]) -> frozenset[str]:
    return frozenset(address.lower() for address in addresses)
