"""Signing in with a browser: PKCE, a state of its own, and an address that may be pasted when it is somewhere else."""

from __future__ import annotations

import os
import re
import threading
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from calwatch.errors import ConfigError, NeedsSignIn
from calwatch.providers.outlook.sign_in.consent import sign_in
from calwatch.providers.signing import SignedIn, Terminal
from unit.providers.outlook.conftest import Line


def led_back(address: str) -> str:
    """Where Microsoft's page sends the browser after the person's click."""
    trusted = os.environ["SSL_CERT_FILE"]
    headers = {"Connection": "close"}
    answer = requests.get(address, timeout=10, allow_redirects=False, headers=headers, verify=trusted)
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


@dataclass
class Desk:
    """Somebody at a desk with a browser, or without one."""

    line: Line
    said: list[str] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)

    def sign_in(self, **fields: Any) -> SignedIn:
        try:
            return self._sign_in(Terminal(self.said.append, self._browse), **fields)
        finally:
            for thread in self.threads:
                thread.join()

    def paste(self) -> SignedIn:
        reader, writer = os.pipe()

        def say(text: str) -> None:
            self.said.append(text)
            found = re.search(r"https://localhost\S+authorize\S+", text)
            if found:
                os.write(writer, f"{led_back(found[0])}\n".encode())

        try:
            return self._sign_in(Terminal(say, lambda _: False, reader))
        finally:
            os.close(reader)
            os.close(writer)

    def _sign_in(self, terminal: Terminal, **fields: Any) -> SignedIn:
        return sign_in(self.line.account(sign_in="browser", **fields), self.line.around(), terminal)

    def _browse(self, address: str) -> bool:
        thread = threading.Thread(target=self._visit, args=(address,))
        self.threads.append(thread)
        thread.start()
        return True

    def _visit(self, address: str) -> None:
        back = led_back(address)
        requests.get(back.replace("localhost", "127.0.0.1"), timeout=10, headers={"Connection": "close"})

    @property
    def asked(self) -> dict[str, str]:
        (asked,) = self.line.microsoft.identity.asked
        return asked


@pytest.fixture
def desk(line: Line) -> Desk:
    return Desk(line)


def test_consent_in_the_browser_is_a_sign_in_that_works(desk: Desk) -> None:
    signed_in = desk.sign_in()
    assert signed_in.address == "alex.rivera@example.com"
    assert desk.line.open().read("/me/calendars")["value"]
    assert desk.line.asked("identity.devicecode") == 0


def test_microsoft_is_asked_with_proof_of_who_asks_and_led_back_to_this_machine(desk: Desk) -> None:
    desk.sign_in()
    assert desk.asked["code_challenge_method"] == "S256"
    assert len(desk.asked["code_challenge"]) == 43
    assert len(desk.asked["state"]) >= 40
    assert desk.asked["login_hint"] == "alex.rivera@example.com"
    assert desk.asked["response_mode"] == "query"
    assert re.fullmatch(r"http://localhost:\d+", desk.asked["redirect_uri"])


def test_the_address_a_browser_elsewhere_ends_at_is_pasted(desk: Desk) -> None:
    assert desk.paste().address == "alex.rivera@example.com"
    assert "Copy the address of that page and paste it here" in desk.said[-1]


def test_a_no_in_the_browser_stores_nothing(desk: Desk) -> None:
    desk.line.microsoft.identity.declines = True
    with pytest.raises(NeedsSignIn, match="you declined, or were not allowed to agree"):
        desk.sign_in()
    assert not desk.line.token.exists()


def test_consent_that_an_administrator_must_give_is_known_by_what_the_browser_brings(desk: Desk) -> None:
    desk.line.microsoft.identity.refuse("access_denied", 90094, "Admin consent is required.")
    with pytest.raises(NeedsSignIn, match="adminconsent"):
        desk.sign_in()


def test_a_registration_without_public_clients_is_the_persons_to_change(desk: Desk) -> None:
    desk.line.microsoft.identity.public = False
    with pytest.raises(ConfigError, match='"Allow public client flows" to Yes'):
        desk.sign_in()


def test_another_persons_sign_in_is_refused(desk: Desk) -> None:
    desk.line.microsoft.identity.address = "somebody.else@example.com"
    with pytest.raises(NeedsSignIn, match=r"somebody\.else@example\.com"):
        desk.sign_in()
    assert not desk.line.token.exists()
