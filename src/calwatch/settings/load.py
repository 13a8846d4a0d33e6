"""Loads the configuration: one TOML file, environment on top, every problem told at once with its path."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from calwatch.errors import ConfigError
from calwatch.settings import environment, problems
from calwatch.settings.paths import find_config, state_folder
from calwatch.settings.tree import ACCOUNTS, Settings, field_names

_LARGEST = 1_000_000  # bytes; a configuration is a page or two


def load(path: Path | None = None, env: Mapping[str, str] | None = None) -> Settings:
    """The settings of ``path``, or of the first file found; ``env`` defaults to the process's.

    Raises ConfigError with every problem at once. Folders that do not exist are not a problem here (``calwatch check``
    looks at those). Relative paths in the file are relative to the file; ``~`` is the home folder.
    """
    env = os.environ if env is None else env
    source = find_config(path, env)
    data = _read(source)
    wrong = _wrong_providers(data, source.name)
    origins = environment.overlay(data, env)
    wrong += [f"{variable}: {reason}" for variable, reason in origins.refused]
    _drop_empty_paths(data, Settings)
    settings: Settings | None = None
    try:
        settings = Settings.model_validate(data)
    except ValidationError as error:
        wrong += problems.describe(error, data, source.name, origins.variables)
    wrong += _twice_named(data, source.name)
    if wrong or settings is None:
        raise ConfigError(list(dict.fromkeys(wrong)))
    settings = _absolute(settings, source.absolute().parent)
    accounts = tuple(
        a if a.email else a.model_copy(update={"email": settings.you.emails[0]}) for a in settings.accounts
    )
    state = state_folder(settings.storage.path, env)
    return settings.model_copy(update={"accounts": accounts, "source": source.absolute(), "state": state})


def _read(source: Path) -> dict[str, Any]:
    name = source.name
    try:
        raw = source.read_bytes()
    except OSError as error:
        raise ConfigError([f"{source}: cannot be read ({(error.strerror or 'error').lower()})"]) from None
    if len(raw) > _LARGEST:
        raise ConfigError([f"{name}: larger than 1 MB; is this the right file?"])
    try:
        return tomllib.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ConfigError([f"{name}: line {line}: not UTF-8 text; save the file as UTF-8"]) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"{name}: {problems.toml(str(error))}"]) from None
    except RecursionError:
        raise ConfigError([f"{name}: nested too deeply"]) from None


def _wrong_providers(data: dict[str, Any], name: str) -> list[str]:
    """Sentences for accounts of providers that are not there; each is replaced, or all its keys would be wrong."""
    accounts = data.get("accounts")
    if not isinstance(accounts, list):
        return []
    found = []
    there = " and ".join(", ".join(f'"{name}"' for name in ACCOUNTS).rsplit(", ", 1))
    for index, account in enumerate(accounts):
        provider = account.get("provider") if isinstance(account, dict) else None
        if provider is None or (isinstance(provider, str) and provider in ACCOUNTS):
            continue
        said = f"{provider!r} is not a provider; this version has {there}"
        found.append(f"{name}: accounts[{index}].provider: {said}")
        accounts[index] = {"name": account.get("name", f"account-{index}"), "provider": "local", "calendar": "unused"}
    return found


def _twice_named(data: Mapping[str, Any], name: str) -> list[str]:
    accounts = data.get("accounts")
    names = [a.get("name") for a in accounts if isinstance(a, dict)] if isinstance(accounts, list) else []
    twice = dict.fromkeys(n for n in names if isinstance(n, str) and names.count(n) > 1)
    return [f'{name}: accounts: "{n}" is the name of more than one account; give each its own' for n in twice]


def _drop_empty_paths(data: dict[str, Any], model: type[BaseModel]) -> None:
    """Removes ``path = ""``, which means "not set", and would otherwise become the present folder."""
    for key, field in field_names(model).items():
        value = data.get(key)
        inner = problems.models_of(field.annotation)
        if inner:
            for table in value if isinstance(value, list) else [value]:
                if isinstance(table, dict):
                    _drop_empty_paths(table, problems.meant(inner, table))
        elif value == "" and problems.mentions(field.annotation, Path):
            del data[key]


def _absolute(value: Any, base: Path) -> Any:
    """The same tree with every path made absolute against ``base``."""
    if isinstance(value, Path):
        return base / value.expanduser()
    if isinstance(value, tuple):
        return tuple(_absolute(v, base) for v in value)
    if isinstance(value, BaseModel):
        fields = {name: getattr(value, name) for name in type(value).model_fields}
        return value.model_copy(update={name: _absolute(v, base) for name, v in fields.items()})
    return value
