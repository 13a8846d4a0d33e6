"""The page on which a candidate can choose another time themselves: found in an event or in the mail about it."""

from __future__ import annotations

from collections.abc import Iterable

from calwatch.detect.links import LINK, is_selection_system, is_within
from calwatch.detect.text import links_in, passage
from calwatch.detect.vocabulary import systems, vocabulary

_MOST_TEXT = 16_000
_MOST_AROUND = 600


def page_in(text: str) -> str | None:
    """The page named in a mail's text; it is shown, never opened."""
    return page_among(links_in(text[:_MOST_TEXT]), text)


def page_among(links: Iterable[str], text: str) -> str | None:
    """The one of ``links`` with which the candidate can choose another time; ``text`` is where they stand.

    What stands on a line about another time counts on hosts that schedule or manage applications.
    """
    known = systems()
    links = tuple(links)
    spoken = frozenset(_about_another_time(text, links))
    for link in links:
        match = LINK.match(link)
        if match is None:
            continue
        host, path = match[1].lower(), match[2].lower()
        ours = is_within(host, known["schedulers"]) or is_selection_system(host)
        if ours and "/cancellation" in path:
            continue
        if ours and (link in spoken or any(part in path for part in known["reschedule_paths"])):
            return link
        if not is_within(host, known["conference"]) and "reschedul" in path:
            return link
    return None


def _about_another_time(text: str, links: tuple[str, ...]) -> list[str]:
    """Links on (or right below) a line that speaks of another time."""
    lines = text[:_MOST_TEXT].splitlines()
    spoken: list[str] = []
    for number, line in enumerate(lines):
        if "http" in line:
            around = f"{lines[number - 1] if number else ''} {line}"
            if vocabulary("reschedule").hits(passage(around[:_MOST_AROUND])):
                spoken += [link for link in links if link in line]
    return spoken
