"""``calwatch auth`` for Google: consent in the browser (RFC 8252: loopback, PKCE), then a sign-in stored for good.

Nothing is stored before everything is known: who signed in, and what they allowed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

from calwatch.errors import ConfigError, NeedsSignIn, Retry, Stop
from calwatch.model.plain import one_line
from calwatch.providers.google.options import GoogleAccount
from calwatch.providers.google.scopes import Feature, features, granted, wanted
from calwatch.providers.google.sign_in import client_file, token_file
from calwatch.providers.google.sign_in.client_file import Client
from calwatch.providers.google.sign_in.identity import Identity, address_of, same_account
from calwatch.providers.google.sign_in.token_file import SignIn
from calwatch.providers.remote import sign_in_file
from calwatch.providers.remote.loopback import Loopback, Returned
from calwatch.providers.remote.token_answer import read_answer, seconds
from calwatch.providers.signing import SignedIn, Terminal

if TYPE_CHECKING:
    from calwatch.providers import Surroundings

_USUAL_LIFE = 3599
_TIMEOUT = 30.0


def sign_in(account: GoogleAccount, around: Surroundings, terminal: Terminal) -> SignedIn:
    """Leads the person through Google's consent and stores what comes of it, in place of any earlier sign-in.

    Raises ConfigError for a client that will not do, NeedsSignIn when the consent is not enough, Retry, Stop.
    """
    try:
        client = client_file.read(account.client_file)
    except Stop as wrong:
        raise ConfigError([str(wrong)]) from wrong
    fresh = _consent(account, around, client, terminal)
    allowed = granted(account, fresh.granted_scopes)
    used = features(account, around)
    missing = [feature for feature in used if feature not in allowed]
    if used[0] in missing:
        raise NeedsSignIn(
            f"Google was not allowed {_listed(missing)}; without {used[0]} there is nothing to watch, so nothing was "
            f"stored. Run it again and leave every box ticked: calwatch auth {account.name}"
        )
    identity = address_of(account, fresh.token, allowed, around.clock)
    if identity.address and not same_account(identity.address, account.email):
        raise NeedsSignIn(
            f"you signed in as {identity.address}, but account {account.name} is {account.email}; nothing was stored. "
            f"Choose the other account when Google asks, or correct the account's email"
        )
    _store(around, account, fresh, identity)
    remarks = [_without(account, feature) for feature in missing]
    if identity.doubt:
        remarks.append(f"whether this is {account.email} could not be checked: {identity.doubt}")
    return SignedIn(
        address=identity.address,
        granted=tuple(str(feature) for feature in used if feature in allowed),
        remarks=tuple(remarks),
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """One request for consent, and what is needed to finish it."""

    flow: Any
    address: str


def _consent(account: GoogleAccount, around: Surroundings, client: Client, terminal: Terminal) -> SignIn:
    scopes = wanted(account, around)
    with Loopback() as loopback:
        asked = _asked(account, client, scopes, loopback)
        returned = loopback.lead(asked.address, terminal)
    if returned.error:
        _denied(account, returned)
    answer = _exchanged(asked, client, returned.code, account)
    now = around.clock.now()
    if not answer.get("refresh_token"):
        raise NeedsSignIn(
            "Google gave access for an hour only; remove calwatch at https://myaccount.google.com/connections and run "
            f"it again: calwatch auth {account.name}"
        )
    return SignIn(
        refresh_token=str(answer["refresh_token"]),
        client_id=client.client_id,
        client_secret=client.client_secret,
        token_uri=client.token_uri,
        scopes=scopes,
        granted_scopes=_scopes(answer, scopes),
        token=str(answer["access_token"]),
        expiry=now + timedelta(seconds=seconds(answer, "expires_in") or _USUAL_LIFE),
        signed_in=now,
        ends=_end(now, seconds(answer, "refresh_token_expires_in")),
    )


def _asked(account: GoogleAccount, client: Client, scopes: tuple[str, ...], loopback: Loopback) -> _Asked:
    from google_auth_oauthlib.flow import Flow

    config = {
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        "auth_uri": client.auth_uri,
        "token_uri": client.token_uri,
    }
    flow = Flow.from_client_config({"installed": config}, scopes=list(scopes), redirect_uri=loopback.address)
    hint = {"login_hint": account.email} if account.email else {}
    with _oauthlib(client.auth_uri):
        address, _ = flow.authorization_url(access_type="offline", prompt="consent", state=loopback.state, **hint)
    return _Asked(flow, str(address))


def _denied(account: GoogleAccount, returned: Returned) -> NoReturn:
    again = f"calwatch auth {account.name}"
    if returned.error == "access_denied":
        raise NeedsSignIn(
            "Google did not give access: you cancelled, or the account is no test user of a project in testing. "
            f"Nothing was stored. Run it again: {again}"
        )
    raise NeedsSignIn(f"Google refused the sign-in ({one_line(returned.error, 80)}); nothing was stored. See {_HELP}")


_HELP = 'docs/google.md, "When something goes wrong"'


def _exchanged(asked: _Asked, client: Client, code: str, account: GoogleAccount) -> Mapping[str, Any]:
    """The answer to the code: tokens, and the scopes that were granted."""
    import requests
    from oauthlib.oauth2 import OAuth2Error

    from calwatch.providers.remote.wire import Bearer, ca_file, prepared_session

    asked.flow.oauth2session.register_compliance_hook("access_token_response", _believable)
    session = prepared_session(asked.flow.oauth2session)
    session.max_redirects = 0  # the secret goes to the address in the client file, and nowhere else
    session.trust_env = urlsplit(client.token_uri).scheme == "https"  # no proxy leads to this machine
    try:
        with _oauthlib(client.token_uri):
            answer: Mapping[str, Any] = asked.flow.fetch_token(
                code=code, timeout=_TIMEOUT, verify=ca_file() or True, include_client_id=True, auth=Bearer("")
            )
    except requests.RequestException as error:
        host = urlsplit(client.token_uri).hostname
        raise Retry(
            f"{host} could not be reached to finish the sign-in; run it again ({type(error).__name__})"
        ) from error
    except OAuth2Error as error:
        _not_exchanged(error, account)
    finally:
        session.close()
    return answer


def _believable(response: Any) -> Any:
    """What oauthlib may see: it takes odd answers apart until something breaks."""
    if read_answer(response.status_code, response.content) is None:
        raise Retry(f"Google's answer to the code was no use (HTTP {response.status_code}); run it again in a moment")
    return response


def _not_exchanged(error: Any, account: GoogleAccount) -> NoReturn:
    word = one_line(str(error.error or ""), 80)
    said = one_line(str(error.description or word), 120)
    if word == "invalid_grant":
        raise NeedsSignIn(
            f"Google no longer took the code ({said}): it was used before, or too old. "
            f"Run it again: calwatch auth {account.name}"
        ) from error
    if word in ("invalid_client", "unauthorized_client", "deleted_client"):
        unknown = f"Google does not know the client in {account.client_file} ({word}: {said})"
        raise ConfigError([f"{unknown}; download it again from your Google project"]) from error
    if word in ("missing_token", "server_error", "temporarily_unavailable", ""):
        raise Retry("Google's answer to the code was no use; run it again in a moment") from error
    raise NeedsSignIn(f"Google refused the sign-in: {said} ({word}). See {_HELP}") from error


@contextmanager
def _oauthlib(endpoint: str) -> Iterator[None]:
    """oauthlib takes its two leniencies from the environment only.

    A consent with fewer scopes than asked for is no error here, but compared afterwards; and an endpoint without TLS is
    one on this machine (``client_file`` let no other through).
    """
    lenient = {"OAUTHLIB_RELAX_TOKEN_SCOPE": "1"}
    if urlsplit(endpoint).scheme == "http":
        lenient["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
    before = {name: os.environ.get(name) for name in lenient}
    os.environ.update(lenient)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _store(around: Surroundings, account: GoogleAccount, fresh: SignIn, identity: Identity) -> None:
    from dataclasses import replace

    path = sign_in_file.path_of(around.state, account.name)
    try:
        around.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        with sign_in_file.locked(path):
            token_file.write(path, replace(fresh, email=identity.address))
    except OSError as error:
        raise Stop(f"the sign-in cannot be stored: {error.strerror} ({error.filename})") from error


def _without(account: GoogleAccount, feature: Feature) -> str:
    return f"{feature} was not allowed and will not work; to allow it, run again: calwatch auth {account.name}"


def _listed(missing: list[Feature]) -> str:
    return " and ".join(", ".join(missing).rsplit(", ", 1))


def _scopes(answer: Mapping[str, Any], asked: tuple[str, ...]) -> tuple[str, ...]:
    said = answer.get("scope")
    words = said.split() if isinstance(said, str) else said
    return tuple(str(word) for word in words) if isinstance(words, list | tuple) else asked


def _end(now: datetime, life: int | None) -> datetime | None:
    return now + timedelta(seconds=life) if life else None
