"""The pages for people name only commands, keys, files and headings that are there."""

from __future__ import annotations

import ast
import re
import shlex
import tomllib
from collections.abc import Iterator
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


@pytest.mark.parametrize("provider", ["google", "outlook"])
def test_the_tables_on_the_page_about_a_provider_are_configurations(provider: str, tmp_path: Path) -> None:
    text = (ROOT / f"docs/{provider}.md").read_text("utf-8")
    you = '[you]\nname = "Alex"\nemails = ["alex@example.com"]\ntimezone = "UTC"\n'
    tables = blocks(text, "toml")
    accounts = set()
    for number, block in enumerate(tables):
        file = tmp_path / f"{number}.toml"
        merged = block.replace("[you]\n", you) if "[you]" in block else you + block
        file.write_text(merged, encoding="utf-8")
        assert tomllib.loads(merged)
        accounts |= {account.provider for account in load(file, {"HOME": str(tmp_path)}).accounts}
    assert provider in accounts
    assert accounts <= {provider, "local"}


def test_the_page_about_outlook_quotes_what_calwatch_says() -> None:
    """In its table of messages, calwatch's own are in italics, with "…" for what changes."""
    table = (ROOT / "docs/outlook.md").read_text("utf-8").partition("| it says |")[2].splitlines()[2:]
    firsts = [line.split(" | ")[0] for line in table if line.startswith("| ")]
    quoted = [quote for first in firsts for quote in re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", first)]
    said = list(sentences("outlook")) + list(sentences("remote"))
    assert len(quoted) > 20
    for quote in quoted:
        pattern = re.compile(".*".join(map(re.escape, quote.split("…"))))
        assert any(pattern.search(sentence) for sentence in said), quote


def sentences(room: str) -> Iterator[str]:
    """The texts in the code of a provider, with "…" where something is filled in."""
    for file in (ROOT / "src/calwatch/providers" / room).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
            elif isinstance(node, ast.JoinedStr):
                yield "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
