"""The fake Microsoft's sign-in: device codes, the browser with PKCE, refresh tokens that change with every use."""

from __future__ import annotations

import hashlib
import itertools
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlsplit

from calwatch.ports import Clock
from fakes.microsoft.grants import Code, Grant, Refused, as_json, challenge_of, encoded, led_back, short
from fakes.wire import Reply

CLIENT_ID = "11111111-2222-3333-4444-555555555555"
PERSONAL_TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"
WORK_TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_OWN = frozenset({"openid", "profile", "offline_access"})
_CODE_LIFE = timedelta(minutes=10)
_PENDING = (70016, "OAuth 2.0 device flow error. Authorization is pending. Continue polling.")

Told = Literal["pending", "slow_down", "expired", "declined"]


@dataclass
class IdentityState:
    """One person's sign-in. ``kind`` is what their account is.

    Switches: ``unallowed`` permissions are left out of what is granted; ``declines`` is the person's no;
    ``types_codes`` off: the person does not type a device's code by themselves (``type_code``). ``told`` are the
    answers to the next polls of a device. ``refusing`` is what every renewal and sign-in meets, ``down`` how many
    answers are 503. ``interval`` is how often a device may ask. ``rotates``: a refresh token is good once. ``public``
    off: the registration does not allow public clients. ``address`` is another account the person signs in with.
    """

    clock: Clock
    owner: str
    kind: Literal["msa", "work"] = "msa"
    clients: set[str] = field(default_factory=lambda: {CLIENT_ID})
    unallowed: frozenset[str] = frozenset()
    declines: bool = False
    types_codes: bool = True
    told: deque[Told] = field(default_factory=deque)
    refusing: Refused | None = None
    down: int = 0
    interval: int = 5
    rotates: bool = True
    public: bool = True
    device_blocked: bool = False
    address: str = ""
    access_life: int = 3599
    base: str = ""
    grants: dict[str, Grant] = field(default_factory=dict)  # by refresh token
    access: dict[str, tuple[Grant, frozenset[str], datetime]] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    devices: dict[str, Code] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)  # what each sign-in asked for
    polls: list[datetime] = field(default_factory=list)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    @property
    def tenant(self) -> str:
        return PERSONAL_TENANT if self.kind == "msa" else WORK_TENANT

    @property
    def home_account_id(self) -> str:
        return f"{self.uid}.{self.tenant}"

    @property
    def uid(self) -> str:
        digest = hashlib.sha256((self.address or self.owner).encode()).hexdigest()
        return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}"

    # -- the person's hands, and the administrator's ------------------------------------------------------------------

    def revoke(self) -> None:
        """The password was changed: everything allowed so far is over."""
        for grant in self.grants.values():
            grant.alive = False

    def expire_access(self) -> None:
        """Access tokens given out so far are no longer accepted."""
        self.access.clear()

    def refuse(self, error: str, number: int, words: str = "Refused.", suberror: str = "") -> None:
        """From now on every sign-in and renewal is refused like this; ``relent`` ends it."""
        self.refusing = Refused(error, number, words, suberror)

    def relent(self) -> None:
        self.refusing = None

    def type_code(self) -> None:
        """The person types the newest code and agrees."""
        list(self.devices.values())[-1].typed = True

    def allow(self, scopes: frozenset[str], client_id: str = CLIENT_ID) -> str:
        """Consent without a browser; gives the refresh token."""
        token = f"M.C5_fake-refresh.{next(self._numbers)}"
        self.grants[token] = Grant(client_id, scopes)
        return token

    # -- what Graph asks ----------------------------------------------------------------------------------------------

    def scopes_of(self, access_token: str) -> frozenset[str] | None:
        """The permissions of a live access token, ``None`` for any other."""
        grant, scopes, expires = self.access.get(access_token, (None, frozenset(), None))
        if grant is None or expires is None or self.clock.now() >= expires or not grant.alive:
            return None
        return scopes

    # -- endpoints ----------------------------------------------------------------------------------------------------

    def configuration(self, tenant: str) -> Reply:
        """OpenID Connect Discovery 1.0, §4."""
        at = f"{self.base}/{tenant}"
        return as_json(
            200,
            {
                "issuer": f"{self.base}/{'{tenantid}' if tenant == 'common' else tenant}/v2.0",
                "authorization_endpoint": f"{at}/oauth2/v2.0/authorize",
                "token_endpoint": f"{at}/oauth2/v2.0/token",
                "device_authorization_endpoint": f"{at}/oauth2/v2.0/devicecode",
                "jwks_uri": f"{at}/discovery/v2.0/keys",
            },
        )

    def device_code(self, form: dict[str, str]) -> Reply:
        return self._answered(lambda: self._device_code(form))

    def token(self, form: dict[str, str]) -> Reply:
        return self._answered(lambda: self._token(form))

    def authorize(self, asked: dict[str, str]) -> Reply:
        """The page, where the person agrees at once; sends the browser back."""
        self.asked.append(asked)
        where = urlsplit(asked.get("redirect_uri", ""))
        known = asked.get("client_id") in self.clients and asked.get("response_type") == "code"
        if not known or where.scheme != "http" or where.hostname != "localhost" or where.path not in ("", "/"):
            words = b"<html><h1>AADSTS50011</h1>The redirect URI does not match the ones of the application.</html>"
            return Reply(400, words, {"Content-Type": "text/html"})
        if self.refusing is not None:
            return led_back(asked, {"error": self.refusing.error, "error_description": self._said(self.refusing)})
        if self.declines:
            return led_back(
                asked, {"error": "access_denied", "error_description": "AADSTS65004: User declined to consent."}
            )
        code = f"M.C505_fake-code.{next(self._numbers)}"
        self.codes[code] = Code(
            asked["client_id"],
            self._granted(asked.get("scope", "")),
            self.clock.now(),
            asked["redirect_uri"],
            asked.get("code_challenge", "") if asked.get("code_challenge_method") == "S256" else "",
            asked.get("nonce", ""),
        )
        return led_back(asked, {"code": code})

    # -- how it decides -----------------------------------------------------------------------------------------------

    def _device_code(self, form: dict[str, str]) -> dict[str, Any]:
        self._check_client(form)
        if self.refusing is not None:
            raise self.refusing
        self.asked.append(form)
        number = next(self._numbers)
        device, user = f"DEVICE-fake-{number}", f"C0DE{number:04}"
        self.devices[device] = Code(
            form["client_id"], self._granted(form.get("scope", "")), self.clock.now(), user_code=user
        )
        page = "https://www.microsoft.com/link" if self.kind == "msa" else "https://microsoft.com/devicelogin"
        message = f"To sign in, use a web browser to open the page {page} and enter the code {user} to authenticate."
        return {
            "user_code": user,
            "device_code": device,
            "verification_uri": page,
            "expires_in": 900,
            "interval": self.interval,
            "message": message,
        }

    def _token(self, form: dict[str, str]) -> dict[str, Any]:
        self._check_client(form)
        match form.get("grant_type", ""):
            case "refresh_token":
                return self._refresh(form)
            case "authorization_code":
                return self._exchange(form)
            case grant if grant == DEVICE_GRANT:
                return self._poll(form)
            case other:
                raise Refused(
                    "unsupported_grant_type", 70003, f"The app requested an unsupported grant type '{other}'."
                )

    def _check_client(self, form: dict[str, str]) -> None:
        if form.get("client_id") not in self.clients:
            raise Refused("unauthorized_client", 700016, "Application with identifier was not found in the directory.")
        if "client_secret" in form:
            raise Refused("invalid_client", 700025, "Client is public so neither secret should be presented.")

    def _poll(self, form: dict[str, str]) -> dict[str, Any]:
        self.polls.append(self.clock.now())
        code = self.devices.get(form.get("device_code", ""))
        if code is None or code.used:
            raise Refused("bad_verification_code", 70020, "The provided value for 'device_code' is not valid.")
        if self.device_blocked:
            words = "Access has been blocked by Conditional Access policies."
            raise Refused("invalid_grant", 53003, words)
        told = self.told.popleft() if self.told else None
        if told == "expired" or (self.clock.now() - code.issued).total_seconds() > 900:
            raise Refused("expired_token", 70019, "The verification code expired.")
        if told == "declined" or self.declines:
            raise Refused("authorization_declined", 70018, "The user declined the authorization.")
        if told == "slow_down":
            raise Refused("slow_down", 70016, "Polling too fast.")
        if told == "pending" or not (code.typed or self.types_codes):
            raise Refused("authorization_pending", *_PENDING)
        if not self.public:
            words = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
            raise Refused("invalid_client", 7000218, words)
        if self.refusing is not None:
            raise self.refusing
        code.used = True
        return self._tokens(self.allow(code.scopes, code.client_id), "")

    def _exchange(self, form: dict[str, str]) -> dict[str, Any]:
        code = self.codes.get(form.get("code", ""))
        if code is None or code.used or self.clock.now() - code.issued > _CODE_LIFE:
            raise Refused("invalid_grant", 70008, "The provided authorization code or refresh token has expired.")
        code.used = True
        if code.redirect_uri != form.get("redirect_uri"):
            raise Refused("invalid_grant", 50011, "The redirect URI does not match.")
        if not code.challenge or code.challenge != challenge_of(form.get("code_verifier", "")):
            raise Refused("invalid_grant", 501481, "The Code_Verifier does not match the code_challenge.")
        if not self.public:
            words = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
            raise Refused("invalid_client", 7000218, words)
        return self._tokens(self.allow(code.scopes, code.client_id), code.nonce)

    def _refresh(self, form: dict[str, str]) -> dict[str, Any]:
        if self.refusing is not None:
            raise self.refusing
        old = form.get("refresh_token", "")
        grant = self.grants.get(old)
        if grant is None or not grant.alive or grant.client_id != form["client_id"]:
            raise Refused(
                "invalid_grant", 50173, "The provided grant has expired due to it being revoked.", "bad_token"
            )
        asked = frozenset(form.get("scope", "").split()) - _OWN
        if not {short(scope) for scope in asked} <= {short(scope) for scope in grant.scopes}:
            words = "The user or administrator has not consented to use the application."
            raise Refused("invalid_grant", 65001, words, "consent_required")
        if self.rotates:
            del self.grants[old]
            old = f"M.C5_fake-refresh.{next(self._numbers)}"
            self.grants[old] = grant
        return self._tokens(old, "")

    def _granted(self, asked: str) -> frozenset[str]:
        return frozenset(scope for scope in asked.split() if short(scope) not in self.unallowed and scope not in _OWN)

    def _tokens(self, refresh_token: str, nonce: str) -> dict[str, Any]:
        grant = self.grants[refresh_token]
        return {
            "token_type": "Bearer",
            "scope": " ".join(sorted(grant.scopes)),
            "expires_in": self.access_life,
            "ext_expires_in": self.access_life,
            "access_token": self.issue_access(grant),
            "refresh_token": refresh_token,
            "id_token": self.id_token(grant.client_id, nonce),
            "client_info": encoded({"uid": self.uid, "utid": self.tenant}),
        }

    def issue_access(self, grant: Grant) -> str:
        token = f"EwB4fake.{next(self._numbers)}"
        scopes = frozenset(short(scope) for scope in grant.scopes)
        self.access[token] = (grant, scopes, self.clock.now() + timedelta(seconds=self.access_life))
        return token

    def id_token(self, client_id: str, nonce: str = "") -> str:
        now = int(time.time())  # what this says of time is for msal, which has no other clock
        claims = {
            "iss": f"{self.base}/{self.tenant}/v2.0",
            "aud": client_id,
            "sub": f"sub-{self.uid}",
            "oid": self.uid,
            "tid": self.tenant,
            "preferred_username": self.address or self.owner,
            "name": "Alex Rivera",
            "iat": now,
            "exp": now + 3600,
        }
        return f"{encoded({'alg': 'none', 'typ': 'JWT'})}.{encoded({**claims, **({'nonce': nonce} if nonce else {})})}."

    def _answered(self, act: Any) -> Reply:
        if self.down:
            self.down -= 1
            return Reply(503, b"<html>Service Unavailable</html>", {"Content-Type": "text/html"})
        try:
            return as_json(200, act())
        except Refused as no:
            more = {"suberror": no.suberror} if no.suberror else {}
            number = next(self._numbers)
            trace = {"trace_id": f"trace-{number}", "correlation_id": f"correlation-{number}"}
            said = {"error": no.error, "error_description": self._said(no), "error_codes": [no.number]}
            return as_json(no.status, {**said, **trace, **more, "timestamp": f"{self.clock.now():%Y-%m-%d %H:%M:%SZ}"})

    def _said(self, no: Refused) -> str:
        stamp = f"{self.clock.now():%Y-%m-%d %H:%M:%SZ}"
        return f"AADSTS{no.number}: {no.words} Trace ID: 0000 Correlation ID: 1111 Timestamp: {stamp}"
