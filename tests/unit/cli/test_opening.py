"""``open`` and what ``status`` says of the page, with a service that answers on its socket as the test wants."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from calwatch.cli import opening, run
from calwatch.daemon.line import answer_one, listen
from calwatch.settings import Settings, load
from calwatch.store import open_store
from calwatch.store.lock import acquire
from calwatch.web import sessions

CONFIG = """
[you]
name = "Alex Rivera"
emails = ["alex@example.com"]
timezone = "Europe/Berlin"

[[accounts]]
name = "files"
provider = "local"
calendar = "calendar/"

[approval]
listen = "{listen}"
public_url = "{public}"

[storage]
path = "state/"
"""
HERE = "127.0.0.1:8765"
PUBLIC = "https://calwatch.example.org"


def configured(folder: Path, listen_at: str = HERE, public: str = PUBLIC) -> Settings:
    path = folder / "calwatch.toml"
    path.write_text(CONFIG.format(listen=listen_at, public=public), "utf-8")
    settings = load(path, {"HOME": str(folder)})
    settings.state.mkdir(mode=0o700, exist_ok=True)
    return settings


@contextmanager
def a_service(settings: Settings, answer: str) -> Iterator[list[str]]:
    """Holds the state folder and answers one word; gives what it was asked."""
    heard: list[str] = []

    def reply(word: str) -> str:
        heard.append(word)
        return answer

    lock = acquire(settings.state)
    assert lock is not None
    with lock, listen(settings.state) as listener:
        thread = threading.Thread(target=answer_one, args=(listener, reply))
        thread.start()
        yield heard
        if thread.is_alive():  # nobody asked
            with socket.socket(socket.AF_UNIX) as nobody:
                nobody.connect(listener.getsockname())
        thread.join(5)


def said(folder: Path, *words: str) -> int:
    return run(["--config", str(folder / "calwatch.toml"), "open", *words])


@pytest.mark.parametrize(("words", "asked"), [(("--print",), "open"), (("--print", "12"), "open 12")])
def test_the_address_is_printed_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], asked: str
) -> None:
    with a_service(configured(tmp_path), f"ok http://{HERE}/o/secret") as heard:
        assert said(tmp_path, *words) == 0
    assert heard == [asked]
    assert capsys.readouterr() == (f"http://{HERE}/o/secret\n", "")


@pytest.mark.parametrize(
    ("answer", "code", "told"),
    [
        ("error 3: there is no draft 12", 3, "there is no draft 12"),
        (f"error 1: the page's address {HERE} is taken by another program; set …", 1, f"address {HERE} is taken"),
        ("error 2: the page is switched off (approval.listen is empty)", 2, "switched off"),
        ("error 75: the service is starting or ending; try again", 75, "try again"),
        ("error: unknown verb", 1, "restart it"),
        ("", 1, "restart it"),
    ],
)
def test_what_the_service_refuses_has_its_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], answer: str, code: int, told: str
) -> None:
    with a_service(configured(tmp_path), answer):
        assert said(tmp_path, "12") == code
    out, err = capsys.readouterr()
    assert told in err
    assert out == ""


def test_without_a_service_it_says_how_to_start_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    configured(tmp_path)
    assert said(tmp_path) == 75
    assert "calwatch run" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("listen_at", "public", "words", "told"),
    [
        ("", "", (), "set approval.listen"),
        ("", "", ("--pair",), "set approval.listen"),
        (HERE, "", ("--pair",), "set approval.public_url"),
        (HERE, PUBLIC, ("12", "--pair"), "leave the draft out"),
        (HERE, PUBLIC, ("12", "--revoke"), "leave the draft out"),
    ],
)
def test_what_is_not_configured_or_makes_no_sense_asks_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], listen_at: str, public: str, words: tuple[str, ...], told: str
) -> None:
    with a_service(configured(tmp_path, listen_at, public), "ok") as heard:
        assert said(tmp_path, *words) == 2
    assert set(heard) <= {""}
    assert told in capsys.readouterr().err


def test_pairing_prints_the_address_and_says_what_it_does(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with a_service(configured(tmp_path), f"ok {PUBLIC}/p/secret") as heard:
        assert said(tmp_path, "--pair") == 0
    out, err = capsys.readouterr()
    assert heard == ["pair"]
    assert out == f"{PUBLIC}/p/secret\n"
    assert "10 minutes" in err
    assert "secret" not in err


def test_the_code_is_light_on_dark_whatever_the_terminal_is() -> None:
    lines = opening._code(f"{PUBLIC}/p/{'x' * 32}").split("\n")
    assert all(line.startswith("\x1b[97;40m") and line.endswith("\x1b[0m") for line in lines)
    widths = {len(line.removeprefix("\x1b[97;40m").removesuffix("\x1b[0m")) for line in lines}
    assert len(widths) == 1
    assert max(widths) < 80


def test_closing_the_page_everywhere_needs_no_service(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings, now = configured(tmp_path), datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
    assert said(tmp_path, "--revoke") == 0
    assert not list(settings.state.iterdir()), "there was nothing to close, and nothing is made for it"
    with open_store(settings.state) as store:
        opened = sessions.accept(store, now, sessions.Kind.PAIRED, sessions.invite(store, now, sessions.Kind.PAIRED))
        unused = sessions.invite(store, now, sessions.Kind.LOOPBACK)
    assert opened is not None
    assert said(tmp_path, "--revoke") == 0
    with open_store(settings.state) as store:
        assert sessions.find(store, now, sessions.Kind.PAIRED, opened[0]) is None
        assert sessions.accept(store, now, sessions.Kind.LOOPBACK, unused) is None
    assert "closed everywhere" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("answer", "state", "address"),
    [
        (f"ok http://{HERE}", "ok", f"http://{HERE}"),
        (f"taken the page's address {HERE} is taken", "taken", f"http://{HERE}"),
        ("error the page cannot be served", "error", f"http://{HERE}"),
        ("off", "off", None),
        ("error: unknown verb", "unknown", f"http://{HERE}"),
    ],
)
def test_status_tells_how_the_page_is(tmp_path: Path, answer: str, state: str, address: str | None) -> None:
    settings = configured(tmp_path)
    with a_service(settings, answer) as heard:
        told = opening.standing(settings)
    assert heard == ["page"]
    assert (told["state"], told["address"]) == (state, address)
    assert bool(told["detail"]) == (state != "ok")


def test_status_without_a_service_or_a_page_asks_nobody(tmp_path: Path) -> None:
    assert opening.standing(configured(tmp_path))["state"] == "stopped"
    assert opening.standing(configured(tmp_path, listen_at="")) == {"address": None, "state": "off", "detail": None}


def test_status_does_not_wait_for_a_command_that_only_holds_the_folder(tmp_path: Path) -> None:
    settings = configured(tmp_path)
    lock = acquire(settings.state)
    assert lock is not None
    with lock:
        assert opening.standing(settings)["state"] == "unknown"
