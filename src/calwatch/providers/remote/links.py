"""The links behind the words of HTML, kept when it becomes plain text."""

from __future__ import annotations

import re

LINK = re.compile(r"https?://[^\s<>\"']{3,2000}", re.IGNORECASE)

_ANCHOR = re.compile(
    r"<a\b[^<>]{0,400}?href=[\"']?(https?://[^\"'<>\s]{1,1000})[^<>]{0,400}>([^<]{0,500})", re.IGNORECASE
)


def with_targets(html: str) -> str:
    """``html`` with every link's address beside its words, unless the words say it."""
    return _ANCHOR.sub(_with_target, html)


def _with_target(anchor: re.Match[str]) -> str:
    return anchor[0] if LINK.search(anchor[2]) else f"{anchor[0]} {anchor[1]} "
