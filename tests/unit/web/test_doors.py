"""The page's place in the service: served, tried again, said to commands, and never a reason to stop watching."""

from __future__ import annotations

import logging
import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path

import pytest

from calwatch import wiring
from calwatch.daemon.doors import AGAIN, Doors
from calwatch.web.sessions import Kind, accept
from visits import PUBLIC, the_settings
from worlds import World, a_waiting_draft


@pytest.fixture
def taken() -> Iterator[socket.socket]:
    """Another program that listens on this machine."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other


@pytest.fixture
def listen() -> str:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return at(probe)


def at(listener: socket.socket) -> str:
    return f"127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def doors() -> Iterator[Doors]:
    doors = Doors(lambda: None)
    yield doors
    doors.close()


@pytest.fixture
def opened(world: World, tmp_path: Path) -> Callable[..., wiring.World]:
    """The service's world with these settings of the page."""

    def opened(listen: str, public: str = PUBLIC) -> wiring.World:
        settings = the_settings(tmp_path, listen=listen, public=public)
        return wiring.World(settings, world.store, world.clock, world.pipeline)

    return opened


def answers(address: str) -> bool:
    host, port = address.split(":")
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
    except ConnectionRefusedError:
        return False
    return True


def test_the_page_is_where_its_address_says(doors: Doors, opened: Callable[..., wiring.World], listen: str) -> None:
    doors.open(opened(listen))
    assert doors.answer("page") == f"ok http://{listen}"
    assert answers(listen)
    doors.close()
    assert not answers(listen)


def test_open_gives_an_address_that_works_once(
    doors: Doors, world: World, opened: Callable[..., wiring.World], listen: str
) -> None:
    a_waiting_draft(world)
    doors.open(opened(listen))
    for word, path in (("open", "/"), ("open 1", "/d/1")):
        found = re.fullmatch(rf"ok http://{listen}/o/([\w-]{{32}})", doors.answer(word))
        assert found is not None
        accepted = accept(world.store, world.clock.now(), Kind.LOOPBACK, found[1])
        assert accepted is not None
        assert accepted[1] == path


@pytest.mark.parametrize(("alive", "status"), [(True, 200), (False, 503)])
def test_the_page_says_whether_its_service_gets_somewhere(
    alive: bool, status: int, opened: Callable[..., wiring.World], listen: str
) -> None:
    doors = Doors(lambda: None, lambda: alive)
    doors.open(opened(listen))
    host, port = listen.split(":")
    asked = HTTPConnection(host, int(port), timeout=10)
    asked.request("GET", "/healthz")
    assert asked.getresponse().status == status
    asked.close()
    doors.close()


def test_pairing_needs_a_public_address(
    doors: Doors, world: World, opened: Callable[..., wiring.World], listen: str
) -> None:
    doors.open(opened(listen, ""))
    assert doors.answer("pair").startswith("error 2: the running service has no approval.public_url")
    doors.close()
    doors.open(opened(listen))
    found = re.fullmatch(rf"ok {PUBLIC}/p/([\w-]{{32}})", doors.answer("pair"))
    assert found is not None
    assert accept(world.store, world.clock.now(), Kind.PAIRED, found[1]) is not None


@pytest.mark.parametrize("number", ["1", "99", "9" * 19, "9" * 50, "-1", "1 2", "x", "²", "../1", "1\\n"])
def test_what_is_no_draft_is_said_to_be_none(
    doors: Doors, world: World, opened: Callable[..., wiring.World], listen: str, number: str
) -> None:
    doors.open(opened(listen))
    assert re.fullmatch(r"error 3: there is no(thing with such a number| draft .*)", doors.answer(f"open {number}"))
    assert world.store.meta.beginning("page:") == {}


def test_a_store_that_fails_ends_no_watching(
    doors: Doors, world: World, opened: Callable[..., wiring.World], listen: str, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        """A store in which nothing is as it should be."""

    doors.open(replace(opened(listen), store=Broken()))  # type: ignore[arg-type]
    assert doors.answer("open") == "error 1: no address could be made; the log of the service says more"
    assert "AttributeError" in caplog.text


def test_a_page_that_is_switched_off_says_so(
    doors: Doors, opened: Callable[..., wiring.World], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    doors.open(opened("", ""))
    assert doors.answer("page") == "off"
    assert doors.answer("open") == "error 2: the page is switched off (approval.listen is empty)"
    doors.tend()
    assert caplog.text == ""


def test_before_and_after_the_service_there_is_nothing_to_open(
    doors: Doors, opened: Callable[..., wiring.World], listen: str
) -> None:
    starting = doors.answer("open")
    doors.open(opened(listen))
    doors.close()
    assert starting == doors.answer("page") == "error 75: the service is starting or ending; try again"


def test_a_taken_address_is_said_once_and_had_as_soon_as_it_is_free(
    doors: Doors, opened: Callable[..., wiring.World], taken: socket.socket, caplog: pytest.LogCaptureFixture
) -> None:
    address = at(taken)
    doors.open(opened(address))
    sentence = f"the page's address {address} is taken by another program"
    assert doors.answer("page").startswith(f"taken {sentence}")
    assert doors.answer("open").startswith(f"error 1: {sentence}")
    for _ in range(3):
        doors._tried -= AGAIN
        doors.tend()
    assert caplog.text.count(sentence) == 1
    taken.close()
    doors.tend()
    assert doors.answer("page").startswith("taken ")  # not before its time
    doors._tried -= AGAIN
    doors.tend()
    assert doors.answer("page") == f"ok http://{address}"
    assert doors.answer("open").startswith("ok ")


def test_a_reload_takes_the_page_to_its_new_address(
    doors: Doors, opened: Callable[..., wiring.World], taken: socket.socket, listen: str
) -> None:
    doors.open(opened(at(taken)))
    doors.close()
    doors.open(opened(listen))
    assert doors.answer("page") == f"ok http://{listen}"
    doors.close()
    doors.open(opened("", ""))
    assert doors.answer("page") == "off"
    assert not answers(listen)


def test_a_page_that_cannot_even_be_made_is_told_and_watching_goes_on(
    doors: Doors, opened: Callable[..., wiring.World], listen: str, caplog: pytest.LogCaptureFixture
) -> None:
    doors.open(replace(opened(listen), pipeline=object()))  # type: ignore[arg-type]
    assert doors.answer("page") == "error the page cannot be served; the log says more"
    assert "AttributeError" in caplog.text
    assert not answers(listen)
