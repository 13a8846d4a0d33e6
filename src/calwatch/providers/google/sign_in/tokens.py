"""A fresh access token whenever one is needed, and the memory of a sign-in that Google no longer accepts.

The token file is the truth: it is looked at before every request (one ``stat``), so that signing in again heals a
running service, and what another process renewed is used instead of renewing it once more.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

from calwatch.errors import CalwatchError, NeedsSignIn, Retry, Stop
from calwatch.model.plain import one_line
from calwatch.ports import Clock
from calwatch.providers.google.options import GoogleAccount
from calwatch.providers.google.sign_in import client_file, token_file
from calwatch.providers.google.sign_in.identity import is_of_another
from calwatch.providers.google.sign_in.token_file import SignIn
from calwatch.providers.remote import sign_in_file
from calwatch.providers.remote.faults import Fault
from calwatch.providers.remote.token_answer import read_answer, seconds
from calwatch.providers.remote.wire import Wire

log = logging.getLogger(__name__)

EARLY = timedelta(seconds=225)  # as google-auth does: a token this near its end is not used any more
_USUAL_LIFE = 3599
_CLIENT_ERRORS = frozenset({"invalid_client", "deleted_client", "unauthorized_client"})


class Tokens:
    """The sign-in of one account, shared by all threads."""

    def __init__(self, account: GoogleAccount, state: Path, clock: Clock, wire: Wire) -> None:
        self._account = account
        self._path = sign_in_file.path_of(state, account.name)
        self._clock = clock
        self._wire = wire
        self._lock = threading.RLock()
        self._stamps: tuple[sign_in_file.Stamp | None, sign_in_file.Stamp | None] = (None, None)
        self._sign_in: SignIn | None = None
        self._client: client_file.Client | None = None
        self._dead: tuple[type[CalwatchError], str] | None = None
        self._distrusted = ""

    def access(self) -> str:
        """An access token that should be accepted. Raises NeedsSignIn, Stop, or Retry when it could not be renewed."""
        with self._lock:
            sign_in = self._current()
            if not self._usable(sign_in):
                sign_in = self._renewed(sign_in)
            return sign_in.token

    def distrust(self, access: str) -> None:
        """Google answered 401 to this one: the next is a new one."""
        with self._lock:
            self._distrusted = access

    def scopes(self) -> frozenset[str]:
        """What the person granted. Asks nobody."""
        with self._lock:
            return frozenset(self._current().granted_scopes)

    def _usable(self, sign_in: SignIn) -> bool:
        lasts = sign_in.expiry is not None and self._clock.now() + EARLY < sign_in.expiry
        return bool(sign_in.token) and sign_in.token != self._distrusted and lasts

    def _current(self) -> SignIn:
        """The sign-in as the file has it now. Raises what is known of it, without a request."""
        stamps = sign_in_file.stamp(self._path), sign_in_file.stamp(self._account.client_file)
        if stamps != self._stamps or self._sign_in is None:
            self._client = client_file.read(self._account.client_file)
            self._sign_in = token_file.read(self._path)
            self._stamps, self._dead = stamps, None
        name = self._account.name
        if self._sign_in is None:
            raise NeedsSignIn(f"account {name} is not signed in to Google; run: calwatch auth {name}")
        if self._client is None or self._sign_in.client_id != self._client.client_id:
            raise NeedsSignIn(
                f"account {name} was signed in with another client than {self._account.client_file} has; "
                f"run: calwatch auth {name}"
            )
        if is_of_another(self._account, self._sign_in.email):
            raise NeedsSignIn(
                f"account {name} was signed in as {self._sign_in.email}, and {self._account.email} is configured; "
                f"run: calwatch auth {name}"
            )
        if self._dead is not None:
            kind, text = self._dead
            raise kind(text)
        return self._sign_in

    def _renewed(self, sign_in: SignIn) -> SignIn:
        from google.auth.exceptions import RefreshError
        from google.oauth2.credentials import Credentials

        client = self._client
        if client is None:  # ``_current`` has read it
            raise Stop(f"there is no client file for account {self._account.name}")
        build: Callable[..., Any] = Credentials  # typed by halves
        credentials = build(
            token=None,
            refresh_token=sign_in.refresh_token,
            token_uri=client.token_uri,
            client_id=client.client_id,
            client_secret=client.client_secret,
        )
        asking = Asking(self._wire)
        with contextlib.suppress(RefreshError):  # its words hold the whole answer
            credentials.refresh(asking)
        if not credentials.token:
            self._refused(asking.answer)
        return self._kept(
            replace(
                sign_in,
                token=credentials.token,
                refresh_token=credentials.refresh_token or sign_in.refresh_token,
                expiry=self._clock.now() + timedelta(seconds=seconds(asking.answer, "expires_in") or _USUAL_LIFE),
                granted_scopes=asking.scopes or sign_in.granted_scopes,
                token_uri=client.token_uri,
            )
        )

    def _kept(self, fresh: SignIn) -> SignIn:
        """Writes what was renewed, unless the file changed meanwhile: then the file is right."""
        try:
            with sign_in_file.locked(self._path):
                if sign_in_file.stamp(self._path) == self._stamps[0]:
                    token_file.write(self._path, fresh)
                    self._stamps = (sign_in_file.stamp(self._path), self._stamps[1])
                    self._sign_in = fresh
        except OSError as error:
            log.warning("the renewed sign-in of account %s cannot be stored: %s", self._account.name, error.strerror)
            self._sign_in = fresh
        found = self._current()
        return found if self._usable(found) else fresh

    def _refused(self, answer: Mapping[str, Any]) -> NoReturn:
        """Says why Google does not renew the sign-in; what only a person can change is remembered."""
        name, file = self._account.name, self._account.client_file
        code = one_line(str(answer.get("error", "")), 80)
        said = one_line(str(answer.get("error_description") or code), 120)
        if code == "invalid_grant":
            why = "revoked, expired, or seven days old in a project that is still in testing"
            if answer.get("error_subtype"):
                why = "your organization wants you to sign in again"
            text = f"Google no longer accepts the sign-in of account {name} ({why}); run: calwatch auth {name}"
            self._dead = (NeedsSignIn, text)
            raise NeedsSignIn(text)
        if code in _CLIENT_ERRORS:
            text = (
                f"Google does not know the client in {file} ({code}: {said}); download it again from your Google "
                f"project, then run: calwatch auth {name}"
            )
            self._dead = (Stop, text)
            raise Stop(text)
        raise Stop(f"Google refused to renew the sign-in of account {name}: {said} ({code})")


@dataclass(slots=True)
class Asking:
    """google-auth's way to the token endpoint, through ours. What passes becomes Retry here and is not repeated there.

    google-auth sleeps between attempts of its own; ours are counted and paced by ``connection``.
    """

    wire: Wire
    answer: dict[str, Any] = field(default_factory=dict)

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        **_: object,
    ) -> Answered:
        try:
            reply = self.wire.send(method, url, headers=headers, body=body)
        except Fault as fault:
            raise Retry(f"the sign-in could not be renewed: {fault}") from fault
        found = read_answer(reply.status, reply.content)
        if found is None:
            raise Retry(f"the sign-in could not be renewed: Google's answer was no use (HTTP {reply.status})")
        self.answer = found
        return Answered(reply.status, reply.headers, reply.content)

    @property
    def scopes(self) -> tuple[str, ...]:
        return tuple(str(self.answer.get("scope", "")).split())


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer in google-auth's words."""

    status: int
    headers: Mapping[str, str]
    data: bytes
