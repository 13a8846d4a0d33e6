"""``calwatch auth`` for Outlook: says what will be asked for, leads through Microsoft's consent, and stores a sign-in.

Nothing is stored before everything is known: who signed in, and what they allowed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn

from calwatch.errors import ConfigError, NeedsSignIn, Retry, Stop
from calwatch.providers.outlook.options import OutlookAccount
from calwatch.providers.outlook.scopes import Feature, features, granted, wanted
from calwatch.providers.outlook.sign_in import token_store
from calwatch.providers.outlook.sign_in.authority import Authority
from calwatch.providers.outlook.sign_in.browser import by_browser
from calwatch.providers.outlook.sign_in.carrier import claims_in
from calwatch.providers.outlook.sign_in.device import by_code
from calwatch.providers.outlook.sign_in.identity import Identity, identity_of
from calwatch.providers.outlook.sign_in.refusals import Kind, refusal
from calwatch.providers.outlook.sign_in.tenants import SEEN_BY_ADMINISTRATOR, may_be_work
from calwatch.providers.outlook.sign_in.token_store import SignIn
from calwatch.providers.outlook.sign_in.tokens import renewal
from calwatch.providers.remote import sign_in_file
from calwatch.providers.remote.wire import Counters, Wire
from calwatch.providers.signing import SignedIn, Terminal

if TYPE_CHECKING:
    from calwatch.providers import Surroundings


def sign_in(
    account: OutlookAccount,
    around: Surroundings,
    terminal: Terminal,
    *,
    pause: Callable[[float], None] = time.sleep,
) -> SignedIn:
    """Leads the person through it and stores what comes of it, in place of any earlier sign-in.

    Raises ConfigError for an app registration that will not do, NeedsSignIn when it was not allowed, Retry, Stop.
    """
    scopes, used = wanted(account, around), features(account, around)
    terminal.say(_announced(account, used, scopes))
    wire = Wire(around.clock, Counters())
    authority = Authority(account, wire, around.clock)
    if account.sign_in == "browser":
        answer = by_browser(authority, scopes, terminal)
    else:
        answer = by_code(authority, scopes, terminal.say, pause)
    if not answer.get("access_token"):
        _not_allowed(account, answer)
    claims = claims_in(str(answer.get("id_token", ""))) or {}
    fresh = _fresh(account, around, scopes, answer, authority, claims)
    missing = _missing(account, used, fresh)
    identity = identity_of(account, fresh.token, claims, wire, around.clock)
    if identity.addresses and not identity.is_of(account.email):
        raise NeedsSignIn(
            f"you signed in as {identity.addresses[0]}, but account {account.name} is {account.email}; nothing was "
            "stored. Choose the other account when Microsoft asks, or correct the account's email"
        )
    _store(around, account, fresh, identity)
    remarks = [_without(account, feature) for feature in missing]
    if identity.doubt:
        remarks.append(f"whether this is {account.email} could not be checked: {identity.doubt}")
    return SignedIn(
        address=identity.shown(account.email),
        granted=tuple(str(feature) for feature in used if feature not in missing),
        remarks=tuple(remarks),
    )


def _announced(account: OutlookAccount, used: Sequence[Feature], scopes: Sequence[str]) -> str:
    """What is about to be asked for, and who may see that; before anybody is asked."""
    asked = "".join(f"\n  {feature}" for feature in used)
    text = f"calwatch asks Microsoft to allow, for {account.email}:{asked}\n(as permissions: {', '.join(scopes)})"
    if account.use == "busy":
        text += "\nNothing else of the account is read, and nothing is changed in it."
    if may_be_work(account):
        text += f"\n\nPlease note: {SEEN_BY_ADMINISTRATOR}. If that must not be, stop here with Ctrl-C."
    return f"{text}\n"


def _not_allowed(account: OutlookAccount, answer: Mapping[str, Any]) -> NoReturn:
    refused = refusal(account, answer)
    text = refused.sentence("Microsoft did not sign you in, and nothing was stored", f"calwatch auth {account.name}")
    if refused.kind is Kind.CONFIGURATION:
        raise ConfigError([text])
    raise NeedsSignIn(text)


def _fresh(
    account: OutlookAccount,
    around: Surroundings,
    scopes: tuple[str, ...],
    answer: Mapping[str, Any],
    authority: Authority,
    claims: Mapping[str, Any],
) -> SignIn:
    again = f"calwatch auth {account.name}"
    if not answer.get("refresh_token"):
        raise NeedsSignIn(f"Microsoft gave access for an hour only, so nothing was stored; run it again: {again}")
    known = authority.account_ids()
    if not known:
        raise Retry(f"Microsoft did not say whose sign-in this is, so nothing was stored; run it again: {again}")
    blank = SignIn(
        client_id=account.client_id,
        authority=account.authority,
        tenant=account.tenant,
        home_account_id=known[0],
        home_tenant=str(claims.get("tid", "")),
        scopes=scopes,
        granted_scopes=scopes,
        cache="{}",
        signed_in=around.clock.now(),
    )
    return renewal(blank, answer, authority.kept(), around.clock)


def _missing(account: OutlookAccount, used: Sequence[Feature], fresh: SignIn) -> list[Feature]:
    """What was not allowed. Raises NeedsSignIn when nothing works without it."""
    allowed = granted(fresh.granted_scopes)
    missing = [feature for feature in used if feature not in allowed]
    if used[0] in missing:
        raise NeedsSignIn(
            f"Microsoft was not allowed {_listed(missing)}; without {used[0]} there is nothing to watch, so nothing "
            f"was stored. Compare the permissions of the app registration with docs/outlook.md, then run: "
            f"calwatch auth {account.name}"
        )
    return missing


def _store(around: Surroundings, account: OutlookAccount, fresh: SignIn, identity: Identity) -> None:
    path = sign_in_file.path_of(around.state, account.name)
    try:
        around.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        with sign_in_file.locked(path):
            token_store.write(path, replace(fresh, email=identity.shown(account.email)))
    except OSError as error:
        raise Stop(f"the sign-in cannot be stored: {error.strerror} ({error.filename})") from error


def _without(account: OutlookAccount, feature: Feature) -> str:
    return f"{feature} was not allowed and will not work; to allow it, run again: calwatch auth {account.name}"


def _listed(missing: Sequence[Feature]) -> str:
    return " and ".join(", ".join(missing).rsplit(", ", 1))
