"""Starting is quick because nothing heavy is imported until a command needs it; floors are kept by machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

PAGE = ("flask", "itsdangerous", "prometheus_client", "segno", "waitress", "werkzeug")
"""What only the approval page needs."""

DOORS = "calwatch.daemon.service.Doors(lambda: None)"

HEAVY = (
    "alembic",
    "apprise",
    "apscheduler",
    "babel",
    "dateutil",
    "dotenv",
    "google",
    "googleapiclient",
    "holidays",
    "icalendar",
    "inscriptis",
    "jinja2",
    "msal",
    "phonenumbers",
    "py3langid",
    "pydantic_settings",
    "requests",
    "rich",
    "sqlalchemy",
    "numpy",
    *PAGE,
)


def loaded_by(code: str, **variables: str) -> set[str]:
    """Top-level modules in a fresh interpreter after ``code``, with no CALWATCH_ variable but ``variables``."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("CALWATCH_")} | variables
    script = f"{code}\nimport json, sys\nprint(json.dumps(sorted({{m.partition('.')[0] for m in sys.modules}})))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60, env=env
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_the_version_is_told_before_even_argparse_is_imported() -> None:
    modules = loaded_by("from calwatch.__main__ import main\nassert main(['--version']) == 0")
    assert not modules & {*HEAVY, "argparse", "pydantic", "logging", "zoneinfo"}


def test_the_command_line_imports_nothing_heavy() -> None:
    modules = loaded_by("import calwatch.cli\nfrom calwatch.cli.commands import parser\nparser()")
    assert not modules & {*HEAVY, "pydantic", "zoneinfo"}


def test_settings_import_nothing_heavy() -> None:
    assert not loaded_by("import calwatch.settings") & set(HEAVY)


def test_the_table_of_providers_imports_nothing_heavy() -> None:
    heavy = {*HEAVY, "httplib2", "oauthlib", "requests_oauthlib", "urllib3", "google_auth_oauthlib"}
    assert not loaded_by("import calwatch.providers, calwatch.providers.google.options") & heavy


def test_an_outlook_account_is_opened_without_what_signs_in_to_it() -> None:
    outlook = "calwatch.providers.outlook"
    opening = f"import {outlook}.calendar.outlook_calendar, {outlook}.mail.outlook_mail, {outlook}.api.connection"
    assert "msal" not in loaded_by(opening)


def test_an_outgoing_server_is_checked_without_the_means_to_reach_it(tmp_path: Path) -> None:
    config = tmp_path / "calwatch.toml"
    minimal = (ROOT / "config/minimal.toml").read_text("utf-8")
    config.write_text(minimal.replace('provider = "local"', 'provider = "local"\noutgoing = "smtps://alex@mx.example"'))
    loading = f"import calwatch.settings, pathlib\nfound = calwatch.settings.load(pathlib.Path({str(config)!r}))"
    said = f"{loading}\nassert found.accounts[0].outgoing == 'smtps://alex@mx.example'"
    assert not loaded_by(said) & {"smtplib", "ssl"}


def test_listing_drafts_imports_no_mapper_no_migrations_no_providers(tmp_path: Path) -> None:
    config = tmp_path / "calwatch.toml"
    config.write_text((ROOT / "config/minimal.toml").read_text("utf-8") + '[storage]\npath = "state"\n', "utf-8")
    listing = f"from calwatch.__main__ import main\nassert main(['--config', {str(config)!r}, 'drafts']) == 0"
    allowed = {"sqlalchemy"}
    assert not loaded_by(listing) & (set(HEAVY) - allowed)


def test_a_service_without_a_page_imports_nothing_of_one() -> None:
    world = "SimpleNamespace(settings=SimpleNamespace(approval=SimpleNamespace(listen='')))"
    running = f"import calwatch.daemon.service\nfrom types import SimpleNamespace\ndoors = {DOORS}\ndoors.open({world})"
    assert not loaded_by(f"{running}\nassert doors.answer('page') == 'off'\ndoors.tend()") & set(PAGE)


def test_asking_for_the_page_imports_nothing_of_it() -> None:
    assert not loaded_by("import calwatch.cli.opening, calwatch.cli.status, calwatch.web.sessions") & set(PAGE)


def test_pydantic_settings_is_imported_for_an_override_and_for_nothing_else(tmp_path: Path) -> None:
    config = tmp_path / "calwatch.toml"
    config.write_text((ROOT / "config/minimal.toml").read_text("utf-8"), "utf-8")
    loading = "import calwatch.settings\nassert calwatch.settings.load().watch.every.seconds == "
    others = {"CALWATCH_CONFIG": str(config), "CALWATCH_SMTP_PASSWORD": "secret"}
    assert "pydantic_settings" not in loaded_by(f"{loading}60", **others)
    assert "pydantic_settings" in loaded_by(f"{loading}30", **others, CALWATCH_WATCH__EVERY="30s")


def test_the_floors_hold() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout[-3000:]


def test_every_pure_floor_is_in_the_contract_of_purity() -> None:
    text = (ROOT / ".importlinter").read_text("utf-8")
    layers, _, pure = text.partition("importlinter:contract:pure")
    floors = layers[layers.index("    ports\n") + len("    ports\n") :]
    below = {name for line in floors.splitlines() if line.startswith("    ") for name in line.split() if name.isalpha()}
    assert below == {name.strip().removeprefix("calwatch.") for name in pure.splitlines() if "calwatch." in name}
