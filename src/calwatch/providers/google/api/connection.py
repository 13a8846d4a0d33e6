"""The only way to Google: one account's sign-in, its pace, and its HTTP.

Reading repeats itself through what passes; writing is one attempt, and says whether it is certain that nothing
happened. Both speak calwatch's errors; what Google refuses for good is a ``Refusal`` that callers translate.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from calwatch.errors import Doubt, NeedsSignIn, Retry
from calwatch.ports import Clock
from calwatch.providers.google.api import pace
from calwatch.providers.google.api.answers import fault_of, unreadable
from calwatch.providers.google.api.collections import Collections
from calwatch.providers.google.options import GoogleAccount
from calwatch.providers.google.scopes import Feature, granted
from calwatch.providers.google.sign_in.tokens import Tokens
from calwatch.providers.remote.faults import Fault, Reaction, Refusal
from calwatch.providers.remote.pace import LONGEST_SHUT, Gate, Pace
from calwatch.providers.remote.wire import Counters, Wire

if TYPE_CHECKING:
    from calwatch.providers import Surroundings

ATTEMPTS = 4
_TOKENS_TRIED = 3


class Connection:
    """One account's way to Google. Threads may share it."""

    def __init__(
        self,
        account: GoogleAccount,
        around: Surroundings,
        *,
        pause: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._account = account
        self._clock = around.clock
        self._pause = pause
        self._chance = chance
        self.counters = Counters()
        self._wire = Wire(around.clock, self.counters)
        self._tokens = Tokens(account, around.state, around.clock, self._wire)
        self._calendar = _Api("Google Calendar", pace.CALENDAR_REQUESTS_PER_MINUTE, around, chance)
        self._gmail = _Api("Gmail", pace.GMAIL_UNITS_PER_MINUTE, around, chance)
        self._lock = threading.Lock()
        self._refused_tokens = 0

    @property
    def calendar(self) -> Any:
        """Google Calendar as googleapiclient's resource; its requests are for ``read`` and ``write``."""
        return self._built(self._calendar, "calendar", "v3", f"{self._account.api_root}/calendar/v3/")

    @property
    def gmail(self) -> Any:
        """Gmail, likewise."""
        return self._built(self._gmail, "gmail", "v1", f"{self._account.gmail_root}/")

    def read(self, request: Any) -> Any:
        """The answer to a request that changes nothing. Raises NeedsSignIn, Retry, Refusal."""
        api = self._api(request)
        tokens = attempts = 0
        while True:
            api.gate.enter()  # each time: another thread may have been told to wait meanwhile
            try:
                answer = self._attempt(api, request, fresh=False)
            except Retry as passing:  # the token could not be renewed
                fault = Fault(Reaction.BROKEN, str(passing))
            except Fault as found:
                fault = found
            else:
                api.gate.succeeded()
                return answer
            if fault.reaction is Reaction.UNAUTHORIZED:
                tokens += 1
                if tokens == _TOKENS_TRIED:
                    raise self._unauthorized() from fault
                continue
            self._stop_if_lasting(api, fault)
            attempts += 1
            wait = 2.0 ** (attempts - 1) * (0.5 + self._chance())
            if fault.wait is not None and fault.wait > wait:
                raise self._shut(api, fault.wait, fault) from fault
            if attempts == ATTEMPTS:
                api.gate.failed()
                raise Retry(f"{api.name}: {fault}") from fault
            self._pause(wait)

    def write(self, request: Any, *, look: Callable[[], object] | None = None) -> Any:
        """One attempt of something that changes, on a connection of its own.

        ``look`` comes right before it, after all waiting for its turn; what it raises keeps it from being sent.
        Raises Retry when it is certain that nothing happened, Doubt when that is unknown, NeedsSignIn, Refusal.
        """
        api = self._api(request)
        api.gate.enter()
        try:
            return self._attempt(api, request, fresh=True, look=look)
        except Fault as fault:
            if fault.reaction is Reaction.UNAUTHORIZED:
                with self._lock:
                    self._refused_tokens += 1
                    again = self._refused_tokens < _TOKENS_TRIED
                if again:
                    raise Retry(f"{api.name} wants the sign-in renewed first", after=0.0) from fault
                raise self._unauthorized() from fault
            self._stop_if_lasting(api, fault)
            if fault.reaction is Reaction.BUSY:
                raise self._shut(api, fault.wait or 1.0 + self._chance(), fault) from fault
            if not fault.begun:
                raise Retry(f"{api.name}: {fault}") from fault
            raise Doubt(f"{api.name}: {fault}; whether it was done is unknown") from fault

    def require(self, feature: Feature) -> None:
        """Raises NeedsSignIn when the person's consent does not cover ``feature``. Asks nobody."""
        if feature not in granted(self._account, self._tokens.scopes()):
            raise self._ungranted(str(feature))

    def _attempt(self, api: _Api, request: Any, *, fresh: bool, look: Callable[[], object] | None = None) -> Any:
        """One request. Raises Fault, and Retry, NeedsSignIn or Stop when there is no token to send it with."""
        self._tokens.access()  # without one there is nothing to wait for
        wait = api.pace.take(pace.units(request.methodId))
        if wait > 0:
            self._pause(wait)
        if look is not None:
            look()
        token = self._tokens.access()
        with self._lock:
            self.counters.requests[request.methodId] += 1
        carrier = _Carrier(self._wire, token, self._clock, fresh=fresh)
        try:
            answer = request.execute(http=carrier, num_retries=0)
        except Fault as fault:
            if fault.reaction is Reaction.UNAUTHORIZED:
                self._tokens.distrust(token)
            raise
        except (ValueError, RecursionError):
            raise unreadable(carrier.status) from None
        if not isinstance(answer, dict) and carrier.status != 204:
            raise unreadable(carrier.status)
        with self._lock:
            self._refused_tokens = 0
        return answer

    def _stop_if_lasting(self, api: _Api, fault: Fault) -> None:
        """Raises for what repeating does not mend."""
        if fault.reaction is Reaction.REFUSED:
            raise Refusal(f"{api.name}: {fault}", status=fault.status, reason=fault.reason) from fault
        if fault.reaction is Reaction.UNGRANTED:
            raise self._ungranted(f"what calwatch just tried in {api.name}") from fault
        if fault.reaction is Reaction.SPENT:
            api.gate.shut(pace.SPENT_SHUT)
            raise Retry(f"{api.name}: {fault}; it is left alone for an hour", after=pace.SPENT_SHUT) from fault

    def _shut(self, api: _Api, seconds: float, fault: Fault) -> Retry:
        seconds = min(seconds, LONGEST_SHUT)
        api.gate.shut(seconds)
        return Retry(f"{api.name}: {fault}", after=seconds)

    def _unauthorized(self) -> NeedsSignIn:
        name = self._account.name
        return NeedsSignIn(f"Google does not accept the sign-in of account {name}; run: calwatch auth {name}")

    def _ungranted(self, what: str) -> NeedsSignIn:
        name = self._account.name
        return NeedsSignIn(
            f"the sign-in of account {name} does not cover {what}; run: calwatch auth {name} and leave every box ticked"
        )

    def _api(self, request: Any) -> _Api:
        return self._gmail if str(request.methodId).startswith("gmail.") else self._calendar

    def _built(self, api: _Api, name: str, version: str, endpoint: str) -> Any:
        with self._lock:
            if api.resource is None:
                from googleapiclient.discovery import build

                resource = build(
                    name,
                    version,
                    http=_Carrier(self._wire, "", self._clock, fresh=False),
                    client_options={"api_endpoint": endpoint, "universe_domain": "googleapis.com"},
                    static_discovery=True,
                    cache_discovery=False,
                )
                api.resource = Collections(resource)
            return api.resource


class _Api:
    """One of the two APIs, with its own pace and its own gate."""

    def __init__(self, name: str, per_minute: int, around: Surroundings, chance: Callable[[], float]) -> None:
        self.name = name
        self.pace = Pace(per_minute, around.clock)
        self.gate = Gate(name, around.clock, around.viewer_zone, chance)
        self.resource: Any = None


class _Carrier:
    """What googleapiclient takes for ``httplib2.Http``: carries one attempt over our wire.

    Answers that are no success do not reach the library: its own errors break on some, and name the whole address.
    """

    def __init__(self, wire: Wire, token: str, clock: Clock, *, fresh: bool) -> None:
        self._wire = wire
        self._token = token
        self._clock = clock
        self._fresh = fresh
        self.status = 0

    def request(
        self,
        uri: str,
        method: str = "GET",
        body: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        **_: object,
    ) -> tuple[Any, bytes]:
        import httplib2

        data = body.encode() if isinstance(body, str) else body
        kept = {
            name: value
            for name, value in (headers or {}).items()
            if name.lower() not in ("content-length", "user-agent")
        }
        reply = self._wire.send(method, uri, headers=kept, body=data, bearer=self._token, fresh=self._fresh)
        self.status = reply.status
        if reply.status >= 300:
            raise fault_of(reply.status, reply.headers, reply.content, self._clock.now())
        return httplib2.Response({**reply.headers, "status": str(reply.status)}), reply.content
