"""An address is asked for byte by byte as it was given: what a server wrote into a link is its own affair."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from calwatch.providers.remote.wire import Counters, Wire, prepared_session
from fakes.clock import ManualClock
from fakes.wire import Reply
from fakes.wire import Wire as Server


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server(lambda request: Reply(200, repr((request.path, request.query)).encode()))
    yield server
    server.stop()


@pytest.mark.parametrize(
    ("asked", "arrives"),
    [
        ("/v1.0/a%2db", ("/v1.0/a%2db", [])),
        ("/v1.0/x%7e/y", ("/v1.0/x%7e/y", [])),
        ("/v1.0/users('a%40b')/view", ("/v1.0/users('a%40b')/view", [])),
        ("/v1.0/[1]{2}|\\^`", ("/v1.0/[1]{2}|\\^`", [])),
    ],
)
def test_a_path_arrives_as_it_was_given(server: Server, asked: str, arrives: tuple[str, list[str]]) -> None:
    reply = Wire(ManualClock(), Counters()).send("GET", server.start() + asked)
    assert reply.content == repr(arrives).encode()


def test_what_cannot_stand_in_a_request_is_written_so_that_it_can(server: Server) -> None:
    reply = Wire(ManualClock(), Counters()).send("GET", server.start() + "/über uns#there")
    assert reply.content == repr(("/%C3%BCber%20uns", [])).encode()


def test_a_request_of_a_library_on_our_connections_has_its_own_target(server: Server) -> None:
    root = server.start()
    Wire(ManualClock(), Counters()).send("GET", f"{root}/first")
    with prepared_session(requests.Session()) as session:
        assert session.get(f"{root}/second").content == repr(("/second", [])).encode()
