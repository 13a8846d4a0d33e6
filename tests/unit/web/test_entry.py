"""The ways in: an address for this machine, the pairing of a device, and what is said without either."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http.cookies import SimpleCookie
from typing import Any

import pytest

from calwatch.web.guard import COOKIE
from calwatch.web.sessions import Kind, invite, is_invited, listed
from visits import HERE, PUBLIC, Visit
from worlds import World, a_waiting_draft

AHEAD = ("prefetch", "prefetch;prerender", "prefetch;anonymous-client-ip")


@pytest.fixture
def link(world: World) -> str:
    """The path of an address that opens draft 1 on this machine."""
    return f"/o/{invite(world.store, world.clock.now(), Kind.LOOPBACK, '/d/1')}"


@pytest.fixture
def pairing(world: World) -> str:
    """The path of an address that pairs a device."""
    return f"/p/{invite(world.store, world.clock.now(), Kind.PAIRED)}"


def pair(visit: Visit, path: str, **more: Any) -> Iterator[str]:
    """The values of the cookies a pairing gave."""
    answer = visit.ask(path, method="POST", base=PUBLIC, headers={"Origin": PUBLIC}, **more)
    for header in answer.headers.getlist("Set-Cookie"):
        yield from (morsel.value for morsel in SimpleCookie(header).values())


def test_an_address_leads_to_the_page_under_a_fresh_key(visit: Visit, world: World, link: str) -> None:
    a_waiting_draft(world)
    answer = visit.ask(link)
    assert answer.status_code == 303
    assert re.fullmatch(r"/k/[\w-]{22}/d/1", answer.headers["Location"])
    assert visit.key not in answer.headers["Location"]
    assert visit.ask(answer.headers["Location"]).status_code == 200
    assert "Set-Cookie" not in answer.headers


def test_an_address_that_was_used_is_over_in_the_same_words_as_one_that_never_was(visit: Visit, link: str) -> None:
    visit.ask(link)
    used, unknown = visit.ask(link), visit.ask("/o/" + "x" * 32)
    assert used.status_code == unknown.status_code == 403
    assert used.data == unknown.data


def test_looking_ahead_does_not_use_an_address_up(visit: Visit, link: str) -> None:
    assert visit.ask(link, method="HEAD").status_code == 403
    for word in AHEAD:
        assert visit.ask(link, headers={"Sec-Purpose": word}).status_code == 403
    assert visit.ask(link, headers={"Purpose": "prefetch"}).status_code == 403
    assert visit.ask(link).status_code == 303


def test_an_address_of_this_machine_does_not_open_behind_the_public_name(visit: Visit, link: str) -> None:
    assert visit.ask(link, base=PUBLIC).status_code == 403
    assert visit.ask(link).status_code == 303


def test_where_an_address_leads_is_not_the_visitor_s_to_say(visit: Visit, link: str) -> None:
    answer = visit.ask(f"{link}?next=//evil.example&path=https://evil.example")
    assert re.fullmatch(r"/k/[\w-]{22}/d/1", answer.headers["Location"])


@pytest.mark.parametrize("path", ["/o/", "/o/a/b", "/o/%0d%0aSet-Cookie:%20a=b", "/o/..%2f..", "/p/%0aX", "/o/%00"])
def test_no_address_writes_a_header(visit: Visit, path: str) -> None:
    answer = visit.ask(path)
    assert answer.status_code in (403, 404)
    assert "Set-Cookie" not in answer.headers
    assert "Location" not in answer.headers


def test_looking_at_a_pairing_address_asks_first_and_changes_nothing(visit: Visit, world: World, pairing: str) -> None:
    rows = world.store.counters.rows_written
    answer = visit.ask(pairing, base=PUBLIC)
    assert answer.status_code == 200
    assert '<form method="post">' in answer.get_data(as_text=True)
    assert "Set-Cookie" not in answer.headers
    assert world.store.counters.rows_written == rows


def test_pairing_sets_a_cookie_that_only_this_page_gets_and_no_script_reads(visit: Visit, pairing: str) -> None:
    answer = visit.ask(pairing, method="POST", base=PUBLIC, headers={"Origin": PUBLIC, "User-Agent": "… iPhone …"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    (cookie,) = answer.headers.getlist("Set-Cookie")
    value, *attributes = cookie.split("; ")
    assert re.fullmatch(rf"{COOKIE}=[\w-]{{22}}", value)
    assert {a for a in attributes if not a.startswith("Expires=")} == {
        "Secure",
        "HttpOnly",
        "SameSite=Strict",
        "Path=/",
        "Max-Age=2592000",
    }
    assert visit.ask("/", base=PUBLIC, cookie=value).status_code == 200
    assert "iPhone" in visit.text("/accounts")


def test_a_pairing_address_pairs_one_device(visit: Visit, pairing: str) -> None:
    assert len(list(pair(visit, pairing))) == 1
    assert list(pair(visit, pairing)) == []
    assert visit.ask(pairing, base=PUBLIC).status_code == 403


def test_a_pairing_that_is_clicked_from_elsewhere_does_nothing(visit: Visit, world: World, pairing: str) -> None:
    for origin in (HERE, "https://evil.example", "null", "http://calwatch.example.org"):
        assert visit.ask(pairing, method="POST", base=PUBLIC, headers={"Origin": origin}).status_code == 403
    assert is_invited(world.store, world.clock.now(), Kind.PAIRED, pairing.removeprefix("/p/"))


def test_nothing_is_paired_on_this_machine_s_own_address(visit: Visit, pairing: str) -> None:
    assert visit.ask(pairing).status_code == 403
    assert visit.ask(pairing, method="POST", headers={"Origin": HERE}).status_code == 403
    assert len(list(pair(visit, pairing))) == 1


def test_a_device_that_is_paired_again_has_its_new_key_only(visit: Visit, world: World, pairing: str) -> None:
    old = visit.admitted(Kind.PAIRED)
    (new,) = pair(visit, pairing, cookie=f"{COOKIE}={old}")
    assert new != old
    assert visit.ask("/", base=PUBLIC, cookie=f"{COOKIE}={old}").status_code == 403
    assert visit.ask("/", base=PUBLIC, cookie=f"{COOKIE}={new}").status_code == 200
    assert len([one for one in listed(visit.site) if one.kind is Kind.PAIRED]) == 1


def test_a_browser_s_own_name_is_text_and_short(visit: Visit, pairing: str) -> None:
    hostile = "<script>alert(1)</script>\u202e" + "x" * 500
    list(pair(visit, pairing, environ_overrides={"HTTP_USER_AGENT": hostile.encode().decode("latin-1")}))
    page = visit.text("/accounts")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "\u202e" not in page
    assert "x" * 41 not in page


def test_a_link_in_web_mail_is_followed_once_more_by_the_page_itself(visit: Visit, world: World) -> None:
    a_waiting_draft(world)
    foreign = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    first = visit.ask("/d/1", base=PUBLIC, headers=foreign).get_data(as_text=True)
    assert '<meta http-equiv="refresh" content="0; url=/d/1">' in first
    own = {**foreign, "Sec-Fetch-Site": "same-origin"}
    for answer in (visit.ask("/d/1", base=PUBLIC, headers=own), visit.ask("/d/1", headers=foreign)):
        assert answer.status_code == 403
        assert "refresh" not in answer.get_data(as_text=True)


def test_where_a_page_leads_once_more_is_always_itself(visit: Visit) -> None:
    foreign = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    for path in ("//evil.example/", "/\\evil.example", "/d/1?url=//evil.example", "/%2f%2fevil.example", "/;url=x"):
        answer = visit.ask(path, base=PUBLIC, headers=foreign).get_data(as_text=True)
        assert "evil" not in answer


def test_without_a_session_everybody_is_told_how_to_get_one_in_their_language(visit: Visit) -> None:
    german = visit.ask("/", headers={"Accept-Language": "de-AT,de;q=0.9"}).get_data(as_text=True)
    assert '<html lang="de">' in german
    assert "calwatch open" in german
