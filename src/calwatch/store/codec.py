"""Values to JSON and back by pydantic, and moments to whole seconds: how everything looks inside the database."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, TypeVar

from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError

T = TypeVar("T")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ENCODED = "\x00bytes:"


_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    """Built once per type, when first needed: building costs milliseconds, using it microseconds."""
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def to_json(kind: type[T], value: T, *, without: set[str] | None = None) -> str:
    """Compact JSON of a dataclass value; fields at their defaults (and those in ``without``) are left out.

    Characters that no JSON can hold (lone surrogates out of broken charsets) become U+FFFD.
    """
    adapter = _adapter(kind)
    try:
        return adapter.dump_json(value, exclude_defaults=True, exclude=without).decode()
    except PydanticSerializationError:
        plain = adapter.dump_python(value, mode="python", exclude_defaults=True)
        cleaned = adapter.validate_python(_clean(plain))
        return adapter.dump_json(cleaned, exclude_defaults=True, exclude=without).decode()


def from_json(kind: type[T], text: str) -> T:
    """The value ``to_json`` wrote; raises pydantic's ValidationError for anything else."""
    value: T = _adapter(kind).validate_json(text)
    return value


def plain_json(value: Any) -> str:
    """JSON of plain values with sorted keys, so that equal values are equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def digest(text: str) -> bytes:
    """Sixteen bytes that change when the text does."""
    return blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()


def column(text: str) -> str:
    """``text`` as a column can hold it; ``uncolumn`` gives it back.

    File names that are no UTF-8 reach us with lone surrogates, which SQLite refuses; they are kept as hexadecimal.
    """
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return _ENCODED + text.encode("utf-8", "surrogatepass").hex()
    return text


def uncolumn(text: str) -> str:
    if text.startswith(_ENCODED):
        return bytes.fromhex(text.removeprefix(_ENCODED)).decode("utf-8", "surrogatepass")
    return text


def seconds(moment: datetime) -> int:
    """Whole epoch seconds of an aware datetime, rounded down."""
    return math.floor((moment - EPOCH).total_seconds())


def due_seconds(moment: datetime | None) -> int | None:
    """As ``seconds`` but rounded up: what is due must never look due too early."""
    return None if moment is None else -((EPOCH - moment) // timedelta(seconds=1))


def moment(value: int) -> datetime:
    """The aware UTC datetime of epoch seconds."""
    return EPOCH + timedelta(seconds=value)


def optional_moment(value: int | None) -> datetime | None:
    return None if value is None else moment(value)


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return tuple(_clean(item) for item in value)
    return value
