"""One environment variable at a time through pydantic-settings' own source; imported only when there is one to read.

One at a time, because the source does not say which variable a value came from, and every problem names its variable.
"""

from __future__ import annotations

from typing import Any

from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict

from calwatch.settings.environment import DELIMITER, PREFIX
from calwatch.settings.tree import Settings


class _Overrides(Settings, BaseSettings):
    """The tree, in the shape the source asks for; never made, only read for its fields."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter=DELIMITER, defer_build=True)


class _Source(EnvSettingsSource):
    def decode_complex_value(self, field_name: str, field: Any, value: Any) -> Any:
        """JSON where a list or table is written as such; other text stays: options read short forms (``10m``)."""
        if not value.startswith(("[", "{")):
            return value
        try:
            return super().decode_complex_value(field_name, field, value)
        except (ValueError, RecursionError):
            return value  # is told as what it is: text where a list or table belongs


def read(variable: str, value: str) -> tuple[tuple[str, ...], Any] | None:
    """The key a variable sets, table by table, and its value; ``None`` if no table of the configuration is meant."""
    source = _Source(_Overrides)
    source.env_vars = {variable.lower(): value}
    found: Any = source()
    path: list[str] = []
    for _ in variable.removeprefix(PREFIX).split(DELIMITER) if found else ():
        ((key, found),) = found.items()
        path.append(key)
    return (tuple(path), found) if path else None
