"""Where the state is: the same place for the service and for every command."""

from __future__ import annotations

from pathlib import Path

from calwatch.settings import state_folder

HOME = {"HOME": "/home/alex"}


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
