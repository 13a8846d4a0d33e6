"""HTML mail as plain text; the sender's own part only, bounded, for recognition and for finding a contact's words."""

from __future__ import annotations

import re

from calwatch.model.plain import many_lines

LIMIT = 1_000_000
"""Characters of HTML that are read; the rest of a longer mail is ignored."""

# Where the mail programs begin the quoted mail; everything from there on is somebody else's text.
_QUOTE_MARKS = re.compile(
    r"<(?:div|blockquote|hr|table)\b[^<>]{0,300}?"
    r"(?:gmail_quote|divRplyFwdMsg|appendonsend|yahoo_quoted|moz-cite-prefix|type=[\"']?cite|protonmail_quote)",
    re.IGNORECASE,
)
_DROPPED = re.compile(r"<(script|style|head|title)\b", re.IGNORECASE)
_DEEPEST = 200
_TAG = re.compile(r"<(/?)(div|span|table|tr|td|p|b|i|u|em|strong|font|blockquote|ul|ol|li|a|center)\b", re.IGNORECASE)


def to_text(html: str, *, whole: bool = False) -> str:
    """Readable plain text of the sender's own part of an HTML mail; never raises for bad HTML.

    ``whole``: nothing in it is taken for a quote.
    """
    from inscriptis import get_text
    from inscriptis.css_profiles import CSS_PROFILES
    from inscriptis.model.config import ParserConfig
    from lxml.etree import ParserError, XMLSyntaxError

    html = many_lines(html[:LIMIT])
    mark = None if whole else _QUOTE_MARKS.search(html)
    own = html[: mark.start()] if mark else html
    if not _visible(own):
        own = html
    own = _without(own)
    if _too_deep(own):
        return _plain(own)
    try:
        text = str(get_text(own, ParserConfig(css=CSS_PROFILES["strict"].copy(), display_links=False)))
    except (ParserError, XMLSyntaxError, ValueError, RecursionError, AssertionError, KeyError, IndexError):
        return _plain(own)  # readable enough: better than losing a mail to its markup
    return "\n".join(line.rstrip() for line in many_lines(text).splitlines()).strip()


def _without(html: str) -> str:
    """``html`` without scripts, styles and head, whose text is not text."""
    kept: list[str] = []
    position = 0
    lower = html.lower()
    while (found := _DROPPED.search(html, position)) is not None:
        kept.append(html[position : found.start()])
        end = lower.find(f"</{found[1].lower()}", found.end())
        if end < 0:
            return "".join(kept)
        close = html.find(">", end)
        position = len(html) if close < 0 else close + 1
    kept.append(html[position:])
    return "".join(kept)


def _too_deep(html: str) -> bool:
    depth = deepest = 0
    for tag in _TAG.finditer(html):
        depth = max(0, depth - 1) if tag[1] else depth + 1
        deepest = max(deepest, depth)
    return deepest > _DEEPEST


def _visible(html: str) -> str:
    return _plain(_without(html)).strip()


def _plain(html: str) -> str:
    from html import unescape

    broken = re.sub(r"<(?:br|/p|/div|/tr|/li)\b[^<>]{0,200}>", "\n", html, flags=re.IGNORECASE)
    text = unescape(re.sub(r"<[^<>]{0,5000}>", "", broken))
    return "\n".join(" ".join(line.split()) for line in many_lines(text).splitlines()).strip()
