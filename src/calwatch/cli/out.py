"""What commands print: tables and text for people on stdout, or one JSON document; foreign text is made harmless."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from calwatch.model.plain import many_lines, one_line

_BROAD = 22
"""Characters; a wider column of a table wraps before any narrower one does."""


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
    widths = [max(len(row[i]) for row in [list(headings), *cells]) for i in range(len(headings))]
    if sys.stdout.isatty():
        if sum(min(width, _BROAD) for width in widths) + 2 * (len(widths) - 1) > shutil.get_terminal_size().columns:
            _stack(headings, cells)
        else:
            _rich_table(headings, cells, widths)
        return
    for row in [list(headings), *cells]:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _stack(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """The rows as paragraphs, for a terminal too narrow for columns; cells that do not explain themselves are named.

    Those are the cells under a heading of two words ("best by"); empty cells and dashes are left out.
    """
    columns = shutil.get_terminal_size().columns
    for row in rows:
        cells = [(name, cell) for name, cell in zip(headings[1:], row[1:], strict=True) if cell not in ("", "–")]
        rest = ", ".join(f"{name} {cell}" if " " in name else cell for name, cell in cells)
        indent = " " * (min(len(row[0]), 4) + 2)
        print(textwrap.fill(f"{row[0]}  {rest}", max(columns - 1, 20), subsequent_indent=indent))


def _rich_table(headings: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[int]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading, width in zip(headings, widths, strict=True):
        drawn.add_column(heading, overflow="fold", no_wrap=width <= _BROAD)
    for row in rows:
        drawn.add_row(*(Text(cell) for cell in row))  # Text: square brackets in a title are not markup
    Console(highlight=False).print(drawn)


def wall(moment: datetime | None, zone: str) -> str:
    """``Tue 14 Apr 10:00`` in ``zone``; ``–`` for nothing."""
    if moment is None:
        return "–"
    local = moment.astimezone(ZoneInfo(zone))
    return f"{local:%a} {local.day} {local:%b} {local:%H:%M}"


def day(moment: datetime, zone: str) -> str:
    """``Tue 14 Apr`` in ``zone``."""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{local:%a} {local.day} {local:%b}"


def deadline(moment: datetime, zone: str) -> str:
    """As ``wall``; where a day begins, the end of the day before, as one would say it: ``Mon 13 Apr``."""
    if moment.astimezone(ZoneInfo(zone)).time() == time(0):
        return day(moment - timedelta(seconds=1), zone)
    return wall(moment, zone)


def stretch(start: datetime, end: datetime, zone: str) -> str:
    """``Tue 14 Apr 10:00–11:00``; the end with its own day when that is another; whole days without a time."""
    first, last = start.astimezone(ZoneInfo(zone)), end.astimezone(ZoneInfo(zone))
    if first.time() == last.time() == time(0) and first < last:
        final = day(end - timedelta(seconds=1), zone)
        return day(start, zone) if final == day(start, zone) else f"{day(start, zone)}–{final}"
    tail = f"{last:%H:%M}" if first.date() == last.date() else wall(end, zone)
    return f"{wall(start, zone)}–{tail}"
