"""What commands print: tables and text for people on stdout, or one JSON document; foreign text is made harmless."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from calwatch.model.plain import many_lines, one_line


def document(value: Any) -> None:
    """One JSON document on stdout. Escapes everything beyond ASCII, so no terminal can be driven through it."""
    json.dump(value, sys.stdout, indent=2)
    sys.stdout.write("\n")


def say(text: str = "") -> None:
    """Text for people on stdout; control and direction characters are taken out."""
    print(many_lines(text))


def remark(text: str) -> None:
    """Progress and asides, on stderr."""
    print(many_lines(text), file=sys.stderr)


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table, as wide as the terminal; on anything that is no terminal, plain columns nobody has to parse around."""
    cells = [[one_line(cell, 300) for cell in row] for row in rows]
    if sys.stdout.isatty():
        _rich_table(headings, cells)
        return
    widths = [max(len(row[i]) for row in [list(headings), *cells]) for i in range(len(headings))]
    for row in [list(headings), *cells]:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _rich_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=SIMPLE, pad_edge=False)
    for heading in headings:
        drawn.add_column(heading, overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(cell) for cell in row))  # Text: square brackets in a title are not markup
    Console(highlight=False).print(drawn)


def wall(moment: datetime | None, zone: str) -> str:
    """``Tue 14 Apr 10:00`` in ``zone``; ``–`` for nothing."""
    if moment is None:
        return "–"
    local = moment.astimezone(ZoneInfo(zone))
    return f"{local:%a} {local.day} {local:%b} {local:%H:%M}"


def stretch(start: datetime, end: datetime, zone: str) -> str:
    """``Tue 14 Apr 10:00–11:00``; the end with its own day when that is another."""
    first, last = start.astimezone(ZoneInfo(zone)), end.astimezone(ZoneInfo(zone))
    tail = f"{last:%H:%M}" if first.date() == last.date() else wall(end, zone)
    return f"{wall(start, zone)}–{tail}"
