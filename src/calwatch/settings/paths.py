"""Where the configuration file and the state folder are; the same answer for the service and for every command."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from calwatch.errors import ConfigError

SYSTEM_CONFIG = Path("/etc/calwatch/calwatch.toml")


def config_candidates(explicit: Path | None, env: Mapping[str, str]) -> tuple[Path, ...]:
    """The places to look, first wins: ``--config``, $CALWATCH_CONFIG, the XDG folder, /etc."""
    if explicit is not None:
        return (explicit,)
    if env.get("CALWATCH_CONFIG"):
        return (Path(env["CALWATCH_CONFIG"]).expanduser(),)
    return (config_home(env) / "calwatch" / "calwatch.toml", SYSTEM_CONFIG)


def config_home(env: Mapping[str, str]) -> Path:
    """$XDG_CONFIG_HOME, else ~/.config (relative values are ignored, XDG base directory specification)."""
    return _xdg(env, "XDG_CONFIG_HOME", ".config")


def find_config(explicit: Path | None, env: Mapping[str, str]) -> Path:
    """The configuration file to read; raises ConfigError saying where it was looked for."""
    candidates = config_candidates(explicit, env)
    for path in candidates:
        if path.exists():
            return path
    looked = ", ".join(str(path) for path in candidates)
    raise ConfigError([f"no configuration found (looked for {looked}); `calwatch init` writes one"])


def state_folder(configured: Path | None, env: Mapping[str, str]) -> Path:
    """The state folder: ``storage.path``, else systemd's, else $XDG_STATE_HOME/calwatch or ~/.local/state/calwatch.

    $STATE_DIRECTORY of a *user* unit is ignored: systemd before 254 points it below ~/.config, where the person's own
    commands would not look. A system service has it outside the home folder, and there it counts.
    """
    if configured is not None:
        return configured
    given = env.get("STATE_DIRECTORY", "").partition(":")[0]
    if given.startswith("/") and not Path(given).is_relative_to(_home(env)):
        return Path(given)
    return _xdg(env, "XDG_STATE_HOME", ".local/state") / "calwatch"


def _xdg(env: Mapping[str, str], variable: str, default: str) -> Path:
    value = env.get(variable, "")
    return Path(value) if value.startswith("/") else _home(env) / default


def _home(env: Mapping[str, str]) -> Path:
    return Path(env["HOME"]) if env.get("HOME") else Path.home()
