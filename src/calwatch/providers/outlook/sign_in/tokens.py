"""A fresh access token whenever one is needed, and the memory of a sign-in that Microsoft no longer accepts.

The token file is the truth: it is looked at before every request (one ``stat``), so that signing in again heals a
running service. A refresh token is a new one after every renewal, so renewing is for one process at a time: it happens
under the file's lock, and the new one is stored before anything is done with the access token.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

from calwatch.errors import CalwatchError, NeedsSignIn, Stop
from calwatch.ports import Clock
from calwatch.providers.outlook.options import OutlookAccount
from calwatch.providers.outlook.sign_in import token_store
from calwatch.providers.outlook.sign_in.authority import Authority
from calwatch.providers.outlook.sign_in.refusals import Kind, refusal
from calwatch.providers.outlook.sign_in.token_store import SignIn
from calwatch.providers.remote import sign_in_file
from calwatch.providers.remote.token_answer import seconds
from calwatch.providers.remote.wire import Wire

log = logging.getLogger(__name__)

EARLY = timedelta(minutes=5)  # as msal does: a token this near its end is not used any more
USUAL_LIFE = 3599


class Tokens:
    """The sign-in of one account, shared by all threads."""

    def __init__(
        self,
        account: OutlookAccount,
        state: Path,
        clock: Clock,
        wire: Wire,
        *,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._account = account
        self._path = sign_in_file.path_of(state, account.name)
        self._clock = clock
        self._pause = pause
        self._authority = Authority(account, wire, clock)
        self._lock = threading.RLock()
        self._stamp: sign_in_file.Stamp | None = None
        self._sign_in: SignIn | None = None
        self._dead: tuple[type[CalwatchError], str] | None = None
        self._distrusted = self._claims = ""

    def access(self) -> str:
        """An access token that should be accepted. Raises NeedsSignIn, Stop, or Retry when it could not be renewed."""
        with self._lock:
            sign_in = self._current()
            if not self._usable(sign_in):
                sign_in = self._renewed()
            return sign_in.token

    def distrust(self, access: str, claims: str = "") -> None:
        """Graph answered 401 to this one: the next is a new one, which carries ``claims`` (JSON) if that asked so."""
        with self._lock:
            self._distrusted, self._claims = access, claims

    def scopes(self) -> frozenset[str]:
        """What the person granted. Asks nobody."""
        with self._lock:
            return frozenset(self._current().granted_scopes)

    def _usable(self, sign_in: SignIn) -> bool:
        lasts = sign_in.expiry is not None and self._clock.now() + EARLY < sign_in.expiry
        return bool(sign_in.token) and sign_in.token != self._distrusted and lasts

    def _current(self) -> SignIn:
        """The sign-in as the file has it now. Raises what is known of it, without a request."""
        stamp = sign_in_file.stamp(self._path)
        if stamp != self._stamp or self._sign_in is None:
            self._sign_in = token_store.read(self._path)
            self._stamp, self._dead = stamp, None
        if self._sign_in is None:
            name = self._account.name
            raise NeedsSignIn(f"account {name} is not signed in to Microsoft; run: calwatch auth {name}")
        mismatch = other_settings(self._account, self._sign_in)
        if mismatch:
            raise NeedsSignIn(f"account {self._account.name} was {mismatch}; run: calwatch auth {self._account.name}")
        if self._dead is not None:
            kind, text = self._dead
            raise kind(text)
        return self._sign_in

    def _renewed(self) -> SignIn:
        with self._held():
            sign_in = self._current()
            if self._usable(sign_in):  # another process was faster
                return sign_in
            answer = self._authority.renewed(sign_in.cache, sign_in.home_account_id, sign_in.scopes, self._claims)
            if answer is None or not answer.get("access_token"):
                self._refused(answer)
            return self._kept(renewal(sign_in, answer, self._authority.kept(), self._clock))

    def _kept(self, fresh: SignIn) -> SignIn:
        """Writes what was renewed, unless somebody signed in again meanwhile: then the file is right."""
        if sign_in_file.stamp(self._path) != self._stamp:
            found = self._current()
            if self._usable(found):
                return found
        try:
            token_store.write(self._path, fresh)
            self._stamp = sign_in_file.stamp(self._path)
        except OSError as error:
            log.warning("the renewed sign-in of account %s cannot be stored: %s", self._account.name, error.strerror)
        self._sign_in = fresh
        self._distrusted = self._claims = ""
        return fresh

    @contextlib.contextmanager
    def _held(self) -> Iterator[None]:
        """The file's lock; where none can be had (a disk that is read only), one goes on without."""
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(sign_in_file.locked(self._path, self._pause))
            except OSError as error:
                log.warning("the sign-in of account %s cannot be locked: %s", self._account.name, error.strerror)
            yield

    def _refused(self, answer: Mapping[str, Any] | None) -> NoReturn:
        """Says why Microsoft does not renew the sign-in; what only a person can change is remembered."""
        name = self._account.name
        again = f"calwatch auth {name}"
        if answer is None:
            self._dead = (NeedsSignIn, f"the sign-in of account {name} has no way to be renewed; run: {again}")
            raise NeedsSignIn(self._dead[1])
        refused = refusal(self._account, answer)
        if refused.kind is Kind.SIGN_IN:
            text = refused.sentence(f"Microsoft no longer accepts the sign-in of account {name}", again)
            self._dead = (NeedsSignIn, text)
            raise NeedsSignIn(text)
        text = refused.sentence(f"Microsoft refused to renew the sign-in of account {name}", again)
        if refused.kind is Kind.CONFIGURATION:
            self._dead = (Stop, text)
        raise Stop(text)


def other_settings(account: OutlookAccount, sign_in: SignIn) -> str:
    """How a sign-in differs from the account as it is configured now, as words after "was"; ``""`` if it does not."""
    if sign_in.client_id != account.client_id:
        return "signed in with another client_id than is configured"
    if sign_in.authority != account.authority:
        return f"signed in at {sign_in.authority or 'another authority'}, and {account.authority} is configured"
    if sign_in.tenant != account.tenant:
        return f'signed in with tenant "{sign_in.tenant}", and "{account.tenant}" is configured'
    if sign_in.email and account.email and sign_in.email.lower() != account.email.lower():
        return f"signed in as {sign_in.email}, and {account.email} is configured"
    return ""


def renewal(sign_in: SignIn, answer: Mapping[str, Any], cache: str, clock: Clock) -> SignIn:
    """``sign_in`` with the tokens of ``answer``."""
    life = min(seconds(answer, "expires_in") or USUAL_LIFE, 86_400)
    scopes = tuple(str(answer.get("scope", "")).split())
    return replace(
        sign_in,
        token=str(answer["access_token"]),
        expiry=clock.now() + timedelta(seconds=life),
        granted_scopes=scopes or sign_in.granted_scopes,
        cache=cache,
    )
