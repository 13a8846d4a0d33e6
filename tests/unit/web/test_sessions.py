"""Addresses that work once, keys that work for a while, and nothing in the store that would open the page."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from datetime import timedelta

import pytest

from calwatch.web.sessions import (
    INVITED_FOR,
    LASTING,
    Kind,
    accept,
    find,
    invite,
    is_invited,
    listed,
    revoke,
    revoke_all,
)
from visits import Visit
from worlds import World

SECOND = timedelta(seconds=1)
KINDS = list(Kind)


def other(kind: Kind) -> Kind:
    return Kind.PAIRED if kind is Kind.LOOPBACK else Kind.LOOPBACK


@pytest.mark.parametrize("kind", KINDS)
def test_an_address_works_once(world: World, kind: Kind) -> None:
    now = world.clock.now()
    token = invite(world.store, now, kind, "/d/7")
    assert is_invited(world.store, now, kind, token)
    accepted = accept(world.store, now, kind, token)
    assert accepted is not None
    assert accepted[1] == "/d/7"
    assert not is_invited(world.store, now, kind, token)
    assert accept(world.store, now, kind, token) is None


@pytest.mark.parametrize("kind", KINDS)
def test_an_address_works_for_minutes(world: World, kind: Kind) -> None:
    now = world.clock.now()
    token = invite(world.store, now, kind)
    assert accept(world.store, now + INVITED_FOR[kind], kind, token) is None
    assert accept(world.store, now + INVITED_FOR[kind] - SECOND, kind, token) is not None


def test_minutes_and_days_are_as_promised() -> None:
    assert [INVITED_FOR[kind] for kind in KINDS] == [timedelta(minutes=5), timedelta(minutes=10)]
    assert [LASTING[kind] for kind in KINDS] == [timedelta(hours=12), timedelta(days=30)]


@pytest.mark.parametrize("kind", KINDS)
def test_an_address_of_one_kind_opens_no_session_of_the_other(world: World, kind: Kind) -> None:
    now = world.clock.now()
    token = invite(world.store, now, kind)
    assert accept(world.store, now, other(kind), token) is None
    assert accept(world.store, now, kind, token) is not None


def test_of_two_who_open_an_address_at_once_one_gets_in(world: World) -> None:
    now = world.clock.now()
    token = invite(world.store, now, Kind.LOOPBACK)
    together, got = threading.Barrier(6), []

    def visitor() -> None:
        together.wait()
        got.append(accept(world.store, now, Kind.LOOPBACK, token))

    visitors = [threading.Thread(target=visitor) for _ in range(6)]
    for one in visitors:
        one.start()
    for one in visitors:
        one.join()
    assert len(got) == 6
    assert sum(one is not None for one in got) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_works_until_its_time_is_over_and_for_its_kind_only(world: World, kind: Kind) -> None:
    now = world.clock.now()
    accepted = accept(world.store, now, kind, invite(world.store, now, kind), "Android")
    assert accepted is not None
    session = find(world.store, now + LASTING[kind] - SECOND, kind, accepted[0])
    assert session is not None
    assert (session.kind, session.name, session.since, session.until) == (kind, "Android", now, now + LASTING[kind])
    assert find(world.store, now + LASTING[kind], kind, accepted[0]) is None
    assert find(world.store, now, other(kind), accepted[0]) is None
    assert find(world.store, now, kind, accepted[0].swapcase()) is None


def test_keys_and_addresses_cannot_be_guessed_and_are_never_the_same(world: World) -> None:
    now = world.clock.now()
    tokens = [invite(world.store, now, Kind.LOOPBACK) for _ in range(20)]
    keys = [accepted[0] for token in tokens if (accepted := accept(world.store, now, Kind.LOOPBACK, token))]
    assert len({*tokens, *keys}) == 40
    assert {len(key) for key in keys} == {22}  # 128 bits in base64url
    assert {len(token) for token in tokens} == {32}


def test_nothing_that_opens_the_page_is_in_the_database(world: World) -> None:
    now = world.clock.now()
    used, unused = (invite(world.store, now, Kind.LOOPBACK) for _ in range(2))
    accepted = accept(world.store, now, Kind.LOOPBACK, used)
    assert accepted is not None
    with closing(sqlite3.connect(world.folder / "calwatch.db")) as database:
        dump = "\n".join(database.iterdump())
    assert "page:session:" in dump
    for secret in (used, unused, accepted[0]):
        assert secret not in dump


def test_what_is_over_is_forgotten_when_the_next_address_is_made(world: World) -> None:
    now = world.clock.now()
    invite(world.store, now, Kind.LOOPBACK)
    accept(world.store, now, Kind.LOOPBACK, invite(world.store, now, Kind.LOOPBACK))
    assert len(world.store.meta.beginning("page:")) == 2
    invite(world.store, now + LASTING[Kind.LOOPBACK], Kind.LOOPBACK)
    assert len(world.store.meta.beginning("page:")) == 1


def test_open_pages_are_listed_the_newest_first_and_can_be_closed(visit: Visit, world: World) -> None:
    world.clock.advance(timedelta(minutes=1))
    visit.admitted(Kind.PAIRED)
    newest, first = listed(visit.site)
    assert (newest.kind, first.kind) == (Kind.PAIRED, Kind.LOOPBACK)
    assert visit.get("/").status_code == 200
    revoke(visit.site, first.id)
    assert listed(visit.site) == [newest]
    assert visit.get("/").status_code == 403


def test_what_is_over_is_not_listed(visit: Visit, world: World) -> None:
    world.clock.advance(LASTING[Kind.LOOPBACK])
    assert listed(visit.site) == []


def test_closing_everywhere_takes_unused_addresses_back_as_well(visit: Visit, world: World) -> None:
    now = world.clock.now()
    visit.admitted(Kind.PAIRED)
    token = invite(world.store, now, Kind.PAIRED)
    world.store.meta.set("something else", 1)
    assert revoke_all(world.store) == 2
    assert accept(world.store, now, Kind.PAIRED, token) is None
    assert visit.get("/").status_code == 403
    assert revoke_all(world.store) == 0
    assert world.store.meta.get("something else") == 1
