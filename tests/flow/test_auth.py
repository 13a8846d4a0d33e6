"""``calwatch auth`` as a person meets it: the real console script, a browser or a paste, and a service that heals."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from calwatch.clock import SystemClock
from fakes.google.server import FakeGoogle
from flow.program import CALWATCH, PATIENCE

CONFIG = """\
[you]
name = "Alex Rivera"
emails = ["alex.rivera@example.com"]
timezone = "Europe/Berlin"

[[accounts]]
name = "personal"
provider = "google"
email = "{email}"
client_file = "client.json"
api_root = "{root}"
gmail_root = "{root}"

[[accounts]]
name = "files"
provider = "local"
calendar = "calendar/"

[watch]
every = "1h"

[approval]
listen = ""

[storage]
path = "state/"
"""


@dataclass
class Shell:
    """One person's terminal, with their configuration and the fake Google."""

    folder: Path
    google: FakeGoogle

    def configure(self, email: str = "alex.rivera@example.com") -> None:
        self.google.client_file(self.folder)
        (self.folder / "calendar").mkdir(exist_ok=True)
        text = CONFIG.format(email=email, root=self.google.url)
        (self.folder / "calwatch.toml").write_text(text, encoding="utf-8")

    @property
    def token(self) -> Path:
        return self.folder / "state/tokens/personal.json"

    @property
    def environment(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LANG": "C.UTF-8"}

    def words(self, *words: str) -> list[str]:
        return [str(CALWATCH), "--config", str(self.folder / "calwatch.toml"), *words]

    def run(self, *words: str, code: int = 0, typed: str = "", **env: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            self.words(*words),
            env=self.environment | env,
            input=typed,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert "Traceback" not in done.stderr
        assert done.returncode == code, done.stdout + done.stderr
        return done

    @contextmanager
    def auth(self) -> Iterator[subprocess.Popen[str]]:
        """``auth --no-browser`` while it waits."""
        with subprocess.Popen(
            self.words("auth", "personal", "--no-browser"),
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def checked(self, code: int = 0) -> dict[str, list[str]]:
        """What ``check`` says of the account's sign-in and of what is read with it, by its result."""
        found: dict[str, list[str]] = {}
        for row in json.loads(self.run("check", "--json", code=code).stdout):
            if row["what"].startswith("account personal"):
                found.setdefault(row["result"], []).append(f"{row['what']}: {row['detail']}")
        return found


def printed(process: subprocess.Popen[str]) -> str:
    """The address it printed."""
    assert process.stdout is not None
    for line in process.stdout:
        if re.match(r"https?://", line):
            return line.strip()
    raise AssertionError("no address was printed")


def led_to(address: str) -> str:
    """Where the browser is sent after the person's click."""
    answer = requests.get(address, allow_redirects=False, timeout=10, headers={"Connection": "close"})
    return answer.headers["Location"]


def ended(process: subprocess.Popen[str], typed: str | None = None) -> tuple[int, str, str]:
    out, err = process.communicate(typed, timeout=30)
    assert "Traceback" not in err
    return process.returncode, out, err


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    with FakeGoogle(SystemClock()) as google:
        found = Shell(tmp_path, google)
        found.configure()
        yield found
        assert google.violations == []


def test_the_printed_address_opened_in_a_browser_signs_in(shell: Shell) -> None:
    with shell.auth() as process:
        page = requests.get(led_to(printed(process)), timeout=10, headers={"Connection": "close"})
        code, out, err = ended(process)
    assert "You can close this page" in page.text
    assert (code, err) == (0, "")
    assert "Account personal is signed in as alex.rivera@example.com. It allows:" in out
    assert "  reading your appointments" in out
    assert "Try it: calwatch check" in out
    assert shell.token.stat().st_mode & 0o777 == 0o600


def test_the_address_the_browser_ended_at_may_be_pasted(shell: Shell) -> None:
    with shell.auth() as process:
        code, out, _ = ended(process, f"what is this?\n{led_to(printed(process))}\n")
    assert code == 0
    assert "That is not the address the browser was led to" in out
    assert shell.token.exists()


def test_a_browser_that_can_be_opened_is_opened(shell: Shell, tmp_path: Path) -> None:
    script = tmp_path / "browser.py"
    script.write_text("import sys, urllib.request\nurllib.request.urlopen(sys.argv[1], timeout=10).read()\n")
    done = shell.run("auth", "personal", BROWSER=f"{sys.executable} {script} %s")
    assert "Your browser opens." in done.stdout
    assert shell.token.exists()


def test_without_any_display_no_browser_is_tried_and_pasting_is_offered(shell: Shell) -> None:
    with subprocess.Popen(
        shell.words("auth", "personal"),
        env=shell.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        code, _, err = ended(process, led_to(printed(process)))
    assert (code, err) == (0, "")
    assert shell.token.exists()


def test_a_no_in_the_browser_is_a_sentence_and_exit_4(shell: Shell) -> None:
    shell.google.oauth.denies = True
    with shell.auth() as process:
        code, _, err = ended(process, led_to(printed(process)) + "\n")
    assert code == 4
    assert err.startswith("calwatch: Google did not give access")
    assert "calwatch auth personal" in err


def test_another_persons_account_is_exit_4_and_leaves_nothing(shell: Shell) -> None:
    shell.configure(email="dana@acme.example")
    with shell.auth() as process:
        code, _, err = ended(process, led_to(printed(process)) + "\n")
    assert code == 4
    assert "you signed in as alex.rivera@example.com, but account personal is dana@acme.example" in err
    assert not shell.token.exists()


def test_what_was_not_allowed_is_a_warning_and_check_says_it_again(shell: Shell) -> None:
    shell.google.oauth.unticked = frozenset({"https://www.googleapis.com/auth/gmail.compose"})
    with shell.auth() as process:
        code, _, err = ended(process, led_to(printed(process)) + "\n")
    missing = "keeping drafts in your mailbox and sending them when you approve was not allowed"
    assert code == 0
    assert f"Warning: {missing}" in err
    assert any(missing in text for text in shell.checked()["warning"])


def test_ctrl_c_ends_it_quietly(shell: Shell) -> None:
    with shell.auth() as process:
        printed(process)
        process.send_signal(signal.SIGINT)
        code, _, err = ended(process)
    assert (code, err) == (130, "")
    assert not shell.token.exists()


def test_an_account_nobody_configured_is_told_with_those_there_are(shell: Shell) -> None:
    done = shell.run("auth", "persnal", code=2)
    assert done.stderr == "calwatch: there is no account 'persnal'; the configuration has personal, files\n"


def test_an_account_on_disk_needs_no_sign_in(shell: Shell) -> None:
    assert shell.run("auth", "files").stdout == "Account files needs no sign-in.\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "there is no client file"), ('{"web": {}}', "Web application"), ("{", "no valid JSON")],
)
def test_a_client_file_that_will_not_do_is_exit_2_with_what_to_do(shell: Shell, content: str | None, said: str) -> None:
    path = shell.folder / "client.json"
    path.unlink() if content is None else path.write_text(content, encoding="utf-8")
    done = shell.run("auth", "personal", code=2)
    assert said in done.stderr
    assert "docs/google.md" in done.stderr


def test_check_says_how_the_sign_in_stands(shell: Shell) -> None:
    assert (
        "account personal: sign-in: not signed in to Google; run: calwatch auth personal" in shell.checked(1)["fails"]
    )
    with shell.auth() as process:
        ended(process, led_to(printed(process)) + "\n")
    found = shell.checked()
    assert any("sign-in: signed in as alex.rivera@example.com since" in text for text in found["ok"])
    assert any("through Gmail" in text for text in found["ok"])
    assert any('still in "Testing", this sign-in ends on' in text for text in found["warning"])
    assert "fails" not in found


def test_check_without_a_sign_in_tells_it_once(shell: Shell) -> None:
    assert list(shell.checked(1)) == ["fails"]
    assert len(shell.checked(1)["fails"]) == 1
    assert shell.google.seen == []


def test_a_running_service_heals_when_the_person_signs_in(shell: Shell) -> None:
    with subprocess.Popen(
        shell.words("run"), env=shell.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as service:
        try:
            awaited(shell, "needs_sign_in")
            with shell.auth() as process:
                code, out, _ = ended(process, led_to(printed(process)) + "\n")
            assert code == 0
            assert "The running service takes it up now." in out
            awaited(shell, "ok")
        finally:
            service.terminate()
            _, err = service.communicate(timeout=30)
    assert "Traceback" not in err


def awaited(shell: Shell, state: str) -> None:
    """Until ``status`` shows the Google account in ``state``."""
    deadline = time.monotonic() + PATIENCE
    seen = ""
    while time.monotonic() < deadline:
        accounts = json.loads(shell.run("status", "--json").stdout)["accounts"]
        seen = next(a["state"] for a in accounts if a["name"] == "personal")
        if seen == state:
            return
    raise AssertionError(f"the account is {seen}, not {state}")
