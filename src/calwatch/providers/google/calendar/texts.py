"""The words of an event: its description as plain text with the links kept, and the way into its call."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from calwatch.formats.html import to_text
from calwatch.providers.remote.fields import Fields
from calwatch.providers.remote.links import LINK, with_targets

_HTML = re.compile(r"</?[a-zA-Z][^<>]*>|&(?:[a-z]{2,8}|#\d{1,5});")
_WRAPPED = re.compile(r"https://www\.google\.com/url\?[^\s<>\"')\]]{1,2000}")
_MOST_WAYS = 20


def read_description(event: Fields) -> str:
    """Plain text: what people write in Google Calendar is HTML. The links behind words are put beside them."""
    text = event.text("description")
    if _HTML.search(text):
        text = to_text(with_targets(text).replace("\n", "<br>"))
    return _WRAPPED.sub(lambda match: _unwrapped(match[0]), text)


def _unwrapped(link: str) -> str:
    """Google sends readers over a page of its own; the link itself stands in its ``q``."""
    try:
        target = parse_qs(urlsplit(link.replace("&amp;", "&")).query).get("q", [""])[0]
    except ValueError:
        return link
    return target if target.isprintable() and LINK.fullmatch(target) else link


def read_call(event: Fields) -> tuple[str, str]:
    """The address of the video call; when there is none, the number to call, as a place."""
    ways: dict[str, Fields] = {}
    for way in event.inner("conferenceData").several("entryPoints", _MOST_WAYS):
        ways.setdefault(way.word("entryPointType"), way)
    links = [event.line("hangoutLink"), *(ways[kind].line("uri") for kind in ("video", "more") if kind in ways)]
    link = next((link for link in links if LINK.fullmatch(link)), "")
    if link or "phone" not in ways:
        return link, ""
    return "", ways["phone"].line("label") or ways["phone"].line("uri")
