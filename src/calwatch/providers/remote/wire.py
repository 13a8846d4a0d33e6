"""HTTP over requests, where nothing is ever sent twice unless we decide it.

Other transports (httplib2 below googleapiclient) repeat a POST by themselves when the connection breaks
before an answer, which is a second mail or draft. Here one call is one request, and what is known about a broken one is
whether it had begun.
"""

from __future__ import annotations

import os
import re
import threading
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from ssl import SSLCertVerificationError
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from calwatch import __version__
from calwatch.errors import Stop
from calwatch.model.plain import one_line
from calwatch.ports import Clock
from calwatch.providers.remote.faults import Fault, Reaction

TIMEOUT = 30.0  # seconds without a byte
_LONGEST = 180.0  # seconds for a whole answer
_LARGEST = 64 * 2**20  # bytes of one answer; a mail with attachments has at most 50 MB
_KEPT = 8  # connections kept open for reading
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_VISIBLE = re.compile(r"[\x21-\x7e]+", re.ASCII)
_AGENT = f"calwatch/{__version__} (gzip)"


@dataclass(slots=True)
class Counters:
    """What one account's sign-in asked of its provider so far."""

    requests: Counter[str] = field(default_factory=Counter)
    bytes_in: int = 0
    connections: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer, whatever its status; header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class Wire:
    """The way to a provider for all threads of one account."""

    def __init__(self, clock: Clock, counters: Counters) -> None:
        self._clock = clock
        self._counters = counters
        self._idle: list[requests.Session] = []
        self._lock = threading.Lock()

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        bearer: str = "",
        fresh: bool = False,
    ) -> Reply:
        """One request, once. ``fresh`` sends it on a connection of its own. Raises ``Fault`` (broken) and Stop.

        Redirects are not followed: the token would go with them.
        """
        host = urlsplit(url).hostname or ""
        session = self._session(fresh=fresh)
        _progress.begun, _progress.opened, _progress.target = False, 0, _target(url)
        whole = False
        try:
            reply = self._exchange(session, requests.Request(method, url, headers, data=body, auth=Bearer(bearer)))
            whole = True
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            # Without its cause: that names the whole address, and with it whom a search is about.
            raise Fault(Reaction.BROKEN, _what_broke(error, host), begun=_progress.begun) from None
        finally:
            _progress.target = ""  # others use these connections too, without this
            with self._lock:
                self._counters.connections += _progress.opened
                kept = whole and not fresh and len(self._idle) < _KEPT
                if kept:
                    self._idle.append(session)
            if not kept:
                session.close()
        return reply

    def _session(self, *, fresh: bool) -> requests.Session:
        with self._lock:
            if self._idle and not fresh:
                return self._idle.pop()
        return prepared_session(requests.Session())

    def _exchange(self, session: requests.Session, request: requests.Request) -> Reply:
        prepared = session.prepare_request(request)
        host = urlsplit(request.url).hostname
        surroundings = session.merge_environment_settings(
            prepared.url, {"no_proxy": str(host)} if host in _LOOPBACK else {}, True, ca_file() or True, None
        )
        patience = self._clock.monotonic() + _LONGEST
        content = bytearray()
        with closing(session.send(prepared, timeout=TIMEOUT, allow_redirects=False, **surroundings)) as answer:
            for chunk in answer.iter_content(65536):
                content += chunk
                if len(content) > _LARGEST or self._clock.monotonic() > patience:
                    raise requests.ConnectionError("the answer does not end")
            with self._lock:
                self._counters.bytes_in += answer.raw.tell()
            headers = {name.lower(): value for name, value in answer.headers.items()}
            return Reply(answer.status_code, headers, bytes(content))


def ca_file() -> str:
    """The certificates to trust instead of the usual ones: $SSL_CERT_FILE, then $REQUESTS_CA_BUNDLE; empty if unset."""
    for variable in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        named = os.environ.get(variable, "")
        if named:
            if not Path(named).exists():
                raise Stop(f"${variable} names {named}, which is not there; correct or unset it")
            return named
    return ""


# --- what is known of a broken request -------------------------------------------------------------------------------


class _Progress(threading.local):
    """Of this thread's present request: whether its first byte may have gone out, and connections opened for it.

    ``target`` is what its first line is to name, as it was given: requests and urllib3 would write it anew.
    """

    begun = False
    opened = 0
    target = ""


_progress = _Progress()


class _Noting(urllib3.connection.HTTPConnection):
    """Connects first, then notes that the request begins: what fails before has certainly done nothing."""

    def connect(self) -> None:
        super().connect()
        _progress.opened += 1

    def putrequest(self, method: str, url: str, *args: Any, **kwargs: Any) -> None:
        if self.is_closed:
            self.connect()
        _progress.begun = True
        target = _progress.target if url.startswith("/") else url  # a proxy is told the whole address
        super().putrequest(method, target or url, *args, **kwargs)


class _SecureNoting(_Noting, urllib3.connection.HTTPSConnection):
    """The same with TLS."""


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Noting


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _SecureNoting


_POOLS = {"http": _Pool, "https": _SecurePool}


class _Adapter(HTTPAdapter):
    """requests' adapter (which repeats nothing) on those connections, through a proxy as well."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager


class Bearer(requests.auth.AuthBase):
    """Our header and no other: without an auth of its own, requests would take one from ~/.netrc."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, prepared: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            prepared.headers["Authorization"] = f"Bearer {self._token}"
        return prepared


def prepared_session(session: requests.Session) -> requests.Session:
    """``session`` on our connections, without cookies, under our name."""
    session.headers["User-Agent"] = _AGENT
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("https://", "http://"):
        session.mount(scheme, _Adapter())
    return session


def _target(url: str) -> str:
    """The path and query of ``url`` byte by byte; "" when they cannot stand in a request as they are."""
    after = url.partition("://")[2].partition("#")[0]
    start = min((at for at in (after.find("/"), after.find("?")) if at >= 0), default=len(after))
    found = after[start:]
    return found if found.startswith("/") and _VISIBLE.fullmatch(found) else ""


def _what_broke(error: Exception, host: str) -> str:
    chain: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and len(chain) < 10:
        chain.append(cause)
        inner = getattr(cause, "reason", None) or next((a for a in cause.args if isinstance(a, Exception)), None)
        cause = inner if isinstance(inner, BaseException) else cause.__cause__ or cause.__context__
    if any(isinstance(one, SSLCertVerificationError) for one in chain):
        return f"{host} shows a certificate that is not trusted; behind a company's proxy set SSL_CERT_FILE"
    if any(isinstance(one, urllib3.exceptions.NameResolutionError) for one in chain):
        return f"the address of {host} could not be looked up"
    refused = any(isinstance(one, urllib3.exceptions.NewConnectionError) for one in chain)  # a timeout to urllib3
    if not refused and any(isinstance(one, requests.Timeout | urllib3.exceptions.TimeoutError) for one in chain):
        return f"{host} did not answer in time"
    said = next((one.strerror for one in chain if isinstance(one, OSError) and one.strerror), "connection broken")
    return f"{host} could not be reached ({one_line(str(said), 80).lower()})"
