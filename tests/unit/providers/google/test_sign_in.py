"""Consent in a browser or by pasting: nothing is stored that is not whole, allowed, and the right person's."""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from calwatch.errors import ConfigError, NeedsSignIn, Retry, Stop
from calwatch.providers.google.scopes import EVENTS_OWNED, FREEBUSY, GMAIL_COMPOSE, GMAIL_READONLY
from calwatch.providers.google.sign_in.consent import sign_in
from calwatch.providers.signing import SignedIn, Terminal
from fakes.google.oauth import CLIENT_ID
from fakes.google.server import Fault
from unit.providers.google.conftest import Line

ADDRESS = re.compile(r"http://127\.0\.0\.1:\S+")


@dataclass
class Browser:
    """The person's browser; ``before`` is what else it opens on its way back to calwatch."""

    before: Callable[[str], None] = lambda back: None
    pages: list[requests.Response] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)

    def open(self, address: str) -> bool:
        thread = threading.Thread(target=self._visit, args=(address,))
        self._threads.append(thread)
        thread.start()
        return True

    def closed(self) -> None:
        for thread in self._threads:
            thread.join()

    def _visit(self, address: str) -> None:
        back = consented(address)
        self.before(back)
        self.pages.append(get(back))


def get(address: str) -> requests.Response:
    return requests.get(address, timeout=10, headers={"Connection": "close"})


def consented(address: str) -> str:
    """Where Google's page sends the browser after the person's click."""
    answer = requests.get(address, timeout=10, allow_redirects=False, headers={"Connection": "close"})
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


@dataclass
class Desk:
    """Somebody who runs ``calwatch auth``."""

    line: Line
    said: list[str] = field(default_factory=list)
    browser: Browser = field(default_factory=Browser)

    def sign_in(self, **fields: Any) -> SignedIn:
        terminal = Terminal(self.said.append, self.browser.open)
        try:
            return sign_in(self.line.account(**fields), self.line.around(), terminal)
        finally:
            self.browser.closed()

    def paste(self, *lines: Callable[[str], str], end: bool = False) -> SignedIn:
        """Without a browser: types ``lines``, each made of the address that calwatch printed."""
        reader, writer = os.pipe()

        def say(text: str) -> None:
            self.said.append(text)
            found = ADDRESS.search(text)
            if "Open this address" in text and found:
                os.write(writer, "".join(make(found[0]) + "\n" for make in lines).encode())
                if end:
                    os.close(writer)

        try:
            return sign_in(self.line.account(), self.line.around(), Terminal(say, lambda _: False, reader))
        finally:
            os.close(reader)
            if not end:
                os.close(writer)

    @property
    def stored(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.line.token.read_bytes())
        return found

    @property
    def asked(self) -> dict[str, str]:
        (asked,) = self.line.google.oauth.consents
        return asked


@pytest.fixture
def desk(line: Line) -> Iterator[Desk]:
    yield Desk(line)
    assert line.google.violations == []


def test_consent_in_the_browser_is_a_sign_in_that_works(desk: Desk) -> None:
    signed_in = desk.sign_in()
    assert signed_in.address == "alex.rivera@example.com"
    assert signed_in.remarks == ()
    assert len(signed_in.granted) == 4
    connection = desk.line.open()
    assert connection.read(connection.calendar.events().list(calendarId="primary"))["kind"]
    assert connection.read(connection.gmail.users().getProfile(userId="me"))["emailAddress"]


def test_google_is_asked_for_the_least_for_good_with_proof_of_who_asks(desk: Desk) -> None:
    desk.sign_in()
    assert set(desk.asked["scope"].split()) == {EVENTS_OWNED, GMAIL_READONLY, GMAIL_COMPOSE}
    assert desk.asked["access_type"] == "offline"
    assert desk.asked["prompt"] == "consent"
    assert desk.asked["login_hint"] == "alex.rivera@example.com"
    assert desk.asked["code_challenge_method"] == "S256"
    assert len(desk.asked["code_challenge"]) == 43
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", desk.asked["redirect_uri"])
    assert len(desk.asked["state"]) >= 40


def test_each_attempt_has_its_own_state_and_proof(desk: Desk) -> None:
    desk.sign_in()
    desk.sign_in()
    first, second = desk.line.google.oauth.consents
    assert first["state"] != second["state"]
    assert first["code_challenge"] != second["code_challenge"]


def test_the_sign_in_is_stored_for_its_owner_only_with_what_google_said(desk: Desk) -> None:
    desk.sign_in()
    stored, now = desk.stored, desk.line.clock.now()
    assert desk.line.token.stat().st_mode & 0o777 == 0o600
    assert desk.line.token.parent.stat().st_mode & 0o777 == 0o700
    assert desk.line.state.stat().st_mode & 0o777 == 0o700
    assert stored["email"] == "alex.rivera@example.com"
    assert stored["client_id"] == CLIENT_ID
    assert set(stored["granted_scopes"]) == set(stored["scopes"])
    assert datetime.fromisoformat(stored["signed_in"]) == now
    assert datetime.fromisoformat(stored["expiry"]) == now + timedelta(seconds=3599)
    assert stored["ends"] is None


def test_the_file_is_one_that_googles_own_library_reads(desk: Desk) -> None:
    from google.oauth2.credentials import Credentials

    desk.sign_in()
    build: Any = Credentials
    credentials = build.from_authorized_user_file(str(desk.line.token))
    assert credentials.refresh_token == desk.stored["refresh_token"]


def test_signing_in_again_replaces_the_sign_in(desk: Desk) -> None:
    desk.line.sign_in()
    before = desk.stored["refresh_token"]
    desk.sign_in()
    assert desk.stored["refresh_token"] != before


def test_stray_visitors_end_nothing_and_learn_nothing(desk: Desk) -> None:
    strays: list[requests.Response] = []

    def before(back: str) -> None:
        root = "{0.scheme}://{0.netloc}".format(urlsplit(back))
        code = dict(parse_qsl(urlsplit(back).query))["code"]
        for path in ("/favicon.ico", "/", f"/?code={code}", f"/?state=wrong&code={code}", "/?state=%ff&error=x", "//["):
            strays.append(get(root + path))

    desk.browser.before = before
    assert desk.sign_in().address
    assert {page.status_code for page in strays} == {404}
    assert all("Nothing happened" in page.text for page in strays)


def test_a_visitor_that_says_nothing_holds_up_nobody(desk: Desk) -> None:
    import socket

    silent: list[socket.socket] = []

    def before(back: str) -> None:
        where = urlsplit(back)
        silent.append(socket.create_connection((str(where.hostname), where.port or 0)))

    desk.browser.before = before
    assert desk.sign_in().address
    for one in silent:
        one.close()


def test_the_last_page_thanks_and_shows_no_data(desk: Desk) -> None:
    desk.sign_in()
    (page,) = desk.browser.pages
    assert "You can close this page" in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "alex" not in page.text
    assert not any(value in page.text for value in (desk.asked["state"], *desk.line.google.oauth.codes))


def test_a_no_in_the_browser_stores_nothing(desk: Desk) -> None:
    desk.line.google.oauth.denies = True
    with pytest.raises(NeedsSignIn, match="Google did not give access"):
        desk.sign_in()
    assert not desk.line.token.exists()
    assert "calwatch was not given access" in desk.browser.pages[0].text


def test_a_pasted_address_signs_in_as_well(desk: Desk) -> None:
    assert desk.paste(consented).address == "alex.rivera@example.com"
    assert desk.stored["refresh_token"]


@pytest.mark.parametrize("wrapped", ["  {}  ", "'{}'", '"{}"', "<{}>", "{}\r"])
def test_what_comes_along_when_pasting_is_taken_off(desk: Desk, wrapped: str) -> None:
    assert desk.paste(lambda address: wrapped.format(consented(address))).address


def test_only_what_stands_behind_the_question_mark_will_do(desk: Desk) -> None:
    assert desk.paste(lambda address: consented(address).partition("?")[2]).address


def test_a_last_line_without_its_end_counts(desk: Desk) -> None:
    assert desk.paste(consented, end=True).address


def test_what_is_pasted_wrongly_is_explained_and_asked_again(desk: Desk) -> None:
    def of_another_attempt(address: str) -> str:
        return re.sub(r"state=[^&]+", "state=another", consented(address))

    signed_in = desk.paste(
        lambda _: "", lambda address: address, of_another_attempt, lambda _: "hello", lambda _: "x" * 5000, consented
    )
    assert signed_in.address
    explained = desk.said[1:]
    assert len(explained) == 4
    assert "That is the address to open" in explained[0]
    assert "of another attempt" in explained[1]
    assert all("It begins with http://127.0.0.1:" in text for text in explained[2:])


def test_when_nobody_types_any_more_the_browser_may_still_come(desk: Desk) -> None:
    threads: list[threading.Thread] = []
    reader, writer = os.pipe()
    os.close(writer)

    def say(text: str) -> None:
        found = ADDRESS.search(text)
        assert found
        thread = threading.Thread(target=lambda: get(consented(found[0])))
        threads.append(thread)
        thread.start()

    signed_in = sign_in(desk.line.account(), desk.line.around(), Terminal(say, lambda _: False, reader))
    os.close(reader)
    threads[0].join()
    assert signed_in.address


def test_boxes_left_unticked_are_named_and_the_rest_is_kept(desk: Desk) -> None:
    desk.line.google.oauth.unticked = frozenset({GMAIL_COMPOSE, FREEBUSY})
    signed_in = desk.sign_in(busy_calendars=("team@x.example",))
    assert len(signed_in.remarks) == 2
    assert "keeping drafts in your mailbox" in " ".join(signed_in.remarks)
    assert all("calwatch auth google" in remark for remark in signed_in.remarks)
    assert "reading your mail" in signed_in.granted
    assert set(desk.stored["granted_scopes"]) == {EVENTS_OWNED, GMAIL_READONLY}


def test_without_the_calendar_nothing_is_stored_and_everything_missing_is_named(desk: Desk) -> None:
    desk.line.google.oauth.unticked = frozenset({EVENTS_OWNED, GMAIL_READONLY})
    with pytest.raises(NeedsSignIn) as caught:
        desk.sign_in()
    assert "reading your appointments, answering invitations and holding times and reading your mail" in str(
        caught.value
    )
    assert not desk.line.token.exists()


def test_without_the_calendar_an_earlier_sign_in_stays(desk: Desk) -> None:
    desk.line.sign_in()
    before = desk.line.token.read_bytes()
    desk.line.google.oauth.unticked = frozenset({EVENTS_OWNED})
    with pytest.raises(NeedsSignIn):
        desk.sign_in()
    assert desk.line.token.read_bytes() == before


def test_another_persons_account_is_refused_and_nothing_stored(desk: Desk) -> None:
    with pytest.raises(
        NeedsSignIn, match=r"you signed in as alex.rivera@example.com, but account google is other@example.com"
    ):
        desk.sign_in(email="other@example.com")
    assert not desk.line.token.exists()


def test_without_mail_the_calendar_says_whose_it_is(desk: Desk) -> None:
    desk.line.google.oauth.unticked = frozenset({GMAIL_COMPOSE, GMAIL_READONLY})
    with pytest.raises(NeedsSignIn, match="you signed in as"):
        desk.sign_in(email="other@example.com")
    assert desk.sign_in().address == "alex.rivera@example.com"


def test_busy_time_alone_does_not_show_whose_it_is_and_that_is_said(desk: Desk) -> None:
    signed_in = desk.sign_in(use="busy")
    assert signed_in.address == ""
    assert signed_in.granted == ("seeing when your calendars are busy",)
    (remark,) = signed_in.remarks
    assert "alex.rivera@example.com could not be checked" in remark
    assert set(desk.stored["granted_scopes"]) == {FREEBUSY}


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.LOST, Fault.HTML_502, Fault.TRUNCATED, Fault.UNAUTHORIZED])
def test_an_identity_that_cannot_be_checked_is_a_warning_only(desk: Desk, fault: Fault) -> None:
    desk.line.google.faults.plan("gmail.users.getProfile", fault)
    signed_in = desk.sign_in()
    assert "could not be checked" in signed_in.remarks[0]
    assert desk.stored["refresh_token"]


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.LOST, Fault.HTML_502, Fault.TRUNCATED])
def test_a_code_that_cannot_be_exchanged_at_the_moment_is_a_passing_failure(desk: Desk, fault: Fault) -> None:
    desk.line.google.faults.plan("oauth.token", fault)
    with pytest.raises(Retry, match="run it again"):
        desk.sign_in()
    assert not desk.line.token.exists()


def test_a_code_that_was_used_before_is_told_as_that(desk: Desk) -> None:
    def used(_: str) -> None:
        for code in desk.line.google.oauth.codes.values():
            code.used = True

    desk.browser.before = used
    with pytest.raises(NeedsSignIn, match="Google no longer took the code"):
        desk.sign_in()


def test_a_client_google_does_not_know_is_an_error_of_the_configuration(desk: Desk) -> None:
    def deleted(_: str) -> None:
        desk.line.google.oauth.clients.clear()

    desk.browser.before = deleted
    with pytest.raises(ConfigError, match="Google does not know the client"):
        desk.sign_in()


def test_a_client_file_that_will_not_do_is_an_error_of_the_configuration(desk: Desk) -> None:
    account = desk.line.account()
    account.client_file.write_text('{"web": {}}', encoding="utf-8")
    with pytest.raises(ConfigError, match="Web application"):
        sign_in(account, desk.line.around(), Terminal(desk.said.append, desk.browser.open))
    assert desk.line.google.seen == []


def test_a_state_folder_that_cannot_be_made_is_told(desk: Desk) -> None:
    desk.line.state.write_text("a file", encoding="utf-8")
    with pytest.raises(Stop, match="the sign-in cannot be stored"):
        desk.sign_in()


def test_an_access_limited_in_time_is_remembered_with_its_end(desk: Desk) -> None:
    exchange = desk.line.google.oauth._exchange
    desk.line.google.oauth._exchange = lambda form: {  # type: ignore[method-assign]  # Google's time-based access
        **exchange(form),
        "refresh_token_expires_in": 30 * 86400,
    }
    desk.sign_in()
    assert datetime.fromisoformat(desk.stored["ends"]) == desk.line.clock.now() + timedelta(days=30)


def test_oauthlibs_leniencies_end_with_the_sign_in(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OAUTHLIB_INSECURE_TRANSPORT", raising=False)
    monkeypatch.setenv("OAUTHLIB_RELAX_TOKEN_SCOPE", "theirs")
    desk.sign_in()
    assert "OAUTHLIB_INSECURE_TRANSPORT" not in os.environ
    assert os.environ["OAUTHLIB_RELAX_TOKEN_SCOPE"] == "theirs"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Alex.Rivera@gmail.com", "alexrivera@gmail.com", True),
        ("alexrivera@googlemail.com", "alex.rivera+jobs@gmail.com", True),
        ("alex.rivera@example.com", "alexrivera@example.com", False),
        ("alex@example.com", "ALEX@Example.com ", True),
        ("alex@gmail.com", "alex@gmail.org", False),
    ],
)
def test_one_account_may_be_written_in_more_than_one_way(one: str, other: str, same: bool) -> None:
    from calwatch.providers.google.sign_in.identity import same_account

    assert same_account(one, other) is same
