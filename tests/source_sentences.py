"""Every sentence a module of ours can say, read off its source: literal text with ``{}`` where a value comes in."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

_QUIET = {"compile", "debug", "info", "warning", "error", "exception", "getLogger", "Field", "join", "encode"}
"""Calls whose texts nobody reads on the page: patterns, the log, joints."""
_BUGS = {"ValueError", "TypeError", "RuntimeError", "KeyError", "AssertionError"}


def sentences_in(source: Path, *, bugs: bool = False) -> set[str]:
    """Texts with a space in them, without doc strings, log lines and patterns; with ``bugs`` those of ValueErrors."""
    tree = ast.parse(source.read_text(encoding="utf-8"))
    return {text for text in _texts(tree, bugs) if " " in text.strip() and any(c.isalpha() for c in text)}


def _texts(node: ast.AST, bugs: bool) -> Iterator[str]:
    text = _text(node)
    if text is not None:
        yield text
        return
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return  # a doc string
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in _QUIET or (name in _BUGS and not bugs):
            return
    for child in ast.iter_child_nodes(node):
        yield from _texts(child, bugs)


def _text(node: ast.AST) -> str | None:
    """A string, an f-string, or a sum of such; ``None`` for anything else."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _text(node.left), _text(node.right)
        return None if left is None and right is None else (left or "{}") + (right or "{}")
    return None
