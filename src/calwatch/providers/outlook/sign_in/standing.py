"""How an account's sign-in stands, for ``calwatch check``: from the file alone, nobody is asked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from calwatch.errors import CalwatchError
from calwatch.providers.outlook.options import OutlookAccount
from calwatch.providers.outlook.scopes import features, granted
from calwatch.providers.outlook.sign_in import token_store
from calwatch.providers.outlook.sign_in.tenants import SEEN_BY_ADMINISTRATOR, may_be_work
from calwatch.providers.outlook.sign_in.token_store import PERSONAL_TENANT, SignIn
from calwatch.providers.outlook.sign_in.tokens import other_settings
from calwatch.providers.remote import sign_in_file
from calwatch.providers.signing import Finding, Standing

if TYPE_CHECKING:
    from calwatch.providers import Surroundings


def findings(account: OutlookAccount, around: Surroundings) -> Iterator[Finding]:
    """Everything there is to say about the sign-in; what fails is the last."""
    again = f"run: calwatch auth {account.name}"
    path = sign_in_file.path_of(around.state, account.name)
    try:
        sign_in = token_store.read(path)
    except CalwatchError as error:
        yield Finding(Standing.FAILS, str(error))
        return
    if may_be_work(account) and (sign_in is None or sign_in.home_tenant != PERSONAL_TENANT):
        yield Finding(Standing.WARNING, SEEN_BY_ADMINISTRATOR)
    if sign_in is None:
        yield Finding(Standing.FAILS, f"not signed in to Microsoft; {again}")
        return
    mismatch = other_settings(account, sign_in)
    if mismatch:
        yield Finding(Standing.FAILS, f"{mismatch}; {again}")
        return
    allowed, used = granted(sign_in.granted_scopes), features(account, around)
    if used[0] not in allowed:
        yield Finding(Standing.FAILS, f"{used[0]} was not allowed; {again}")
        return
    yield Finding(Standing.OK, _said(sign_in, around))
    for feature in used:
        if feature not in allowed:
            yield Finding(Standing.WARNING, f"{feature} was not allowed and does not work; to allow it, {again}")
    yield from _open_to_others(path)


def _said(sign_in: SignIn, around: Surroundings) -> str:
    who = f" as {sign_in.email}" if sign_in.email else ""
    since = f" since {_day(sign_in.signed_in, around)}" if sign_in.signed_in else ""
    return f"signed in{who}{since}"


def _open_to_others(path: Path) -> Iterator[Finding]:
    if path.stat().st_mode & 0o077:
        yield Finding(Standing.WARNING, f"others can read your sign-in; chmod 600 {path}")


def _day(moment: datetime, around: Surroundings) -> str:
    local = moment.astimezone(ZoneInfo(around.viewer_zone))
    return f"{local:%a} {local.day} {local:%b %Y %H:%M}"
