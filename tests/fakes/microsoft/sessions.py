"""Who has signed in at the fake Microsoft: consent, refresh tokens, access tokens, and what says whose they are."""

from __future__ import annotations

import hashlib
import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from calwatch.ports import Clock
from fakes.microsoft.grants import Grant, Refused, encoded, short

CLIENT_ID = "11111111-2222-3333-4444-555555555555"
PERSONAL_TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"
WORK_TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"
OWN = frozenset({"openid", "profile", "offline_access"})
IDLE = timedelta(days=90)


@dataclass
class Sessions:
    """Those of one person. ``kind`` is what their account is, ``address`` another one they sign in with.

    ``unallowed`` permissions are left out of what is granted. ``rotates``: a refresh token is good once.
    ``long_scopes``: permissions are told with an address before.
    """

    clock: Clock
    owner: str
    kind: Literal["msa", "work"] = "msa"
    address: str = ""
    unallowed: frozenset[str] = frozenset()
    rotates: bool = True
    long_scopes: bool = False
    access_life: int = 3599
    base: str = ""
    grants: dict[str, Grant] = field(default_factory=dict)  # by refresh token
    access: dict[str, tuple[Grant, frozenset[str], datetime]] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def tenant(self) -> str:
        return PERSONAL_TENANT if self.kind == "msa" else WORK_TENANT

    @property
    def username(self) -> str:
        return self.address or self.owner

    @property
    def uid(self) -> str:
        digest = hashlib.sha256(self.username.encode()).hexdigest()
        return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}"

    @property
    def home_account_id(self) -> str:
        return f"{self.uid}.{self.tenant}"

    # -- hands ---------------------------------------------------------------------------------------------------

    def revoke(self) -> None:
        """The password was changed: everything allowed so far is over."""
        for grant in self.grants.values():
            grant.alive = False

    def revoke_refresh(self) -> None:
        """An administrator ends all sessions: access tokens live on until they expire."""
        self.grants.clear()

    def expire_access(self) -> None:
        """Access tokens given out so far are no longer accepted."""
        self.access.clear()

    def allow(self, scopes: frozenset[str], client_id: str = CLIENT_ID) -> str:
        """Consent without a browser; gives the refresh token."""
        granted = {scope for scope in scopes if short(scope) not in self.unallowed} - OWN
        return self.new_refresh(Grant(client_id, frozenset(granted), self.username, self.clock.now()))

    # -- what Graph asks -----------------------------------------------------------------------------------------

    def scopes_of(self, access_token: str) -> frozenset[str] | None:
        """The permissions of a live access token, ``None`` for any other."""
        grant, scopes, expires = self.access.get(access_token, (None, frozenset(), None))
        if grant is None or expires is None or self.clock.now() >= expires or not grant.alive:
            return None
        return scopes

    def names_of(self, access_token: str) -> dict[str, str]:
        """What ``/me`` says of whoever signed in, where that is not the owner of the mailbox."""
        username = self.access[access_token][0].username
        return {} if username == self.owner else {"mail": username, "userPrincipalName": username}

    # -- tokens --------------------------------------------------------------------------------------------------

    def new_refresh(self, grant: Grant) -> str:
        token = f"M.C5_fake-refresh.{next(self._numbers)}"
        self.grants[token] = grant
        return token

    def issue_access(self, grant: Grant) -> str:
        """Nothing can be read in it, and nothing ought to be."""
        token = f"EwB4fake.{next(self._numbers)}"
        scopes = frozenset(short(scope) for scope in grant.scopes)
        self.access[token] = (grant, scopes, self.clock.now() + timedelta(seconds=self.access_life))
        return token

    def renew(self, form: dict[str, str]) -> dict[str, Any]:
        """The answer to a refresh token; it is another one from then on."""
        token, now = form.get("refresh_token", ""), self.clock.now()
        grant = self.grants.get(token)
        if grant is None or not grant.alive or grant.client_id != form["client_id"]:
            words = "The provided grant has expired due to it being revoked."
            raise Refused("invalid_grant", 50173, words, "bad_token")
        if now - grant.used > IDLE:
            raise Refused("invalid_grant", 700082, "The refresh token has expired due to inactivity.", "bad_token")
        wanted = {short(scope) for scope in form.get("scope", "").split()} - OWN
        if not wanted <= {short(scope) for scope in grant.scopes}:
            words = "The user or administrator has not consented to use the application."
            raise Refused("invalid_grant", 65001, words, "consent_required")
        grant.used = now
        if self.rotates:
            del self.grants[token]
        return self.tokens(grant, form)

    def tokens(self, grant: Grant, form: dict[str, str], scope: str = "", nonce: str = "") -> dict[str, Any]:
        """All that was consented to is in the token; a refresh token only comes when it was asked for, and so on."""
        asked = (scope or form.get("scope", "")).split()
        answer: dict[str, Any] = {
            "token_type": "Bearer",
            "scope": " ".join(sorted({self._told(one) for one in grant.scopes} | {"openid", "profile"})),
            "expires_in": self.access_life,
            "ext_expires_in": self.access_life,
            "access_token": self.issue_access(grant),
        }
        if "offline_access" in asked:
            answer["refresh_token"] = self.new_refresh(grant)
        if "openid" in asked:
            answer["id_token"] = self.id_token(grant.client_id, nonce)
        if form.get("client_info") == "1":
            answer["client_info"] = encoded({"uid": self.uid, "utid": self.tenant})
        return answer

    def id_token(self, client_id: str, nonce: str = "") -> str:
        now = int(time.time())  # what this says of time is for msal, which has no other clock
        claims = {
            "ver": "2.0",
            "iss": f"{self.base}/{self.tenant}/v2.0",
            "aud": client_id,
            "sub": f"sub-{self.uid}",
            "oid": self.uid,
            "tid": self.tenant,
            "preferred_username": self.username,
            "name": "Alex Rivera",
            "iat": now,
            "exp": now + 3600,
        }
        return f"{encoded({'alg': 'none', 'typ': 'JWT'})}.{encoded({**claims, **({'nonce': nonce} if nonce else {})})}."

    def _told(self, scope: str) -> str:
        return f"https://graph.microsoft.com/{short(scope)}" if self.long_scopes else scope
