"""The fake Microsoft: one https server with its sign-in, its calendar and its mail, which records what it was asked.

``violations`` lists what no Graph knows, and what a careful client never does. A fault of the fake itself is raised
when the server is closed.
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from builders import ALEX
from calwatch.ports import Clock
from fakes import certificates
from fakes.microsoft.asked import ROOT, Asked, Seen, Violation
from fakes.microsoft.calendar import OPERATIONS, CalendarState
from fakes.microsoft.call import Answer, ApiError, Call
from fakes.microsoft.faults import CUT_BEFORE, Fault, Faults, bad_token, no_access
from fakes.microsoft.identity import CLIENT_ID, IdentityState
from fakes.microsoft.mail import MailState
from fakes.microsoft.routes import Route
from fakes.microsoft.signing import store_sign_in
from fakes.wire import Reply, Request, Wire

if TYPE_CHECKING:
    from calwatch.providers.outlook.options import OutlookAccount

__all__ = ["ALL", "ApiError", "Call", "FakeMicrosoft", "Fault", "Seen"]

ALL = ("User.Read", "Calendars.ReadWrite", "Mail.ReadWrite", "Mail.Send")
MOST_AT_ONCE = 4
HTML = {"Content-Type": "text/html; charset=UTF-8"}
GATEWAY = b"<html><head><title>504 Gateway Time-out</title></head><body><h1>504 Gateway Time-out</h1></body></html>"


class _AnswersOnly:
    """What of the calendar's doings reaches the mailbox when tests deliver invitations by themselves."""

    def __init__(self, mail: MailState) -> None:
        self._mail = mail

    def event_message(self, *_: Any, **__: Any) -> None:
        """Nothing arrives."""

    def answered(self, *given: Any, **named: Any) -> None:
        self._mail.answered(*given, **named)


class FakeMicrosoft:
    """A context manager; ``lose`` is the share of Graph's answers that get lost after acting.

    ``invites_by_mail``: what organizers do in the calendar arrives as mail, too.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        lose: float = 0.0,
        seed: int = 0,
        owner: str = ALEX.email,
        kind: Literal["msa", "work"] = "msa",
        invites_by_mail: bool = False,
    ) -> None:
        self.clock = clock
        self.owner = owner
        self.faults = Faults(clock, lose=lose, seed=seed)
        self.identity = IdentityState(clock, owner, kind)
        self.calendar = CalendarState(clock=clock, owner=owner, owner_name=ALEX.name, kind=kind)
        self.mail = MailState(clock, owner)
        self.invites_by_mail = invites_by_mail
        self.seen: list[Seen] = []
        self._violations: list[str] = []
        self._lock = threading.RLock()
        self._links: set[str] = set()
        self._in_flight = 0
        self._wire = Wire(self._serve, certificates.server_tls())
        self.url = ""
        self.join()

    def join(self) -> None:
        """Calendar and mail know of each other, and of the address they are found under."""
        self.mail.linked_event = self.calendar.linked_event
        self.calendar.mail = self.mail if self.invites_by_mail else _AnswersOnly(self.mail)
        self.calendar.root = self.mail.root = self.api_root
        self.identity.base = self.url

    @property
    def authority(self) -> str:
        return str(self.url)

    @property
    def api_root(self) -> str:
        return self.url + ROOT

    @property
    def violations(self) -> list[str]:
        return [*self._violations, *self.mail.violations]

    @property
    def in_flight(self) -> int:
        """How many requests to Graph are under way."""
        return self._in_flight

    def __enter__(self) -> Self:
        self.url = self._wire.start()
        self.join()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.faults.release_slow()
        self._wire.stop()
        if self._wire.bugs and kind is None:
            raise AssertionError("the fake Microsoft is broken:\n" + "\n".join(self._wire.bugs))

    # -- for tests -----------------------------------------------------------------------------------------------

    def count(self, operation: str) -> int:
        """How often an operation was asked for."""
        return sum(seen.operation == operation for seen in self.seen)

    def ca_file(self, folder: Path) -> Path:
        """The certificate to trust, for $SSL_CERT_FILE."""
        return certificates.ca_file(folder)

    def sign_in(self, state_folder: Path, account_name: str, scopes: tuple[str, ...] = ALL) -> Path:
        """Writes the sign-in of an account, as ``calwatch auth`` would have."""
        return store_sign_in(self.identity, self.authority, state_folder, account_name, scopes)

    def account(self, **fields: Any) -> OutlookAccount:
        """The options of an account here."""
        from calwatch.providers.outlook.options import OutlookAccount

        given: dict[str, Any] = {
            "name": "outlook",
            "provider": "outlook",
            "email": self.owner,
            "client_id": CLIENT_ID,
            "authority": self.authority,
            "api_root": self.api_root,
        }
        return OutlookAccount(**{**given, **fields})

    # -- one request ---------------------------------------------------------------------------------------------

    def _serve(self, request: Request) -> Reply | None:
        asked = Asked(request)
        with self._counted(asked):
            try:
                with self._lock:
                    asked.understand(self._links)
                with self._lock:
                    self.faults.release_due()
                    fault = self.faults.draw(asked.operation)
                reply = self._meet(fault, asked)
            except Violation as violation:
                with self._lock:
                    self._violations.append(str(violation))
                reply = self._error(ApiError(400, "BadRequest", str(violation)), asked)
        self._note(asked, reply)
        return reply

    @contextmanager
    def _counted(self, asked: Asked) -> Iterator[None]:
        graph = asked.request.path.startswith(f"{ROOT}/")
        with self._lock:
            self._in_flight += graph
            asked.in_flight = self._in_flight
            if self._in_flight > MOST_AT_ONCE:
                self._violations.append(f"{self._in_flight} requests at once for one mailbox")
        try:
            yield
        finally:
            with self._lock:
                self._in_flight -= graph

    def _meet(self, fault: Fault, asked: Asked) -> Reply | None:
        """Lets the fault happen around the operation."""
        if fault in CUT_BEFORE:
            if fault is Fault.LATE:
                self.faults.postpone(lambda: self._act(asked))
            return None
        if fault is Fault.SLOW:
            self.faults.hold_slow()
        if fault is Fault.HTML_504:
            return Reply(504, GATEWAY, HTML)
        if asked.route is not None and asked.in_flight > MOST_AT_ONCE:
            fault = Fault.CONCURRENCY
        refusal = self.faults.refusal(fault)
        if refusal is not None:
            if fault is Fault.GONE_410 and self.faults.names_another:
                refusal.headers["Location"] = self.url + asked.request.path
            return self._error(refusal, asked)
        reply = self._act(asked)
        if fault is Fault.LOST:
            return None
        if fault is Fault.TRUNCATED:
            return Reply(reply.status, reply.body[: len(reply.body) // 2], reply.headers)
        return Reply(reply.status, reply.body, reply.headers, broken_off=fault is Fault.BROKEN_OFF)

    def _act(self, asked: Asked) -> Reply:
        with self._lock:
            if asked.route is not None:
                return self._call(asked, asked.route)
            endpoint: dict[str, Callable[[], Reply]] = {
                "identity.configuration": lambda: self.identity.configuration(asked.tenant),
                "identity.authorize": lambda: self.identity.authorize(asked.tenant, asked.params),
                "identity.devicecode": lambda: self.identity.device_code(asked.tenant, asked.params),
                "identity.token": lambda: self.identity.token(asked.tenant, asked.params),
                "identity.adminconsent": lambda: self.identity.admin_consent(asked.tenant, asked.params),
            }
            return endpoint[asked.operation]()

    def _call(self, asked: Asked, route: Route) -> Reply:
        try:
            scopes = self._admitted(asked, route)
            call = Call(
                route.operation, asked.path_ids, asked.params, asked.body, asked.request.headers, asked.prefer, scopes
            )
            handler = self.calendar if route.operation in OPERATIONS else self.mail
            answer = handler.handle(call)
            if route.operation == "me":
                answer.json.update(self.identity.names_of(asked.token))
        except ApiError as no:
            return self._error(no, asked)
        return self._reply(answer, asked)

    def _admitted(self, asked: Asked, route: Route) -> frozenset[str]:
        """The permissions of the caller's token; raises the 401 and the 403 of a token that will not do."""
        scopes = self.identity.scopes_of(asked.token)
        if scopes is None:
            raise bad_token()
        if not scopes & route.scopes:
            raise no_access()
        return scopes

    def _reply(self, answer: Answer, asked: Asked) -> Reply:
        headers = {**answer.headers, **self._traces(asked)}
        if asked.prefer:
            headers["Preference-Applied"] = ", ".join(f'{name}="{value}"' for name, value in asked.prefer.items())
        if answer.json is None:
            return Reply(answer.status, b"", headers)
        for name in ("@odata.nextLink", "@odata.deltaLink"):
            self._links.add(str(answer.json.get(name, "")).removeprefix(self.url))
        body = json.dumps(answer.json, ensure_ascii=False).encode()
        return Reply(answer.status, body, {**headers, "Content-Type": "application/json;odata.metadata=minimal"})

    def _error(self, no: ApiError, asked: Asked) -> Reply:
        if asked.tenant:
            return self.identity.unwell(no.status, no.headers)
        traces = self._traces(asked)
        inner = {"date": f"{self.clock.now():%Y-%m-%dT%H:%M:%S}", **traces}
        body = {"error": {"code": no.code, "message": no.message, "innerError": inner}}
        return Reply(no.status, json.dumps(body).encode(), {"Content-Type": "application/json", **traces, **no.headers})

    def _traces(self, asked: Asked) -> dict[str, str]:
        own = {"request-id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{len(self.seen)}{asked.request.path}"))}
        correlation = asked.request.headers.get("client-request-id")
        return own | ({"client-request-id": correlation} if correlation else {})

    def _note(self, asked: Asked, reply: Reply | None) -> None:
        request = asked.request
        headers = {name: value for name, value in request.headers.items() if name != "authorization"}
        seen = Seen(
            operation=asked.operation,
            path=request.path,
            params=asked.params,
            prefer=asked.prefer,
            if_match=headers.get("if-match", ""),
            body=asked.body,
            headers=headers,
            status=reply.status if reply else 0,
            sent=len(reply.body) if reply else 0,
            connection=request.connection,
            in_flight=asked.in_flight,
            at=self.clock.now(),
        )
        with self._lock:
            self.seen.append(seen)
