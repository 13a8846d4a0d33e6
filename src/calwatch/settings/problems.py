"""Turns validation errors into sentences a person can act on: file, key, what is wrong, the nearest valid key."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from calwatch.settings.tree import ACCOUNTS, Settings, field_names

_SECRET = frozenset({"urls"})
Location = tuple[int | str, ...]


def describe(
    error: ValidationError, data: Mapping[str, Any], file: str, variables: Mapping[tuple[str, ...], str]
) -> list[str]:
    """One sentence per problem; those from the environment name the variable instead of the file."""
    found: dict[str, None] = {}
    items = error.errors(include_url=False)
    for item in items:
        if item["type"] == "too_short" and any(_below(other["loc"], item["loc"]) for other in items):
            continue  # pydantic counts entries after dropping wrong ones, which are told already
        where = _existing(_untagged(item["loc"]), data, missing=item["type"] == "missing")
        if item["type"] == "union_tag_not_found":
            where = (*where, "provider")
        said = _say(item, where, data)
        variable = _variable(where, variables)
        found[f"{variable}: {said}" if variable else f"{file}: {written(where)}: {said}"] = None
    return list(found)


def _variable(where: Location, variables: Mapping[tuple[str, ...], str]) -> str | None:
    """The variable that set ``where``, or that made a table where none belongs."""
    inside = (name for path, name in variables.items() if where[: len(path)] == path)
    around = (name for path, name in variables.items() if where and path[: len(where)] == where)
    return next(inside, None) or next(around, None)


def _below(inner: Location, outer: Location) -> bool:
    return len(inner) > len(outer) and inner[: len(outer)] == outer


def toml(message: str) -> str:
    """``line 3, column 5: …`` from tomllib's ``… (at line 3, column 5)``."""
    match = re.fullmatch(r"(.*) \(at (line \d+, column \d+|end of document)\)", message, re.DOTALL)
    if match is None:
        return message
    return f"{match[2]}: {match[1][:1].lower()}{match[1][1:]}"


def written(where: Location) -> str:
    """``accounts[0].calendar`` from ``("accounts", 0, "calendar")``."""
    text = ""
    for part in where:
        text += f"[{part}]" if isinstance(part, int) else f"{'.' if text else ''}{part}"
    return text or "the file"


def _untagged(loc: Location) -> Location:
    """``loc`` without the provider that pydantic puts behind the number of an account."""
    return (*loc[:2], *loc[3:]) if loc[:1] == ("accounts",) and len(loc) > 2 else loc


def _existing(loc: Location, data: Any, *, missing: bool) -> Location:
    """The part of ``loc`` that the person wrote: validators of short forms report keys nobody typed."""
    at = data
    kept: list[int | str] = []
    for part in loc:
        inside = isinstance(at, Mapping) and part in at
        inside = inside or (isinstance(at, Sequence) and not isinstance(at, str) and isinstance(part, int))
        if not inside:
            return (*kept, part) if missing and isinstance(at, Mapping) else tuple(kept)
        at = at[part]
        kept.append(part)
    return tuple(kept)


def _say(item: Any, where: Location, data: Any) -> str:
    kind, context = item["type"], item.get("ctx", {})
    if kind == "extra_forbidden":
        return f"unknown key{_nearest(where, data)}"
    if kind == "union_tag_not_found":
        return "missing: " + " or ".join(", ".join(f'"{name}"' for name in ACCOUNTS).rsplit(", ", 1))
    if kind == "missing":
        model = _model_at(where[:-1], data)
        field = field_names(model).get(str(where[-1])) if model else None
        if field is None or not field.description:
            return "missing"
        return f"missing: {field.description[:1].lower()}{field.description[1:]}"
    if kind == "value_error":
        return str(context["error"])
    if kind == "literal_error":
        return f"{_shown(item['input'], where)} is not one of {context['expected'].replace(chr(39), chr(34))}"
    if kind in ("tuple_type", "list_type"):
        return f"needs a list in [ ], not {_shown(item['input'], where)}"
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return f"needs a table, not {_shown(item['input'], where)}"
    if kind == "too_short":
        return "needs at least one entry"
    if kind == "string_pattern_mismatch":
        return f"{_shown(item['input'], where)} may have letters, digits, '.', '-' and '_' only"
    message = str(item["msg"])
    return f"{message[:1].lower()}{message[1:]}, not {_shown(item['input'], where)}"


def _shown(value: Any, where: Location) -> str:
    if _SECRET.intersection(where):
        return "this value"
    text = repr(value) if not isinstance(value, bool) else str(value).lower()
    return text if len(text) <= 60 else f"{text[:57]}…"


def _nearest(where: Location, data: Any) -> str:
    """The nearest key of the same table, else where a key of that name lives."""
    key, model = str(where[-1]), _model_at(where[:-1], data)
    here = list(field_names(model)) if model else []
    near = difflib.get_close_matches(key, here, n=1, cutoff=0.6)
    if near:
        return f"; did you mean {near[0]}?"
    others = [name for name, other in ACCOUNTS.items() if key in field_names(other)]
    if others and model in ACCOUNTS.values():
        return f'; that is a key of accounts with provider = "{others[0]}"'
    elsewhere = sorted(path for path in _all_keys(Settings) if path.rpartition(".")[2] == key)
    if elsewhere:
        return f"; did you mean {elsewhere[0]}?"
    return f"; here one can set {', '.join(here)}" if here else ""


def _all_keys(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for key, field in field_names(model).items():
        inner = models_of(field.annotation)
        if not inner:
            yield prefix + key
        for one in inner:
            yield from _all_keys(one, f"{prefix}{key}.")


def _model_at(where: Location, data: Any) -> type[BaseModel] | None:
    """The table at ``where``: of an account, the one of the provider that ``data`` names there."""
    models: tuple[type[BaseModel], ...] = (Settings,)
    at = data
    for part in where:
        if isinstance(part, str):
            field = field_names(meant(models, at)).get(part)
            models = models_of(field.annotation) if field is not None else ()
            if not models:
                return None
            at = at.get(part) if isinstance(at, Mapping) else None
        else:
            at = at[part] if isinstance(at, list) and part < len(at) else None
    return meant(models, at)


def models_of(annotation: Any) -> tuple[type[BaseModel], ...]:
    """The tables a field may hold, directly or in a list; none for plain values."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return (annotation,)
    return tuple(dict.fromkeys(model for inner in get_args(annotation) for model in models_of(inner)))


def meant(models: Sequence[type[BaseModel]], table: Any) -> type[BaseModel]:
    """Which of ``models`` the table is: the one of its provider, where there is a choice."""
    provider = table.get("provider") if isinstance(table, Mapping) else None
    model = ACCOUNTS.get(provider) if isinstance(provider, str) else None
    return model if model is not None and model in models else models[0]


def mentions(annotation: Any, kind: type) -> bool:
    """Whether ``kind`` occurs in an annotation such as ``Path | None``."""
    return annotation is kind or any(mentions(a, kind) for a in get_args(annotation))
