"""Makes an event readable for recognition: bounded text without meeting boilerplate, its words, links, addresses."""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from calwatch.model.event import Event

MAX_TEXT = 8000
"""Characters of a description that are looked at; invitations say what they are early, footers say who sends them."""

BREAK = "\n"
"""The token between lines and sentences; no phrase reaches across it."""

_WORD = re.compile(r"[^\W_]+|[:&\n]|[.!?;](?=\s|$)|[•|–—]")
_LINK_TAG = re.compile(r"<a\b[^<>]{0,400}?href=[\"']?([^\"'<>\s]{1,400})[^<>]{0,400}>", re.IGNORECASE)
_BREAK_TAG = re.compile(r"<(?:br|/p|/div|/li|/tr|p|li|/h\d)\b[^<>]{0,200}>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z!][^<>@]{0,400}>")
_URL = re.compile(r"https?://[^\s<>\"')\]}]{3,600}", re.IGNORECASE)
_ADDRESS = re.compile(r"(?<![\w.+/-])[\w.+%-]{1,64}@[a-z0-9](?:[a-z0-9-]{0,62}\.){1,6}[a-z]{2,24}\b", re.IGNORECASE)
_GOOGLE_BLOCK = re.compile(r"-::~[:~]{10,}::-.{0,4000}?-::~[:~]{10,}::-", re.DOTALL)
_RULE = re.compile(r"_{20,}|\*~\*~\*[~*]{0,20}")
_TEAMS = ("teams.microsoft.com", "microsoft teams", "aka.ms/jointeams", "teams.live.com")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class Word:
    """One word as written and as compared: case-folded, without accents. ``start`` is its place in the text."""

    plain: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A text and its words; ``quote`` shows a stretch of it as the person wrote it."""

    text: str
    words: tuple[Word, ...]

    def quote(self, first: int, last: int) -> str:
        """The text from word ``first`` to word ``last`` (inclusive), on one line, at most 60 characters."""
        return " ".join(self.text[self.words[first].start : self.words[last].end].split())[:60]


@dataclass(frozen=True, slots=True)
class Address:
    """A mail address in running text and where it stands."""

    email: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What recognition sees of one event."""

    title: Passage
    body: Passage
    place: Passage
    links: tuple[str, ...]
    addresses: tuple[Address, ...]  # within body.text


@lru_cache(maxsize=65536)
def plain_word(word: str) -> str:
    """Case-folded and without accents: ``Vorstellungsgespräch`` → ``vorstellungsgesprach``."""
    folded = word.casefold()
    if folded.isascii():
        return folded
    return "".join(c for c in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(c))


def passage(text: str) -> Passage:
    """Cuts text into comparable words; sentence ends, bullets and line ends become breaks."""
    words = []
    for match in _WORD.finditer(text):
        found = match[0]
        plain = BREAK if found in "\n.!?;•|–—" else plain_word(found)
        words.append(Word(plain, match.start(), match.end()))
    return Passage(text, tuple(words))


@lru_cache(maxsize=16384)
def squash(text: str) -> str:
    """Letters and digits only, compared form; ``&`` and umlauts as domain names write them are dropped or folded."""
    return "".join(c for c in plain_word(text) if c.isalnum())


def plain_text(text: str) -> str:
    """A description without control characters, tags and meeting boilerplate; at most ``MAX_TEXT`` characters."""
    text = text[: 8 * MAX_TEXT]
    if "<" in text:
        text = _LINK_TAG.sub(r" \1 ", text)
        text = _BREAK_TAG.sub("\n", text)
        text = _TAG.sub(" ", text)
    if "&" in text:
        text = html.unescape(text)
    text = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _without_meeting_blocks(text)[:MAX_TEXT]


def _without_meeting_blocks(text: str) -> str:
    """Drops what Google, Teams and Zoom add: it says nothing about the appointment and speaks of "phone"."""
    if "-::~" in text:
        text = _GOOGLE_BLOCK.sub("\n", text)
    if "_____" in text or "*~*~" in text:
        parts = _RULE.split(text)
        text = "\n".join(part for part in parts if not any(mark in part.lower() for mark in _TEAMS))
    kept = []
    for line in text.split("\n"):
        bare = line.strip().lower()
        if bare.startswith(("one tap mobile", "dial by your location", "meeting id", "join zoom", "find your local")):
            continue
        if "is inviting you to a scheduled zoom" in bare or bare.startswith(
            ("+1 ", "passcode:", "join with google meet")
        ):
            continue
        kept.append(line)
    return "\n".join(kept)


def links_in(text: str) -> tuple[str, ...]:
    """The web addresses in a text, each once, at most sixty."""
    return tuple(dict.fromkeys(m[0].rstrip(".,;") for m in _URL.finditer(text.replace("&amp;", "&"))))[:60]


def read(event: Event, extra: str = "") -> Reading:
    """The readable parts of ``event``; ``extra`` is text of the mail that brought it."""
    body = plain_text(event.description)
    if extra:
        body = f"{body}\n{plain_text(extra)}"[: 2 * MAX_TEXT]
    everywhere = f"{event.description[: 4 * MAX_TEXT]} {event.location[:1000]} {event.url[:600]}"
    links = links_in(everywhere)
    body = _URL.sub(" ", body).replace("mailto:", " ")
    addresses = tuple(Address(m[0].lower().rstrip("."), m.start(), m.end()) for m in _ADDRESS.finditer(body))[:60]
    place = _URL.sub(" ", _CONTROL.sub("", event.location[:500]))
    return Reading(passage(_CONTROL.sub(" ", event.summary[:500])), passage(body), passage(place), links, addresses)
