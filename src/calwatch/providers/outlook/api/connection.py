"""The only way to Microsoft Graph: one account's sign-in, its pace, and its HTTP.

Reading repeats itself through what passes; writing is one attempt, and says whether it is certain that nothing
happened. Both speak calwatch's errors; what Graph refuses for good is a ``Refusal`` that callers translate.
"""

from __future__ import annotations

import json
import random
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from calwatch.errors import Doubt, NeedsSignIn, Retry, Stop
from calwatch.providers.outlook.api.answers import NO_MAILBOX, claims_of, content_of, fault_of, unreadable
from calwatch.providers.outlook.api.paths import address, belongs, feature_of, literal, segment, template
from calwatch.providers.outlook.api.turns import Turns
from calwatch.providers.outlook.options import OutlookAccount
from calwatch.providers.outlook.scopes import Feature, granted
from calwatch.providers.outlook.sign_in.tokens import Tokens
from calwatch.providers.remote.faults import Fault, Reaction, Refusal
from calwatch.providers.remote.pace import LONGEST_SHUT, Gate, Pace
from calwatch.providers.remote.wire import Counters, Wire

if TYPE_CHECKING:
    from calwatch.providers import Surroundings

__all__ = ["Connection", "literal", "segment"]

ATTEMPTS = 4
REQUESTS_PER_MINUTE = 800  # Outlook allows 10,000 in ten minutes; see ``Pace``
MOST_PAGES = 2000
_TOKENS_TRIED = 2
_NAME = "Microsoft Graph"
_PREFER = ('IdType="ImmutableId"', 'outlook.timezone="UTC"')
_PAGE_SIZE = "odata.maxpagesize=50"
_SHARED = re.compile(r"/me/calendars/\{id\}(?:/|\Z)")


@dataclass(frozen=True, slots=True)
class _Call:
    """One request, whole; ``asked`` names it without ids."""

    method: str
    url: str
    asked: str
    path: str
    headers: Mapping[str, str]
    body: bytes | None
    writes: bool = False


class Connection:
    """One account's way to Microsoft Graph. Threads may share it."""

    def __init__(
        self,
        account: OutlookAccount,
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
        self._tokens = Tokens(account, around.state, around.clock, self._wire, pause=pause)
        self._pace = Pace(REQUESTS_PER_MINUTE, around.clock)
        self._gate = Gate(_NAME, around.clock, around.viewer_zone, chance)
        self._turns = Turns(pause)
        self._lock = threading.Lock()
        self._refused_tokens = 0

    def read(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        prefer: str = "",
        body: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """What is at ``path`` below the API's root, its ids written by ``segment``.

        With a ``body`` it is a POST that changes nothing. Raises NeedsSignIn, Retry, Refusal, Stop.
        """
        url = address(self._account.api_root, path, params)
        return self._answer(self._call("GET" if body is None else "POST", url, path, prefer, body))

    def follow(self, link: str, *, prefer: str = "") -> dict[str, Any]:
        """What a link of an earlier answer leads to, asked for byte by byte as it was given."""
        root = self._account.api_root
        if not belongs(link, root):
            raise Refusal(f"{_NAME} named a next page somewhere else; it was not asked for", status=0, reason="link")
        return self._answer(self._call("GET", link, _below(root, link), prefer, None))

    def pages(
        self, path: str, params: Mapping[str, str] | None = None, *, prefer: str = ""
    ) -> Iterator[dict[str, Any]]:
        """Every page of a list, to its end."""
        page = self.read(path, params, prefer=prefer)
        seen: set[str] = set()
        while True:
            yield page
            link = page.get("@odata.nextLink")
            if link is None:
                return
            if not isinstance(link, str) or link in seen or len(seen) == MOST_PAGES:
                raise Retry(f"{_NAME}: the pages of a list do not end")
            seen.add(link)
            page = self.follow(link, prefer=prefer)

    def write(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        if_match: str = "",
        look: Callable[[], object] | None = None,
    ) -> dict[str, Any]:
        """One attempt of something that changes, on a connection of its own; ``{}`` for an answer without words.

        ``look`` comes right before it, after all waiting for its turn; what it raises keeps it from being sent.
        Raises Retry when it is certain that nothing happened, Doubt when that is unknown, NeedsSignIn, Refusal, Stop.
        """
        url = address(self._account.api_root, path, None)
        call = self._call(method, url, path, "", body, if_match=if_match, writes=True)
        self._gate.enter()
        try:
            return self._attempt(call, look)
        except Fault as fault:
            if fault.reaction is Reaction.UNAUTHORIZED:
                with self._lock:
                    self._refused_tokens += 1
                    again = self._refused_tokens < _TOKENS_TRIED
                if again:
                    raise Retry(f"{_NAME} wants the sign-in renewed first", after=0.0) from fault
                raise self._unauthorized() from fault
            self._stop_if_lasting(call, fault)
            if fault.reaction is Reaction.BUSY:
                raise self._shut(fault.wait or 1.0 + self._chance(), fault) from fault
            if not fault.begun:
                raise Retry(f"{_NAME}: {fault}", after=fault.wait) from fault
            raise Doubt(f"{_NAME}: {fault}; whether it was done is unknown") from fault

    def require(self, feature: Feature) -> None:
        """Raises NeedsSignIn when the person's consent does not cover ``feature``. Asks nobody."""
        if feature not in granted(self._tokens.scopes()):
            raise self._ungranted(str(feature))

    def _answer(self, call: _Call) -> dict[str, Any]:
        refused = attempts = 0
        while True:
            self._gate.enter()  # each time: another thread may have been told to wait meanwhile
            try:
                content = self._attempt(call)
            except Fault as found:
                fault = found
            else:
                self._gate.succeeded()
                return content
            if fault.reaction is Reaction.UNAUTHORIZED:
                refused += 1
                if refused == _TOKENS_TRIED:
                    raise self._unauthorized() from fault
                continue
            self._stop_if_lasting(call, fault)
            attempts += 1
            wait = 2.0 ** (attempts - 1) * (0.5 + self._chance())
            if fault.wait is not None and fault.wait > wait:
                raise self._shut(fault.wait, fault) from fault
            if attempts == ATTEMPTS:
                self._gate.failed()
                raise Retry(f"{_NAME}: {fault}") from fault
            if fault.reaction is Reaction.BUSY:
                self._turns.rest(wait)  # for the whole mailbox
            else:
                self._pause(wait)

    def _attempt(self, call: _Call, look: Callable[[], object] | None = None) -> dict[str, Any]:
        """One request. Raises Fault, Retry while everything is shut, and NeedsSignIn or Stop without a sign-in."""
        self._token()  # without one there is nothing to wait for
        wait = self._pace.take(1)
        if wait > 0:
            self._pause(wait)
        with self._turns:
            if look is not None:
                look()
            self._gate.enter()
            token = self._token()
            with self._lock:
                self.counters.requests[call.asked] += 1
            correlation = str(uuid.uuid4())
            headers = {**call.headers, "client-request-id": correlation}
            reply = self._wire.send(
                call.method, call.url, headers=headers, body=call.body, bearer=token, fresh=call.writes
            )
        if not 200 <= reply.status < 300:
            fault = fault_of(reply, self._clock.now(), asked=call.asked, correlation=correlation, writes=call.writes)
            if fault.reaction is Reaction.UNAUTHORIZED:
                self._tokens.distrust(token, claims_of(reply.headers))
            raise fault
        content = content_of(reply)
        if content is None or (not content and reply.status == 200 and not call.writes):
            raise unreadable(reply.status)
        with self._lock:
            self._refused_tokens = 0
        return content

    def _token(self) -> str:
        try:
            return self._tokens.access()
        except Retry as passing:
            raise Fault(Reaction.BROKEN, str(passing), wait=passing.after, begun=False) from passing

    def _call(
        self,
        method: str,
        url: str,
        path: str,
        prefer: str,
        body: Mapping[str, Any] | None,
        *,
        if_match: str = "",
        writes: bool = False,
    ) -> _Call:
        size = () if "odata.maxpagesize" in prefer else (_PAGE_SIZE,)
        headers = {
            "Accept": "application/json",
            "Prefer": ", ".join((*_PREFER, *size, *((prefer,) if prefer else ()))),
        }
        if if_match:
            headers["If-Match"] = if_match
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body).encode()
        return _Call(method, url, f"{method} {template(path)}", path, headers, data, writes)

    def _stop_if_lasting(self, call: _Call, fault: Fault) -> None:
        """Raises for what repeating does not mend."""
        if fault.reaction is Reaction.UNGRANTED:
            feature = Feature.FREE_BUSY if self._account.use == "busy" else feature_of(call.method, call.path)
            # A calendar of somebody else's may be listed and closed all the same; signing in again opens none.
            if not (_SHARED.search(call.asked) and feature in granted(self._tokens.scopes())):
                raise self._ungranted(f"{feature} ({fault})") from fault
        if fault.reason.lower() in NO_MAILBOX:
            raise Stop(
                f"account {self._account.name} has no mailbox and no calendar at Microsoft that programs may use: "
                f"{fault}. Is {self._account.email} the right account, and does it have Outlook?"
            ) from fault
        if fault.reaction in (Reaction.REFUSED, Reaction.UNGRANTED):
            raise Refusal(f"{_NAME}: {fault}", status=fault.status, reason=fault.reason) from fault

    def _shut(self, seconds: float, fault: Fault) -> Retry:
        seconds = min(seconds, LONGEST_SHUT)
        self._gate.shut(seconds)
        return Retry(f"{_NAME}: {fault}", after=seconds)

    def _unauthorized(self) -> NeedsSignIn:
        name = self._account.name
        return NeedsSignIn(f"{_NAME} does not accept the sign-in of account {name}; run: calwatch auth {name}")

    def _ungranted(self, what: str) -> NeedsSignIn:
        name = self._account.name
        return NeedsSignIn(f"the sign-in of account {name} does not cover {what}; run: calwatch auth {name}")


def _below(root: str, link: str) -> str:
    """The path of a link that ``belongs``, below the path of ``root``; only to name the request."""
    path = "/" + link.partition("://")[2].partition("/")[2]
    above = "/" + root.partition("://")[2].partition("/")[2]
    return path.removeprefix(above.rstrip("/"))
