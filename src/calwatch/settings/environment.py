"""Environment overrides: ``CALWATCH_WATCH__EVERY=30s`` sets ``watch.every``; lists and tables as JSON.

Own code instead of pydantic-settings: that costs 110 ms at every start, nine times ``python -c pass``, and
cannot say which variable a wrong value came from.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from calwatch.settings.tree import Settings, field_names

PREFIX = "CALWATCH_"
_OURS = frozenset({"CALWATCH_CONFIG"})


@dataclass(slots=True)
class Origins:
    """Which key came from which variable (for the wording of problems), and variables that cannot be used at all."""

    variables: dict[tuple[str, ...], str] = field(default_factory=dict)
    refused: list[tuple[str, str]] = field(default_factory=list)


def overlay(data: dict[str, Any], env: Mapping[str, str]) -> Origins:
    """Writes the overrides found in ``env`` into ``data``; accounts cannot be set this way."""
    origins = Origins()
    tables = [name for name in field_names(Settings) if name != "accounts"]
    for variable in sorted(env):
        if not variable.startswith(PREFIX) or variable in _OURS or "__" not in variable:
            continue
        path = tuple(part.lower() for part in variable.removeprefix(PREFIX).split("__"))
        if path[0] == "accounts":
            origins.refused.append((variable, "accounts are set in the file only"))
        elif path[0] not in tables or not all(path):
            near = difflib.get_close_matches(path[0], tables, n=1)
            hint = f"; did you mean {PREFIX}{'__'.join((near[0], *path[1:])).upper()}?" if near else ""
            origins.refused.append((variable, f"no such part of the configuration{hint}"))
        elif _place(data, path, _value(env[variable])):
            origins.variables[path] = variable
        else:
            origins.refused.append((variable, f"{'.'.join(path[:-1])} is not a table"))
    return origins


def _value(text: str) -> Any:
    """JSON for lists and tables; everything else stays text, which the options read themselves."""
    if text[:1] in "[{" and text:
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    return text


def _place(data: dict[str, Any], path: tuple[str, ...], value: Any) -> bool:
    table = data
    for key in path[:-1]:
        inner = table.setdefault(key, {})
        if not isinstance(inner, dict):
            return False
        table = inner
    table[path[-1]] = value
    return True
