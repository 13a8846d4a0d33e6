"""What the links and domains of an event tell: hiring systems, test rooms, careers pages, ways to reschedule."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from calwatch.detect.vocabulary import systems

LINK = re.compile(r"https?://(?:[^/@\s]{0,100}@)?([^/:?#\s]{1,253})(?::\d{1,5})?([^\s]{0,600})", re.IGNORECASE)
_SEGMENT = re.compile(r"[^/?#&=.]+")


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """Hosts found: ``selection`` is a hiring system as candidates see it, ``interviewer`` as interviewers do."""

    selection: str = ""
    assessment: str = ""
    interviewer: str = ""
    practice: str = ""
    careers: str = ""


def is_within(host: str, domains: Iterable[str]) -> bool:
    """Whether ``host`` is one of ``domains`` or below one."""
    return any(host == domain or host.endswith("." + domain) for domain in domains)


@lru_cache(maxsize=4096)
def is_selection_system(host: str) -> bool:
    """Whether a domain belongs to a system that manages applications or schedules interviews."""
    return bool(host) and is_within(host, systems()["selection"])


@lru_cache(maxsize=4096)
def is_system(host: str) -> bool:
    """Whether a domain is somebody's software, whose addresses are never a person to write to."""
    known = systems()
    return is_selection_system(host) or is_within(
        host, (*known["schedulers"], *known["conference"], *known["assessment"])
    )


def link_facts(links: Iterable[str]) -> LinkFacts:
    """What the links say together; the first of each sort is kept as evidence."""
    known = systems()
    found: dict[str, str] = {}
    for link in links:
        match = LINK.match(link)
        if match is None:
            continue
        host, path = match[1].lower(), match[2].lower()
        if is_within(host, known["conference"]):
            continue
        if is_within(host, known["practice"]):
            found.setdefault("practice", host)
        elif is_within(host, known["interviewer_hosts"]) or (
            is_selection_system(host) and any(part in path for part in known["interviewer_paths"])
        ):
            found.setdefault("interviewer", host)
        elif is_selection_system(host):
            found.setdefault("selection", host)
        elif is_within(host, known["assessment"]):
            found.setdefault("assessment", host)
        elif not is_within(host, known["schedulers"]):
            pieces = {*_SEGMENT.findall(path)[:8], host.split(".")[0]}
            if not pieces.isdisjoint(known["career_paths"]):
                found.setdefault("careers", host)
    return LinkFacts(**found)
