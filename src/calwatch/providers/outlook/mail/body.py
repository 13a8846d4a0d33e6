"""The body of a draft as Outlook keeps it: our words as HTML above the quote, and read back from there.

Outlook takes out of HTML whatever it does not like and adds its own, so nothing is ever compared as HTML: what counts
are the words above the quote.
"""

from __future__ import annotations

import re
from html import escape

from calwatch.formats.html import to_text
from calwatch.formats.quotes import own_text
from calwatch.model.plain import many_lines

LARGEST = 4_000_000
"""Characters of a body that are read."""

_BREAK = '<div id="appendonsend"></div>'
"""What Outlook's own composer puts below a person's words. What follows, up to the quote, are words all the same."""

_PLAIN_QUOTE = '<div id="divRplyFwdMsg" dir="ltr">'
_NAMED = r"""\bid=["']?(?:divRplyFwdMsg|mail-editor-reference-message-container|ms-outlook-mobile-body-sep)"""
_QUOTE = re.compile(
    rf"<(?:div|span|hr)\b[^<>]{{0,500}}?{_NAMED}"
    # the line above the quote belongs to it
    rf"|<hr\b[^<>]{{0,300}}>(?=\s{{0,50}}<div\b[^<>]{{0,300}}?{_NAMED})"
    # Outlook for Windows: a block with a line at its top
    r"|<div\b[^<>]{0,300}?border-top:\s?solid\s#(?:E1E1E1|B5C4DF)"
    r"|<(?:div|blockquote)\b[^<>]{0,300}?(?:\bgmail_quote|\bmoz-cite-prefix|type=[\"']?cite)",
    re.IGNORECASE,
)
_BODY = re.compile(r"<body\b[^<>]{0,2000}>", re.IGNORECASE)


def written(text: str, document: str = "", *, plain: bool = False) -> str:
    """``document``, the body a reply has, with ``text`` in the place of what stands above its quote.

    ``plain``: the document is no HTML but plain text.
    """
    if plain:
        head, quote = "", _plain_parts(document)[1]
        quote = f"{_PLAIN_QUOTE}{_lines(quote)}</div>" if quote.strip() else ""
    else:
        head, _, quote = _parts(document)
    own = f"<div>{_lines(text)}</div>"
    if not quote:
        return f"<html><body>{own}</body></html>"
    return f"{head or '<html><body>'}{own}{_BREAK}{quote}"


def own_words(document: str, *, plain: bool = False) -> str:
    """What the writer says above the quote; empty for a reply nobody has written anything into yet.

    In HTML only Outlook's own mark begins a quote. Whatever else looks like one may stand above more words.
    """
    if plain:
        return _plain_parts(document)[0]
    own = _parts(document)[1]
    return to_text(own, whole=True) if own.strip() else ""


def received_words(document: str, *, plain: bool = False) -> str:
    """What the sender of a received or sent mail says above what they quote."""
    text = many_lines(document[:LARGEST])
    return own_text(text if plain else to_text(text))


def _parts(document: str) -> tuple[str, str, str]:
    """What stands up to and with ``<body>``, what the writer wrote, and the quote with everything after it."""
    document = document[:LARGEST]
    start = found.end() if (found := _BODY.search(document)) else 0
    mark = _QUOTE.search(document, start)
    if mark is not None:
        return document[:start], document[start : mark.start()], document[mark.start() :]
    return document[:start], document[start:], ""


def _plain_parts(document: str) -> tuple[str, str]:
    """What the writer wrote, and the quote with its line, of plain text."""
    lines = many_lines(document[:LARGEST]).splitlines()
    own = own_text("\n".join(["-", *lines])).splitlines()[1:]  # never empty, so a quote alone is not taken for words
    below = lines[len(own) :] if [line.rstrip() for line in lines[: len(own)]] == own else []
    return "\n".join(own), "\n".join(below)


def _lines(text: str) -> str:
    """Plain text as HTML that says nothing but that text."""
    lines = many_lines(text).split("\n")
    return "".join(f"<div>{_line(line)}</div>" for line in lines)


def _line(line: str) -> str:
    kept = escape(line.expandtabs(4), quote=True).replace("  ", " &nbsp;")
    return kept or "<br>"
