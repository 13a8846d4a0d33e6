"""Starting is quick because nothing heavy is imported until a command needs it; floors are kept by machine."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

HEAVY = (
    "alembic",
    "apprise",
    "apscheduler",
    "babel",
    "dateutil",
    "google",
    "googleapiclient",
    "holidays",
    "icalendar",
    "inscriptis",
    "jinja2",
    "msal",
    "phonenumbers",
    "py3langid",
    "requests",
    "rich",
    "sqlalchemy",
    "numpy",
)


def loaded_by(code: str) -> set[str]:
    """Top-level modules in a fresh interpreter after ``code``."""
    script = f"{code}\nimport json, sys\nprint(json.dumps(sorted({{m.partition('.')[0] for m in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_the_version_is_told_before_even_argparse_is_imported() -> None:
    modules = loaded_by("from calwatch.__main__ import main\nassert main(['--version']) == 0")
    assert not modules & {*HEAVY, "argparse", "pydantic", "logging", "zoneinfo"}


def test_the_command_line_imports_nothing_heavy() -> None:
    modules = loaded_by("import calwatch.cli\nfrom calwatch.cli.commands import parser\nparser()")
    assert not modules & {*HEAVY, "pydantic", "zoneinfo"}


def test_settings_import_nothing_heavy() -> None:
    assert not loaded_by("import calwatch.settings") & set(HEAVY)


def test_listing_drafts_imports_no_mapper_no_migrations_no_providers(tmp_path: Path) -> None:
    config = tmp_path / "calwatch.toml"
    config.write_text((ROOT / "config/minimal.toml").read_text("utf-8") + '[storage]\npath = "state"\n', "utf-8")
    modules = loaded_by(
        f"from calwatch.__main__ import main\nassert main(['--config', {str(config)!r}, 'drafts']) == 0"
    )
    allowed = {"sqlalchemy"}
    assert not modules & (set(HEAVY) - allowed)


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
