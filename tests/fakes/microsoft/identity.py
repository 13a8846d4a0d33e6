"""The fake Microsoft's sign-in: device codes, the browser with PKCE, and everything it says no to."""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlsplit

from fakes.microsoft.grants import Code, Refused, as_json, challenge_of, led_back, page, short
from fakes.microsoft.sessions import CLIENT_ID, OWN, PERSONAL_TENANT, WORK_TENANT, Sessions
from fakes.wire import Reply

__all__ = ["CLIENT_ID", "DEVICE_GRANT", "PERSONAL_TENANT", "WORK_TENANT", "IdentityState"]

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
UNRESTRICTED = frozenset({"User.Read", "Mail.Send"})
"""What members of an organization may still consent to by themselves, since November 2025."""
_DEVICE_LIFE = timedelta(seconds=900)
_CODE_LIFE = timedelta(minutes=10)
_UNWELL = {429: (50196, "The request was throttled."), 503: (90033, "A transient error has occurred.")}

Told = Literal["pending", "slow_down", "expired", "declined"]


@dataclass
class IdentityState(Sessions):
    """One person's sign-in.

    Switches: ``declines`` is the person's no; ``types_codes`` off: the person does not type a device's code by
    themselves (``type_code``). ``told`` are the answers to the next polls of a device. ``refusing`` is what every
    renewal and sign-in meets, ``down`` how many answers are 503. ``interval`` is how often a device may ask. ``public``
    off: the registration does not allow public clients; ``audience``: whom it is for. ``device_blocked``: a rule
    forbids device codes. ``needs_admin``: only an administrator may allow mail and calendar, see ``admin_consents``.
    """

    clients: set[str] = field(default_factory=lambda: {CLIENT_ID})
    domains: set[str] = field(default_factory=lambda: {"contoso.example", "contoso.onmicrosoft.com"})
    audience: Literal["everybody", "personal", "organizations"] = "everybody"
    declines: bool = False
    types_codes: bool = True
    told: deque[Told] = field(default_factory=deque)
    refusing: Refused | None = None
    down: int = 0
    interval: int = 5
    public: bool = True
    device_blocked: bool = False
    needs_admin: bool = False
    admin_consents: bool = False
    codes: dict[str, Code] = field(default_factory=dict)
    devices: dict[str, Code] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)  # what each sign-in asked for
    polls: list[datetime] = field(default_factory=list)

    # -- the person's hands, and the administrator's -------------------------------------------------------------

    def refuse(self, error: str, number: int, words: str = "Refused.", suberror: str = "") -> None:
        """From now on every sign-in and renewal is refused like this; ``relent`` ends it."""
        self.refusing = Refused(error, number, words, suberror)

    def relent(self) -> None:
        self.refusing = None

    def type_code(self) -> None:
        """The person types the newest code and agrees."""
        list(self.devices.values())[-1].typed = True

    # -- endpoints -----------------------------------------------------------------------------------------------

    def configuration(self, tenant: str) -> Reply:
        return self._answered(lambda: self._configuration(tenant))

    def device_code(self, tenant: str, form: dict[str, str]) -> Reply:
        return self._answered(lambda: self._device_code(tenant, form))

    def token(self, tenant: str, form: dict[str, str]) -> Reply:
        return self._answered(lambda: self._token(tenant, form))

    def authorize(self, tenant: str, asked: dict[str, str]) -> Reply:
        """The page, where the person agrees at once; sends the browser back."""
        self.asked.append(asked)
        try:
            self._check_tenant(tenant)
            self._check_client(tenant, asked)
            _check_way_back(asked)
        except Refused as no:
            return page(400, f"Sorry, but we're having trouble signing you in. {no.said}")
        try:
            self._check_person(tenant, asked)
        except Refused as no:
            return led_back(asked, {"error": no.error, "error_description": self._described(no)})
        if self.declines:
            declined = Refused("access_denied", 65004, "User declined to consent to access the app.")
            return led_back(asked, {"error": declined.error, "error_description": self._described(declined)})
        code = f"M.C505_fake-code.{next(self._numbers)}"
        self.codes[code] = Code(
            asked["client_id"],
            asked.get("scope", ""),
            self.clock.now(),
            asked["redirect_uri"],
            asked["code_challenge"],
            asked.get("nonce", ""),
        )
        return led_back(asked, {"code": code})

    def admin_consent(self, tenant: str, asked: dict[str, str]) -> Reply:
        """An administrator agrees for everybody in the organization."""
        if self.kind != "work" or tenant == "consumers" or asked.get("client_id") not in self.clients:
            return page(400, "Sorry, but we're having trouble signing you in.")
        self.admin_consents = True
        return page(200, "You have granted admin consent.")

    def unwell(self, status: int, headers: Mapping[str, str]) -> Reply:
        """An answer that is nobody's fault."""
        number, words = _UNWELL.get(status, (90014, "The request is not understood."))
        error = "temporarily_unavailable" if status in _UNWELL else "invalid_request"
        reply = self._refused(Refused(error, number, words))
        return Reply(status, reply.body, {**reply.headers, **headers})

    # -- how it decides ------------------------------------------------------------------------------------------

    def _configuration(self, tenant: str) -> dict[str, Any]:
        """OpenID Connect Discovery 1.0, §4; the issuer of a meeting point names no tenant yet."""
        self._check_tenant(tenant)
        at = f"{self.base}/{tenant}"
        issuer = {"common": "{tenantid}", "organizations": "{tenantid}", "consumers": PERSONAL_TENANT}
        return {
            "issuer": f"{self.base}/{issuer.get(tenant, tenant)}/v2.0",
            "authorization_endpoint": f"{at}/oauth2/v2.0/authorize",
            "token_endpoint": f"{at}/oauth2/v2.0/token",
            "device_authorization_endpoint": f"{at}/oauth2/v2.0/devicecode",
            "jwks_uri": f"{at}/discovery/v2.0/keys",
        }

    def _device_code(self, tenant: str, form: dict[str, str]) -> dict[str, Any]:
        self._check_tenant(tenant)
        self._check_client(tenant, form)
        if self.refusing is not None:
            raise self.refusing
        self.asked.append(form)
        number = next(self._numbers)
        device, user = f"DEVICE-fake-{number}", f"C0DE{number:04}"
        self.devices[device] = Code(form["client_id"], form.get("scope", ""), self.clock.now(), user_code=user)
        where = "https://www.microsoft.com/link" if self.kind == "msa" else "https://microsoft.com/devicelogin"
        message = f"To sign in, use a web browser to open the page {where} and enter the code {user} to authenticate."
        return {
            "user_code": user,
            "device_code": device,
            "verification_uri": where,
            "expires_in": int(_DEVICE_LIFE.total_seconds()),
            "interval": self.interval,
            "message": message,
        }

    def _token(self, tenant: str, form: dict[str, str]) -> dict[str, Any]:
        self._check_tenant(tenant)
        self._check_client(tenant, form)
        match form.get("grant_type", ""):
            case "refresh_token":
                if self.refusing is not None:
                    raise self.refusing
                return self.renew(form)
            case "authorization_code":
                return self._exchange(form)
            case grant if grant == DEVICE_GRANT:
                return self._poll(tenant, form)
            case other:
                words = f"The app requested an unsupported grant type '{other}'."
                raise Refused("unsupported_grant_type", 70003, words)

    def _poll(self, tenant: str, form: dict[str, str]) -> dict[str, Any]:
        self.polls.append(self.clock.now())
        code = self.devices.get(form.get("device_code", ""))
        if code is None or code.used:
            raise Refused("bad_verification_code", 70020, "The provided value for 'device_code' is not valid.")
        if self.device_blocked:
            raise Refused("invalid_grant", 53003, "Access has been blocked by Conditional Access policies.")
        told = self.told.popleft() if self.told else None
        if told == "expired" or self.clock.now() - code.issued > _DEVICE_LIFE:
            raise Refused("expired_token", 70019, "The verification code expired.")
        if told == "declined" or self.declines:
            raise Refused("authorization_declined", 70018, "The user declined the authorization.")
        if told == "slow_down":
            raise Refused("slow_down", 70016, "Polling too fast.")
        if told == "pending" or not (code.typed or self.types_codes):
            words = "OAuth 2.0 device flow error. Authorization is pending. Continue polling."
            raise Refused("authorization_pending", 70016, words)
        self._check_public()
        self._check_person(tenant, {"scope": code.scope})
        code.used = True
        return self._first(code, form)

    def _exchange(self, form: dict[str, str]) -> dict[str, Any]:
        code = self.codes.get(form.get("code", ""))
        if code is None or code.used or self.clock.now() - code.issued > _CODE_LIFE:
            raise Refused("invalid_grant", 70008, "The provided authorization code or refresh token has expired.")
        code.used = True
        if code.redirect_uri != form.get("redirect_uri"):
            raise Refused("invalid_grant", 50011, "The redirect URI does not match.")
        if code.challenge != challenge_of(form.get("code_verifier", "")):
            raise Refused("invalid_grant", 501481, "The Code_Verifier does not match the code_challenge.")
        self._check_public()
        return self._first(code, form)

    def _first(self, code: Code, form: dict[str, str]) -> dict[str, Any]:
        """The tokens of a consent that was given just now, which includes every earlier one."""
        earlier = {scope for grant in self.grants.values() if grant.alive for scope in grant.scopes}
        grant = self.grants.pop(self.allow(frozenset(code.scope.split()) | earlier, code.client_id))
        return self.tokens(grant, form, code.scope, code.nonce)

    # -- what it says no to --------------------------------------------------------------------------------------

    def _check_tenant(self, tenant: str) -> None:
        known = {"common", "organizations", "consumers", PERSONAL_TENANT, WORK_TENANT, *self.domains}
        if tenant not in known:
            raise Refused("invalid_tenant", 90002, f"Tenant '{tenant}' not found.")

    def _check_client(self, tenant: str, form: dict[str, str]) -> None:
        if form.get("client_id") not in self.clients:
            raise Refused("unauthorized_client", 700016, "Application with identifier was not found in the directory.")
        if "client_secret" in form:
            raise Refused("invalid_client", 700025, "Client is public so neither secret should be presented.")
        personal = tenant in ("consumers", PERSONAL_TENANT)
        if self.audience == "personal" and not personal:
            words = "Application is configured for use by Microsoft Account users only. Use the /consumers endpoint."
            raise Refused("invalid_request", 9002331, words)
        if self.audience == "organizations" and (personal or tenant == "common"):
            raise Refused("invalid_request", 50194, "Application is not configured as a multi-tenant application.")

    def _check_public(self) -> None:
        if not self.public:
            words = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
            raise Refused("invalid_client", 7000218, words)

    def _check_person(self, tenant: str, asked: dict[str, str]) -> None:
        """Whether this person may sign in here, and to this."""
        if self.refusing is not None:
            raise self.refusing
        elsewhere = ("organizations",) if self.kind == "msa" else ("consumers", PERSONAL_TENANT)
        if tenant in elsewhere:
            raise Refused("invalid_grant", 50020, "User account from identity provider does not exist in tenant.")
        wanted = {short(scope) for scope in asked.get("scope", "").split()} - OWN
        if self.kind == "work" and self.needs_admin and not self.admin_consents and not wanted <= UNRESTRICTED:
            raise Refused("consent_required", 90094, "The grant requires administrator permission.")

    def _answered(self, act: Callable[[], dict[str, Any]]) -> Reply:
        if self.down:
            self.down -= 1
            return page(503, "Service Unavailable")
        try:
            return as_json(200, act())
        except Refused as no:
            return self._refused(no)

    def _refused(self, no: Refused) -> Reply:
        trace = uuid.UUID(int=next(self._numbers))
        found = {
            "error": no.error,
            "error_description": self._described(no),
            "error_codes": [no.number],
            "timestamp": f"{self.clock.now():%Y-%m-%d %H:%M:%SZ}",
            "trace_id": str(trace),
            "correlation_id": str(trace),
            "error_uri": f"{self.base}/error?code={no.number}",
        }
        return as_json(no.status, {**found, **({"suberror": no.suberror} if no.suberror else {})})

    def _described(self, no: Refused) -> str:
        stamp = f"{self.clock.now():%Y-%m-%d %H:%M:%SZ}"
        return f"{no.said} Trace ID: 0000 Correlation ID: 1111 Timestamp: {stamp}"


def _check_way_back(asked: dict[str, str]) -> None:
    where = urlsplit(asked.get("redirect_uri", ""))
    if where.scheme != "http" or where.hostname != "localhost" or where.path not in ("", "/"):
        raise Refused("invalid_request", 50011, "The redirect URI does not match the ones of the application.")
    if asked.get("response_type") != "code" or asked.get("response_mode", "query") not in ("query", "form_post"):
        raise Refused("invalid_request", 900144, "The request is malformed.")
    if asked.get("code_challenge_method") != "S256" or not asked.get("code_challenge"):
        raise Refused("invalid_request", 9002325, "Proof Key for Code Exchange is required.")
