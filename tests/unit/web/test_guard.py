"""Who is let in: the names the page answers to, where a click may come from, whose key opens it, and what every answer
carries."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from calwatch.web.guard import COOKIE, HEADERS, hosts
from calwatch.web.sessions import Kind
from visits import HERE, PUBLIC, Visit, the_settings
from worlds import World, a_waiting_draft

NAMES = {
    "127.0.0.1:8765": ["127.0.0.1:8765", "localhost:8765"],
    "[::1]:8765": ["[::1]:8765", "localhost:8765"],
    "127.0.0.1:80": ["127.0.0.1", "localhost"],
}
STRANGE_NAMES = (
    "evil.example",
    "evil.example:8765",
    "127.0.0.1",
    "127.0.0.1:8766",
    "127.0.0.1.evil.example:8765",
    "127.0.0.1:8765, evil.example",
    "127.0.0.1:8765@evil.example",
    "user@127.0.0.1:8765",
    "127.1:8765",
    "0.0.0.0:8765",
    "[::1]:8765",
    "[::ffff:127.0.0.1]:8765",
    "calwatch.example.org.",
    "calwatch.example.org:8765",
    "",
)
STRANGE_ORIGINS = (
    None,
    "",
    "null",
    "http://127.0.0.1",
    "http://127.0.0.1:8766",
    "http://localhost:8765",
    "https://127.0.0.1:8765",
    "http://127.0.0.1:8765.evil.example",
    "http://127.0.0.1:8765/",
    "http://evil.example",
    PUBLIC,
    f"{HERE}, http://evil.example",
)


@pytest.mark.parametrize("listen", NAMES)
def test_the_page_answers_to_its_address_and_to_localhost_as_browsers_write_them(listen: str) -> None:
    assert sorted(hosts(listen, "")) == NAMES[listen]
    assert all(host.origin == f"http://{name}" for name, host in hosts(listen, "").items())


def test_the_public_name_is_another_kind_of_place() -> None:
    known = hosts("127.0.0.1:8765", PUBLIC)
    assert {name: host.kind for name, host in known.items()} == {
        "127.0.0.1:8765": Kind.LOOPBACK,
        "localhost:8765": Kind.LOOPBACK,
        "calwatch.example.org": Kind.PAIRED,
    }


def test_a_name_that_is_not_the_page_s_is_told_nothing(visit: Visit) -> None:
    paths = ("/", f"/k/{visit.key}/", "/healthz", "/metrics", "/static/calwatch.css", "/o/x", "/nowhere")
    for name, path in itertools.product(STRANGE_NAMES, paths):
        answer = visit.ask(path, headers={"Host": name})
        assert (answer.status_code, answer.mimetype) == (421, "text/plain"), (name, path)
        assert "calwatch open" in answer.get_data(as_text=True)


def test_a_name_may_be_written_in_capitals(visit: Visit) -> None:
    assert visit.ask(f"/k/{visit.key}/", headers={"Host": "LOCALHOST:8765"}).status_code == 200


def test_other_methods_than_looking_and_clicking_are_refused(visit: Visit) -> None:
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND"):
        answer = visit.ask(f"/k/{visit.key}/", method=method)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, POST"), method


def test_a_page_that_is_not_clicked_says_what_it_allows(visit: Visit) -> None:
    answer = visit.post("/")
    assert answer.status_code == 405
    assert "POST" not in answer.headers["Allow"]


def test_a_proxy_s_request_is_refused(visit: Visit) -> None:
    answer = visit.ask("/", environ_overrides={"REQUEST_URI": f"{HERE}/k/{visit.key}/"})
    assert answer.status_code == 400


# --- where clicks come from -----------------------------------------------------------------------------------------


def test_a_click_from_anywhere_but_the_page_itself_does_nothing(visit: Visit, world: World) -> None:
    draft = a_waiting_draft(world).draft
    fields = {"token": visit.token("/d/1", "letter"), "text": draft.letter.content.text}
    rows = world.store.counters.rows_written
    for origin in STRANGE_ORIGINS:
        assert visit.post("/d/1/approve", fields, origin=origin).status_code == 403, origin
    assert world.store.counters.rows_written == rows
    assert visit.woken == 0


def test_a_click_that_the_browser_calls_foreign_does_nothing(visit: Visit, world: World) -> None:
    a_waiting_draft(world)
    fields = {"token": visit.token("/d/1", "letter")}
    for site in ("cross-site", "same-site", "none", "SAME-ORIGIN", ""):
        assert visit.post("/d/1/approve", fields, headers={"Sec-Fetch-Site": site}).status_code == 403, site
    assert visit.woken == 0


def test_a_click_on_the_page_is_one_by_any_of_its_names(visit: Visit, world: World) -> None:
    a_waiting_draft(world)
    token = visit.token("/d/1", "letter")
    local = "http://localhost:8765"
    headers = {"Sec-Fetch-Site": "same-origin"}
    answer = visit.post("/d/1/approve", {"token": token}, base=local, origin=local, headers=headers)
    assert answer.status_code == 303
    assert visit.woken == 1


# --- whose key ------------------------------------------------------------------------------------------------------


def test_a_key_that_is_none_opens_nothing(visit: Visit, world: World) -> None:
    a_waiting_draft(world)
    keys = ("A" * 22, "A" * 21, "A" * 23, "x", "%2e%2e", "../../static", "A" * 5000, visit.key[::-1])
    for key, path in itertools.product(keys, ("/", "/d/1", "/history", "/accounts", "/interviews")):
        answer = visit.ask(f"/k/{key}{path}")
        assert answer.status_code == (403 if len(key) == 22 else 404), key
        assert "Acme" not in answer.get_data(as_text=True)


def test_the_key_of_this_machine_opens_nothing_behind_the_public_name(visit: Visit) -> None:
    assert visit.get("/", base=PUBLIC).status_code == 404
    assert visit.ask("/", base=PUBLIC, cookie=f"{COOKIE}={visit.key}").status_code == 403


def test_a_paired_device_s_cookie_opens_nothing_on_this_machine(visit: Visit) -> None:
    key = visit.admitted(Kind.PAIRED)
    cookie = f"{COOKIE}={key}"
    assert visit.ask("/", base=PUBLIC, cookie=cookie).status_code == 200
    assert visit.ask("/", cookie=cookie).status_code == 403
    assert visit.ask(f"/k/{key}/").status_code == 403


def test_links_of_a_page_lead_on_under_the_same_key(visit: Visit) -> None:
    assert f'href="/k/{visit.key}/interviews"' in visit.text("/")


def test_behind_the_public_name_links_have_no_key(visit: Visit) -> None:
    cookie = f"{COOKIE}={visit.admitted(Kind.PAIRED)}"
    page = visit.ask("/", base=PUBLIC, cookie=cookie).get_data(as_text=True)
    assert 'href="/interviews"' in page
    assert "/k/" not in page


def test_whether_a_draft_exists_is_told_to_nobody_without_a_session(visit: Visit, world: World) -> None:
    a_waiting_draft(world)
    there, not_there = (visit.ask(f"/d/{number}").get_data(as_text=True) for number in (1, 2))
    assert there == not_there.replace("calwatch open 2", "calwatch open 1")
    for path in ("/d/1/approve", "/d/2/approve", "/q/1", "/i/1/mark", "/i/99/cannot"):
        answer = visit.ask(path, method="POST", headers={"Origin": HERE})
        assert answer.status_code == 403


def test_without_a_key_the_page_says_how_to_open_that_draft(visit: Visit) -> None:
    assert "<code>calwatch open 12</code>" in visit.ask("/d/12").get_data(as_text=True)
    assert "<code>calwatch open --pair</code>" in visit.ask("/d/12", base=PUBLIC).get_data(as_text=True)


# --- what every answer carries --------------------------------------------------------------------------------------


def test_every_answer_carries_the_page_s_headers_once(visit: Visit, world: World) -> None:
    a_waiting_draft(world)
    for path in ("/", "/d/1", "/d/7", "/nowhere", "/metrics", "/healthz", "/static/nothing", "/o/x"):
        for answer in (visit.get(path), visit.ask(path), visit.ask(path, base="http://evil.example"), visit.post(path)):
            for name, value in HEADERS.items():
                assert answer.headers.getlist(name) == [value], (name, path, answer.status)
            assert "Strict-Transport-Security" not in answer.headers
            assert "Set-Cookie" not in answer.headers


def test_no_script_no_frame_and_no_form_of_others_is_allowed_for() -> None:
    policy = dict(part.strip().partition(" ")[::2] for part in HEADERS["Content-Security-Policy"].split(";"))
    assert policy == {
        "default-src": "'none'",
        "style-src": "'self'",
        "script-src": "'self'",
        "img-src": "'self' data:",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }


def test_only_files_that_are_nobody_s_may_be_kept(visit: Visit) -> None:
    with visit.get("/static/calwatch.css") as answer:
        assert answer.headers["Cache-Control"] == "public, max-age=3600"
        etag = answer.headers["ETag"]
    with visit.get("/static/calwatch.css", headers={"If-None-Match": etag}) as again:
        assert again.status_code == 304


def test_nothing_but_the_page_s_files_is_given_out(visit: Visit) -> None:
    for path in ("../app.py", "%2e%2e/app.py", "..%2fapp.py", "..%5capp.py", "/etc/passwd", "%2fetc/passwd", "%00", ""):
        assert visit.get(f"/static/{path}").status_code == 404, path


def test_behind_the_public_name_only_https_is_spoken_for_a_year(visit: Visit) -> None:
    assert visit.ask("/", base=PUBLIC).headers["Strict-Transport-Security"] == "max-age=31536000"


def test_what_a_proxy_says_of_its_visitors_changes_nothing(visit: Visit) -> None:
    headers = {
        "X-Forwarded-Host": "calwatch.example.org",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Prefix": "//evil.example",
        "Forwarded": "host=calwatch.example.org;proto=https",
        "X-Original-URL": "/accounts",
        "X-HTTP-Method-Override": "DELETE",
    }
    answer = visit.get("/", headers=headers)
    assert answer.status_code == 200
    assert "Strict-Transport-Security" not in answer.headers
    assert "evil" not in answer.get_data(as_text=True)


# --- what is too much -----------------------------------------------------------------------------------------------


def test_a_form_larger_than_any_letter_is_refused(visit: Visit, world: World) -> None:
    a_waiting_draft(world)
    for data in ({"text": "x" * 300_000}, {f"field{n}": "x" for n in range(2000)}):
        answer = visit.post("/d/1/save", data, headers={"Content-Type": "multipart/form-data; boundary=x"})
        assert answer.status_code in (303, 413)
    assert visit.post("/d/1/save", {"text": "x" * 300_000}).status_code == 413
    assert visit.woken == 0


def test_a_number_of_any_length_is_the_number_of_nothing(visit: Visit) -> None:
    for number in ("9" * 18, "9" * 30, "9" * 5000):
        assert visit.get(f"/d/{number}").status_code == 404
        for path in (f"/d/{number}/approve", f"/q/{number}", f"/i/{number}/mark"):
            assert visit.post(path, {"value": "x"}).status_code == 404
    assert visit.get(f"/history?draft={'9' * 30}").status_code == 404


def test_a_key_in_capitals_or_with_its_slash_encoded_is_another_address(visit: Visit) -> None:
    assert visit.ask(f"/K/{visit.key}/").status_code == 404
    assert visit.ask(f"/k%2F{visit.key}/").status_code == 200  # the same address, written otherwise


def test_settings_without_a_public_name_have_no_paired_devices(world: World, tmp_path: Path) -> None:
    visit = Visit(world, the_settings(tmp_path, public=""))
    assert visit.ask("/", base=PUBLIC).status_code == 421
