"""The words of an Outlook event: its body as plain text with the links kept, its place, and the way into its call."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from calwatch.formats.html import to_text
from calwatch.model.plain import one_line
from calwatch.providers.remote.fields import Fields
from calwatch.providers.remote.links import LINK, with_targets

_SAFE_LINK = re.compile(
    r"https://[a-z0-9]{1,40}\.safelinks\.protection\.outlook\.com/\?[^\s<>\"')\]]{1,2000}", re.IGNORECASE
)
_CANCELLED = re.compile(
    r"(?:(?:Cancell?ed|Abgesagt|Annulée?|Cancelad[oa]|Annullat[oa]|Geannuleerd|Odwołan[eoy]|Aflyst|Avlyst|Inställ[dt]"
    r"|Peruutettu|Zrušeno|Отменено|İptal Edildi|已取消|キャンセル済み)\s?[:：]\s*)+",
    re.IGNORECASE,
)
_MOST_CATEGORIES = 25


def read_subject(event: Fields) -> str:
    """The title; of a cancelled event without what Exchange puts before it, once or twice, in any language."""
    subject = event.line("subject")
    if not event.flag("isCancelled"):
        return subject
    found = _CANCELLED.match(subject)
    return subject[found.end() :] if found is not None else subject


def read_description(event: Fields) -> str:
    """Plain text, whichever way the body comes; its first characters when there is no body."""
    body = event.inner("body")
    text = body.text("content")
    if body.word("contentType").lower() == "html" and text:
        text = to_text(with_targets(text))
    return _SAFE_LINK.sub(_unwrapped, text or event.text("bodyPreview"))


def read_place(event: Fields) -> str:
    """Where it is."""
    place = event.inner("location").line("displayName")
    return place or next((found for one in event.several("locations", 5) if (found := one.line("displayName"))), "")


def read_call(event: Fields) -> str:
    """The address of the video call; links of other services stand in the text or the place."""
    links = (event.inner("onlineMeeting").line("joinUrl"), event.line("onlineMeetingUrl"))
    return next((link for link in links if LINK.fullmatch(link)), "")


def read_categories(event: Fields) -> tuple[str, ...]:
    """The labels the person gave it."""
    return tuple(one_line(word, 100) for word in event.words("categories", _MOST_CATEGORIES))


def _unwrapped(found: re.Match[str]) -> str:
    """Defender sends readers over a page of its own; the link itself stands in its ``url``."""
    link = found[0]
    try:
        target = parse_qs(urlsplit(link.replace("&amp;", "&")).query).get("url", [""])[0]
    except ValueError:
        return link
    return target if target.isprintable() and LINK.fullmatch(target) else link
