"""Partial answers: the ``fields`` parameter (``items(id,status),nextPageToken``, ``payload/headers``)."""

from __future__ import annotations

import re
from typing import Any

Mask = dict[str, Any]


def only(answer: Any, fields: str) -> Any:
    """The part of an answer that ``fields`` names."""
    tokens = re.findall(r"[^\s,()/]+|[,()/]", fields)
    mask, rest = _list(tokens)
    if rest:
        raise AssertionError(f"fields cannot be read: {fields}")
    return _cut(answer, mask)


def _list(tokens: list[str]) -> tuple[Mask, list[str]]:
    mask: Mask = {}
    while True:
        name, tokens = tokens[0], tokens[1:]
        inner: Mask = {}
        if tokens[:1] == ["/"]:
            path, tokens = tokens[1], tokens[2:]
            inner, tokens = _list([path, *_until_comma(tokens)])[0], tokens[len(_until_comma(tokens)) :]
        elif tokens[:1] == ["("]:
            inner, tokens = _list(tokens[1:])
            tokens = tokens[1:]
        mask[name] = {**mask.get(name, {}), **inner}
        if tokens[:1] != [","]:
            return mask, tokens
        tokens = tokens[1:]


def _until_comma(tokens: list[str]) -> list[str]:
    depth = 0
    for number, token in enumerate(tokens):
        depth += (token == "(") - (token == ")")
        if depth < 0 or (depth == 0 and token == ","):
            return tokens[:number]
    return tokens


def _cut(value: Any, mask: Mask) -> Any:
    if not mask or "*" in mask:
        return value
    if isinstance(value, list):
        return [_cut(item, mask) for item in value]
    return {name: _cut(value[name], inner) for name, inner in mask.items() if name in value}
