"""Where the state is: the same place for the service and for every command."""

from __future__ import annotations

from pathlib import Path

from calwatch.settings import state_folder

HOME = {"HOME": "/home/alex"}
UNIT = Path(__file__).parents[3] / "systemd" / "calwatch.service"


def test_the_configured_place_wins() -> None:
    assert state_folder(Path("/x"), HOME | {"STATE_DIRECTORY": "/var/lib/calwatch"}) == Path("/x")


def test_a_user_unit_and_a_command_agree_on_any_systemd() -> None:
    plain = state_folder(None, HOME)
    for given in ("/home/alex/.config/calwatch", "/home/alex/.local/state/calwatch"):
        assert state_folder(None, HOME | {"STATE_DIRECTORY": given}) == plain


def test_a_system_service_uses_its_own_folder() -> None:
    assert state_folder(None, HOME | {"STATE_DIRECTORY": "/var/lib/calwatch"}) == Path("/var/lib/calwatch")


def test_the_xdg_folder_is_used_when_it_is_absolute() -> None:
    assert state_folder(None, HOME | {"XDG_STATE_HOME": "/s"}) == Path("/s/calwatch")
    assert state_folder(None, HOME | {"XDG_STATE_HOME": "s"}) == Path("/home/alex/.local/state/calwatch")


def test_the_unit_really_is_confined_and_may_write_the_state() -> None:
    lines = UNIT.read_text(encoding="utf-8").splitlines()
    given = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    # A user manager ignores ProtectSystem= without PrivateUsers=, and can make only what is there writable.
    assert given["ProtectSystem"] == "strict"
    assert given["PrivateUsers"] == "yes"
    state = str(state_folder(None, HOME)).replace("/home/alex", "%h")
    assert f"-{state}" in given["ReadWritePaths"].split()
    assert given["ExecStartPre"] == f"+/bin/mkdir -p -m 0700 {state}"
