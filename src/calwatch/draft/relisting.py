"""Exchanges the printed times inside a letter the person may have edited; every other word stays as it is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from calwatch.draft.wording import BULLET


def swap(text: str, *, old_lines: Sequence[str], new_lines: Sequence[str], old_zone: str, new_zone: str) -> str:
    """``text`` with the old list replaced by the new one, where the old one stood, behind the same bullet.

    Without any old line left the list goes below the paragraph with the zone, else above the closing. A zone that is
    no longer right is exchanged where it is printed; with no new times the sentence that introduced the list goes too.
    """
    rows = text.split("\n")
    places = [i for i, row in enumerate(rows) if any(_holds(row, line) for line in old_lines)]
    bullet = _bullet(rows[places[0]], old_lines) if places else BULLET
    block = [bullet + line for line in new_lines]
    if places:
        rows = [*rows[: places[0]], *block, *(r for i, r in enumerate(rows[places[0] :], places[0]) if i not in places)]
    elif block:
        rows = _placed(rows, block, old_zone, new_zone)
    changed = "\n".join(rows)
    if old_zone and not new_lines:
        changed = re.sub(rf"[^.!?\n]*{re.escape(old_zone)}[^.!?\n]*(?:\n|$)", "", changed)
    elif old_zone and old_zone != new_zone:
        changed = changed.replace(old_zone, new_zone)
    return re.sub(r"\n{3,}", "\n\n", changed).strip()


def _holds(row: str, line: str) -> bool:
    return " ".join(line.split()) in " ".join(row.split())


def _bullet(row: str, lines: Sequence[str]) -> str:
    """What stands before the printed line: a bullet of ours, or the one the person made of it."""
    return next((row[: row.index(line)] for line in lines if line in row), BULLET)


def _placed(rows: list[str], block: list[str], old_zone: str, new_zone: str) -> list[str]:
    anchor = next((i for i, row in enumerate(rows) if old_zone and old_zone in row), None)
    if anchor is not None:
        return [*rows[: anchor + 1], "", *block, "", *rows[anchor + 1 :]]
    blanks = [i for i, row in enumerate(rows) if not row.strip()]
    closing = blanks[-1] if blanks else len(rows)
    return [*rows[:closing], "", f"({new_zone})" if new_zone else "", *block, *rows[closing:]]
