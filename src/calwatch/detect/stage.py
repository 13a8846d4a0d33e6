"""Which stage of the selection an interview is, and whether it takes place in person, by telephone or online."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from calwatch.detect.links import is_within
from calwatch.detect.text import Reading
from calwatch.detect.vocabulary import Hit, systems, vocabulary
from calwatch.model.event import Event

STAGES = (
    "offer_call",
    "take_home",
    "final",
    "info_chat",
    "panel",
    "technical",
    "onsite",
    "recruiter_screen",
    "phone",
)
"""Every stage, in the order that breaks ties."""

_NUMBER = re.compile(r"^[+()\d][\d\s()./-]{6,24}$")


def stage_of(title: Sequence[Hit], body: Sequence[Hit], *, in_person: bool, phone: bool) -> str | None:
    """The stage most spoken of, the title counting three times; else what the place suggests; else None."""
    points: Counter[str] = Counter()
    for hits, worth in ((title, 3), (body, 1)):
        for stage in {hit.kind.partition(".")[2] for hit in hits if hit.kind.startswith("stage.")}:
            points[stage] += worth
    if in_person:
        points["onsite"] += 1
    if points:
        best = max(points.values())
        return next(stage for stage in STAGES if points[stage] == best)
    return "phone" if phone else None


def is_phone(event: Event, reading: Reading) -> bool:
    """Whether it is a telephone call: the place says so, or there is no place and no link and the text says so."""
    where = reading.place.text.strip()
    if _NUMBER.match(where):
        return True
    kinds = {hit.kind for hit in vocabulary("place").hits(reading.place)}
    if "place.phone" in kinds:
        return True
    if where or any(_is_meeting(link) for link in reading.links) or "place.online" in kinds:
        return False
    spoken = (*vocabulary("place").hits(reading.title), *vocabulary("place").hits(reading.body))
    return any(hit.kind == "place.phone" for hit in spoken)


def is_in_person(event: Event, reading: Reading) -> bool:
    """Whether the user must travel: the place is no link and no call, or the text speaks of reception and ID."""
    where = reading.place.text.strip(" \n,;|-")
    if where:
        kinds = {hit.kind for hit in vocabulary("place").hits(reading.place)}
        if kinds & {"place.online", "place.phone"}:
            return "place.onsite" in kinds and any(c.isdigit() for c in where) and not reading.links
        return not _NUMBER.match(where) and not event.location.lower().startswith(("http://", "https://"))
    if any(_is_meeting(link) for link in reading.links):
        return False
    hits = [hit for part in (reading.title, reading.body) for hit in vocabulary("place").hits(part)]
    onsite = sum(1 for hit in hits if hit.kind == "place.onsite")
    return onsite >= 2 and not any(hit.kind in ("place.online", "place.phone") for hit in hits)


def _is_meeting(link: str) -> bool:
    host = link.split("/")[2].split(":")[0].lower() if link.count("/") >= 2 else ""
    return is_within(host, (*systems()["conference"], *systems()["assessment"]))
