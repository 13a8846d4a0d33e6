"""The pages for people name only commands, keys, files and headings that are there."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import pytest

from calwatch.cli.commands import COMMANDS, parser
from calwatch.settings import load

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")])
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
NAMES = {command.name for command in COMMANDS}


def commands(text: str) -> list[str]:
    """Every ``calwatch …`` on a line of its own in a block of code, or in backticks; without what is said beside it."""
    lines = [re.split(" #|  +", line.strip())[0].strip() for block in blocks(text) for line in block.splitlines()]
    lines += re.findall(r"`([^`]+)`", BLOCK.sub("", text))
    return [line for line in (re.sub(r"^\S*bin/", "", line) for line in lines) if re.match(r"calwatch [a-z-]", line)]


def blocks(text: str, language: str = "") -> list[str]:
    return [found[2] for found in BLOCK.finditer(text) if found[1] == language]


def anchors(page: Path) -> set[str]:
    """The headings as GitHub links to them."""
    found = re.findall(r"^#+ (.+)$", BLOCK.sub("", page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_command_on_the_page_is_one(page: Path) -> None:
    for line in commands(page.read_text("utf-8")):
        words = shlex.split(line)[1:]
        if words[0].startswith("-"):
            continue  # `calwatch --help`
        if len(words) == 1 or any(word.isupper() for word in words):
            assert words[0] in NAMES, line  # named, not run
        else:
            assert parser().parse_args(words).command == words[0], line


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_link_inside_the_project_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        if "://" in target:
            continue
        file, _, heading = target.partition("#")
        there = (page.parent / file).resolve() if file else page
        assert there.exists(), target
        assert not heading or heading in anchors(there), target


def test_the_tables_on_the_page_about_google_are_a_configuration(tmp_path: Path) -> None:
    text = (ROOT / "docs/google.md").read_text("utf-8")
    you = '[you]\nname = "Alex"\nemails = ["alex@example.com"]\ntimezone = "UTC"\n'
    tables = blocks(text, "toml")
    assert tables
    for number, block in enumerate(tables):
        file = tmp_path / f"{number}.toml"
        merged = block.replace("[you]\n", you) if "[you]" in block else you + block
        file.write_text(merged, encoding="utf-8")
        assert tomllib.loads(merged)
        assert load(file, {"HOME": str(tmp_path)}).accounts[0].provider == "google"
