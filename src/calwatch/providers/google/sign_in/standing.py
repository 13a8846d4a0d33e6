"""How an account's sign-in stands, for ``calwatch check``: from the files alone, nobody is asked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from calwatch.errors import CalwatchError
from calwatch.providers.google.options import GoogleAccount
from calwatch.providers.google.scopes import features, granted
from calwatch.providers.google.sign_in import client_file, token_file
from calwatch.providers.google.sign_in.identity import is_of_another
from calwatch.providers.google.sign_in.token_file import SignIn
from calwatch.providers.remote import sign_in_file
from calwatch.providers.signing import Finding, Standing

if TYPE_CHECKING:
    from calwatch.providers import Surroundings

TESTING_LIFE = timedelta(days=7)
"""Google ends every consent to a project in "Testing" after this time, and does not say which projects are."""


def findings(account: GoogleAccount, around: Surroundings) -> Iterator[Finding]:
    """Everything there is to say about the sign-in; what fails comes first and is the last."""
    again = f"run: calwatch auth {account.name}"
    path = sign_in_file.path_of(around.state, account.name)
    try:
        client = client_file.read(account.client_file)
        sign_in = token_file.read(path)
    except CalwatchError as error:
        yield Finding(Standing.FAILS, str(error))
        return
    if sign_in is None:
        yield Finding(Standing.FAILS, f"not signed in to Google; {again}")
        return
    if sign_in.client_id != client.client_id:
        yield Finding(Standing.FAILS, f"signed in with another client than {account.client_file} has; {again}")
        return
    if is_of_another(account, sign_in.email):
        yield Finding(Standing.FAILS, f"signed in as {sign_in.email}, and {account.email} is configured; {again}")
        return
    allowed = granted(account, sign_in.granted_scopes)
    used = features(account, around)
    if used[0] not in allowed:
        yield Finding(Standing.FAILS, f"{used[0]} was not allowed; {again} and leave every box ticked")
        return
    yield Finding(Standing.OK, _said(sign_in, around))
    for feature in used:
        if feature not in allowed:
            yield Finding(Standing.WARNING, f"{feature} was not allowed and does not work; to allow it, {again}")
    yield from _endings(sign_in, around, again)
    yield from _open_to_others(path)


def _said(sign_in: SignIn, around: Surroundings) -> str:
    who = f" as {sign_in.email}" if sign_in.email else ""
    since = f" since {_day(sign_in.signed_in, around)}" if sign_in.signed_in else ""
    return f"signed in{who}{since}"


def _endings(sign_in: SignIn, around: Surroundings, again: str) -> Iterator[Finding]:
    """The ends that can be foreseen: the one the person chose, and the one of projects that are still in testing."""
    now = around.clock.now()
    if sign_in.ends is not None:
        soon = sign_in.ends - now < TESTING_LIFE
        said = f"you gave access until {_day(sign_in.ends, around)}; after that, {again}"
        yield Finding(Standing.WARNING if soon else Standing.OK, said)
    if sign_in.signed_in is not None and now - sign_in.signed_in < TESTING_LIFE:
        ends = _day(sign_in.signed_in + TESTING_LIFE, around)
        yield Finding(
            Standing.WARNING,
            f'if your Google project is still in "Testing", this sign-in ends on {ends}. Google does not tell; see '
            f'whether it says "In production" under Audience in the Google Auth Platform. If not, publish it there, '
            f'then {again} (docs/google.md, "Publish it")',
        )


def _open_to_others(path: Path) -> Iterator[Finding]:
    if path.stat().st_mode & 0o077:
        yield Finding(Standing.WARNING, f"others can read your sign-in; chmod 600 {path}")


def _day(moment: datetime, around: Surroundings) -> str:
    local = moment.astimezone(ZoneInfo(around.viewer_zone))
    return f"{local:%a} {local.day} {local:%b %Y %H:%M}"
