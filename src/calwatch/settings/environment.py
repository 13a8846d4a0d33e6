"""Environment overrides: ``CALWATCH_WATCH__EVERY=30s`` sets ``watch.every``; lists and tables as JSON.

pydantic-settings reads them (``variables.py``). It is not imported when there are none, as on most starts: it costs
about five times as much as ``python -c pass``.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from calwatch.settings.tree import Settings, field_names

PREFIX = "CALWATCH_"
DELIMITER = "__"


@dataclass(slots=True)
class Origins:
    """Which key came from which variable (for the wording of problems), and variables that cannot be used at all."""

    variables: dict[tuple[str, ...], str] = field(default_factory=dict)
    refused: list[tuple[str, str]] = field(default_factory=list)


def overlay(data: dict[str, Any], env: Mapping[str, str]) -> Origins:
    """Writes the overrides found in ``env`` into ``data``; accounts cannot be set this way.

    An override names a table and a key; $CALWATCH_CONFIG and whatever else has no ``__`` is none.
    """
    origins = Origins()
    found = sorted(name for name in env if name.startswith(PREFIX) and DELIMITER in name)
    if not found:
        return origins
    from calwatch.settings.variables import read

    for variable in found:
        table, _, key = variable.removeprefix(PREFIX).partition(DELIMITER)
        if table.lower() == "accounts":
            origins.refused.append((variable, "accounts are set in the file only"))
        elif (override := read(variable, env[variable])) is None:
            origins.refused.append((variable, f"no such part of the configuration{_nearest(table, key)}"))
        elif _place(data, *override):
            origins.variables[override[0]] = variable
        else:
            origins.refused.append((variable, f"{'.'.join(override[0][:-1])} is not a table"))
    return origins


def _nearest(table: str, key: str) -> str:
    tables = [name for name in field_names(Settings) if name != "accounts"]
    near = difflib.get_close_matches(table.lower(), tables, n=1)
    return f"; did you mean {PREFIX}{near[0].upper()}{DELIMITER}{key.upper()}?" if near else ""


def _place(data: dict[str, Any], path: tuple[str, ...], value: Any) -> bool:
    table = data
    for key in path[:-1]:
        inner = table.setdefault(key, {})
        if not isinstance(inner, dict):
            return False
        table = inner
    table[path[-1]] = value
    return True
