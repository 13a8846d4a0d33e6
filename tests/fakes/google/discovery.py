"""Routing and checking by the installed discovery documents: what they do not name does not exist here."""

from __future__ import annotations

import base64
import binascii
import functools
import importlib.resources
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import unquote


class Violation(Exception):
    """A request, or an answer, that is not as the discovery document says."""


@dataclass(frozen=True)
class Method:
    """One method of an API ("calendar" or "gmail")."""

    id: str
    api: str
    verb: str
    segments: tuple[str, ...]
    parameters: dict[str, dict[str, Any]]
    request: str | None
    response: str | None
    scopes: frozenset[str]

    def matches(self, verb: str, segments: tuple[str, ...]) -> bool:
        if verb != self.verb or len(segments) != len(self.segments):
            return False
        return all(s.startswith("{") or s == g for s, g in zip(self.segments, segments, strict=True))

    def arguments(self, segments: tuple[str, ...], query: list[tuple[str, str]]) -> dict[str, Any]:
        """Path and query parameters, typed. Raises ``Violation``."""
        given: dict[str, list[str]] = {}
        for pattern, segment in zip(self.segments, segments, strict=True):
            if pattern.startswith("{"):
                given[pattern.strip("{}")] = [unquote(segment)]
        for name, value in query:
            if name in given and not self.parameters[name].get("repeated"):
                raise Violation(f"{self.id}: {name} is given twice")
            if self.parameters.get(name, {}).get("location") != "query":
                raise Violation(f"{self.id}: unknown parameter {name}")
            given.setdefault(name, []).append(value)
        for name, rule in self.parameters.items():
            if rule.get("required") and name not in given:
                raise Violation(f"{self.id}: required parameter {name} is missing")
        return {name: self._typed(name, values) for name, values in given.items()}

    def _typed(self, name: str, values: list[str]) -> Any:
        rule = self.parameters[name]
        converted = [_converted(f"{self.id}: {name}", rule, value) for value in values]
        return converted if rule.get("repeated") else converted[0]


class Document:
    """One API's discovery document."""

    def __init__(self, api: str, file: str) -> None:
        package = importlib.resources.files("googleapiclient.discovery_cache.documents")
        self._raw: dict[str, Any] = json.loads((package / file).read_text(encoding="utf-8"))
        self._prefix = tuple(p for p in self._raw["servicePath"].split("/") if p)
        self._schemas: dict[str, Any] = self._raw["schemas"]
        self._api = api
        self.methods = sorted(self._methods(self._raw), key=lambda m: sum(s.startswith("{") for s in m.segments))

    def _methods(self, resource: dict[str, Any]) -> Iterator[Method]:
        for raw in resource.get("methods", {}).values():
            yield Method(
                id=raw["id"],
                api=self._api,
                verb=raw["httpMethod"],
                segments=(*self._prefix, *raw["path"].split("/")),
                parameters={
                    **{n: {**p, "location": "query"} for n, p in self._raw["parameters"].items()},
                    **raw.get("parameters", {}),
                },
                request=raw.get("request", {}).get("$ref"),
                response=raw.get("response", {}).get("$ref"),
                scopes=frozenset(raw.get("scopes", ())),
            )
        for inner in resource.get("resources", {}).values():
            yield from self._methods(inner)

    def check(self, where: str, value: Any, schema: str | dict[str, Any]) -> None:
        """Raises ``Violation`` for a property nobody knows or a value of the wrong type; a null is taken as absent."""
        rule = self._schemas[schema] if isinstance(schema, str) else schema
        if "$ref" in rule:
            rule = self._schemas[rule["$ref"]]
        kind = rule.get("type")
        if value is None or kind == "any":
            return
        if kind == "object":
            self._check_object(where, value, rule)
        elif kind == "array":
            if not isinstance(value, list):
                raise Violation(f"{where}: not a list")
            for number, item in enumerate(value):
                self.check(f"{where}[{number}]", item, rule["items"])
        elif not isinstance(value, _TYPES[str(kind)]) or (kind == "integer" and isinstance(value, bool)):
            raise Violation(f"{where}: not a {kind}: {value!r}")
        elif isinstance(value, str):
            _check_format(where, rule, value)

    def _check_object(self, where: str, value: Any, rule: dict[str, Any]) -> None:
        if not isinstance(value, dict):
            raise Violation(f"{where}: not an object")
        for name, item in value.items():
            inner = rule.get("properties", {}).get(name) or rule.get("additionalProperties")
            if inner is None:
                raise Violation(f"{where}: unknown property {name}")
            self.check(f"{where}.{name}", item, inner)


_TYPES: dict[str, tuple[type, ...]] = {"string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,)}


@functools.cache
def documents() -> dict[str, Document]:
    """Both APIs, read once."""
    return {"calendar": Document("calendar", "calendar.v3.json"), "gmail": Document("gmail", "gmail.v1.json")}


def find_method(verb: str, path: str) -> tuple[Method, tuple[str, ...]] | None:
    """The method a request is for, and its path's segments, still encoded."""
    segments = tuple(path.strip("/").split("/"))
    for document in documents().values():
        for method in document.methods:
            if method.matches(verb, segments):
                return method, segments
    return None


def _converted(where: str, rule: dict[str, Any], value: str) -> Any:
    kind = rule["type"]
    if kind == "boolean":
        if value not in ("true", "false"):
            raise Violation(f"{where}: not a boolean: {value}")
        return value == "true"
    if kind == "integer":
        if not re.fullmatch(r"-?\d+", value):
            raise Violation(f"{where}: not an integer: {value}")
        number = int(value)
        if number < int(rule.get("minimum", number)) or number > int(rule.get("maximum", number)):
            raise Violation(f"{where}: out of range: {value}")
        return number
    _check_format(where, rule, value)
    return value


def _check_format(where: str, rule: dict[str, Any], value: str) -> None:
    if "enum" in rule and value not in rule["enum"]:
        raise Violation(f"{where}: {value!r} is none of {rule['enum']}")
    try:
        match rule.get("format"):
            case "date-time" | "google-datetime":
                if datetime.fromisoformat(value).tzinfo is None and not where.endswith(".dateTime"):
                    raise Violation(f"{where}: a time without an offset: {value}")
            case "date":
                date.fromisoformat(value)
            case "int64" | "uint64":
                int(value)
            case "byte":
                base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
    except (ValueError, binascii.Error) as problem:
        raise Violation(f"{where}: not a {rule['format']}: {value!r}") from problem
