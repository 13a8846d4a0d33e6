"""Writes the example configuration and its reference page from the options themselves, so that neither can be wrong."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from calwatch.model.duration import write_duration
from calwatch.settings.problems import models_of
from calwatch.settings.tree import ACCOUNTS, Settings, field_names

_INTRO = """\
# calwatch configuration: every key, with its default. Lines that start with "# key" are optional.
# Looked for at --config, $CALWATCH_CONFIG, $XDG_CONFIG_HOME/calwatch/calwatch.toml, /etc/calwatch/calwatch.toml.
# Relative paths are relative to this file. Durations: 30s, 15m, 24h, 14d.
# Every key outside [[accounts]] can be set by environment: CALWATCH_WATCH__EVERY=30s; lists as JSON.
"""

_EXAMPLES: dict[str, Any] = {
    "accounts.name": "personal",
    "accounts.local.name": "files",
    "accounts.outlook.name": "outlook",
    "accounts.calendar": "calendar/",
    "accounts.mail": "Maildir/",
    "accounts.outgoing": "smtp://localhost:2525",
    "accounts.email": "alex.rivera@example.com",
    "accounts.local.busy_calendars": ["work.ics"],
    "watch.settle.cancelled": "45m",
    "watch.settle.interviewer_declined": "8h",
    "approval.undo.withdraw": "5m",
}
"""What to show for keys whose default says too little."""


def example(values: Mapping[str, Any] | None = None) -> str:
    """The whole commented configuration; it loads as it stands.

    ``values`` (such as ``{"you.name": "Alex"}``) are written in and not commented; required keys without one get an
    example.
    """
    values = values or {}
    parts = [_INTRO]
    for name, field in field_names(Settings).items():
        models = models_of(field.annotation)
        if name == "accounts" and "accounts.provider" in values:
            models = (ACCOUNTS[values["accounts.provider"]],)
        header = f"[[{name}]]" if _is_list(field) else f"[{name}]"
        tables = [f"{header}\n" + "\n".join(_table(model, name, values)) + "\n" for model in models]
        if tables:
            parts.append(f"\n# {field.description}\n" + "\n".join(tables))
    return "".join(parts)


def reference() -> str:
    """The reference page (Markdown): one table of keys per part."""
    lines = [
        "# Configuration",
        "",
        "<!-- Written by `make generate` from the options; edit those. -->",
        "",
        "One TOML file, looked for at `--config`, `$CALWATCH_CONFIG`, `$XDG_CONFIG_HOME/calwatch/calwatch.toml` and",
        "`/etc/calwatch/calwatch.toml`. Relative paths start at the file; durations are `30s`, `15m`, `24h`, `14d`.",
        "Every key outside `[[accounts]]` can be set by environment: `CALWATCH_WATCH__EVERY=30s`; lists as JSON.",
        "Wrong and unknown keys are reported all at once, with the nearest valid key (exit 2; `run` exits 78).",
        "",
        "`calwatch init` writes a first configuration, `calwatch check` tries it. A complete example is",
        "[config/calwatch.example.toml](../config/calwatch.example.toml), the shortest one",
        "[config/minimal.toml](../config/minimal.toml).",
    ]
    for name, field in field_names(Settings).items():
        models = models_of(field.annotation)
        if models:
            header = f"[[{name}]]" if _is_list(field) else f"[{name}]"
            lines += ["", f"## `{header}`", "", str(field.description)]
        for model in models:
            if len(models) > 1:
                lines += ["", f"### `provider = {_toml(_provider(model))}`", "", str(model.__doc__).strip()]
            lines += ["", "| key | default | |", "|---|---|---|"]
            lines += [f"| `{key}` | {default} | {text} |" for key, default, text in _rows(model, "")]
    return "\n".join(lines) + "\n"


def _provider(model: type[BaseModel]) -> str:
    """The provider whose account this is; empty for other tables."""
    return next((name for name, account in ACCOUNTS.items() if account is model), "")


def _table(model: type[BaseModel], path: str, values: Mapping[str, Any]) -> Iterator[str]:
    provider = _provider(model)
    for key, field in field_names(model).items():
        inner, where = _model_of(field), f"{path}.{key}"
        own = f"{path}.{provider}.{key}"
        shown = own if own in _EXAMPLES else where
        if inner is not None and _is_list(field):
            pairs = ", ".join(f"{k} = {_toml(_sample(f, f'{where}.{k}'))}" for k, f in field_names(inner).items())
            yield f"# {key} = [{{ {pairs} }}]  # {field.description}"
        elif inner is not None:
            pairs = ", ".join(f"{k} = {_toml(_sample(f, f'{where}.{k}'))}" for k, f in _shown(inner, where))
            yield f"# {key} = {{ {pairs} }}  # {field.description}"
        elif where in values or (key == "provider" and provider):
            yield f"{key} = {_toml(values.get(where, provider))}  # {field.description}"
        else:
            prefix = "" if field.is_required() else "# "
            yield f"{prefix}{key} = {_toml(_sample(field, shown))}  # {field.description}"


def _shown(model: type[BaseModel], where: str) -> list[tuple[str, FieldInfo]]:
    """The keys of an inline table worth showing: those with a value of their own."""
    return [(k, f) for k, f in field_names(model).items() if f.default is not None or f"{where}.{k}" in _EXAMPLES]


def _rows(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, str, str]]:
    for key, field in field_names(model).items():
        inner = _model_of(field)
        description = str(field.description)
        if inner is not None and _is_list(field):
            keys = ", ".join(f"`{k}`" for k in field_names(inner))
            yield f"{prefix}{key}", "none", f"{description} Each entry has {keys}."
        elif inner is not None:
            yield f"{prefix}{key}", "", description
            yield from _rows(inner, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", _default(field), _choices(field) + description


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    if field.default in (None, "", ()):
        return f"none, e.g. `{_toml(field.examples[0])}`" if field.examples else "none"
    return f"`{_toml(field.default)}`"


def _choices(field: FieldInfo) -> str:
    if get_origin(field.annotation) is not Literal or len(get_args(field.annotation)) < 2:
        return ""
    return " or ".join(f"`{choice}`" for choice in get_args(field.annotation)) + ". "


def _sample(field: FieldInfo, where: str) -> Any:
    if where in _EXAMPLES:
        return _EXAMPLES[where]
    if field.examples and (field.is_required() or field.default in (None, "", ())):
        return field.examples[0]
    return "" if field.is_required() or field.default is None else field.default


def _model_of(field: FieldInfo) -> type[BaseModel] | None:
    """The table a key of a table holds; ``None`` for plain values."""
    return next(iter(models_of(field.annotation)), None)


def _is_list(field: FieldInfo) -> bool:
    return get_origin(field.annotation) is tuple


def _toml(value: Any) -> str:
    """``value`` as TOML, durations and hours the way people write them."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, timedelta):
        return f'"{write_duration(value)}"'
    if isinstance(value, tuple) and len(value) == 2 and all(isinstance(v, time) for v in value):
        return f'"{value[0]:%H:%M}-{value[1]:%H:%M}"'
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_toml(v) for v in value)}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{k} = {_toml(v)}' for k, v in value.items())} }}"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, date):
        return f'"{value.isoformat()}"'
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def write(example_file: Path, reference_file: Path) -> None:
    """Writes both files."""
    example_file.write_text(example(), encoding="utf-8")
    reference_file.write_text(reference(), encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]))
