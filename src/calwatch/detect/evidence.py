"""Weighs what an event shows for and against being a job interview of the user, each piece a sentence for the person.

The weights are log-odds, set by hand from what the pieces mean and not fitted to examples: a score is the logistic
function of their sum. No single ambiguous word decides; who invites (an outside organisation, a hiring system, a
colleague, nobody) changes what every word means.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from calwatch.detect.links import LinkFacts, is_selection_system
from calwatch.detect.text import Passage, Reading, plain_word
from calwatch.detect.vocabulary import Hit, systems, vocabulary
from calwatch.model.addresses import domain_of, is_freemail, is_unreadable
from calwatch.model.event import Event
from calwatch.model.me import Me

BIAS = -2.3
THRESHOLD = 0.5
"""Scores from here on are interviews: the evidence for outweighs the evidence against and the bias together."""

POSITIVE = {  # kind: weight in the title, in the body, in people's names
    "explicit": (4.0, 3.2, 3.0),
    "interview": (2.4, 1.6, 1.5),
    "process": (2.6, 2.3, 2.5),
    "opening": (1.6, 1.5, 0.0),
    "recruiter": (2.2, 1.8, 2.4),
    "step": (1.2, 1.2, 0.0),
    "evaluation": (1.3, 1.3, 0.0),
    "job": (1.2, 0.6, 0.0),
}
STAGE = {  # what a stage's words weigh: "system design" belongs to selection, "intro call" to anything
    "technical": (1.25, 0.7),
    "take_home": (1.4, 1.0),
    "offer_call": (2.2, 1.6),
    "onsite": (1.2, 0.5),
    "panel": (1.2, 0.6),
    "final": (1.0, 0.5),
    "recruiter_screen": (0.6, 0.3),
    "info_chat": (0.4, 0.2),
    "phone": (0.3, 0.1),
}

NEGATIVE = {  # kind: weight in the title, in the body
    "prep": (-4.5, 0.0),
    "travel": (-4.5, 0.0),
    "reminder": (-4.5, 0.0),
    "banner": (-3.0, 0.0),
    "interviewer": (-5.0, -4.0),
    "media": (-4.0, -2.0),
    "research": (-4.0, -3.0),
    "internal": (-4.0, -1.5),
    "event": (-4.0, -1.2),
    "reference": (-5.0, -4.0),
    "hired": (-4.5, -3.0),
    "spam": (-4.0, -3.0),
    "medical": (-4.0, -2.0),
    "school": (-4.0, -2.0),
    "official": (-4.0, -2.0),
    "sales": (-3.0, -1.5),
    "leisure": (-4.0, -1.2),
    "plumbing": (-4.0, -1.5),
}
TOPICAL = frozenset({"media", "medical", "school", "official", "sales", "leisure", "plumbing", "event", "internal"})
"""Subjects companies also hire for: once selection for work is certain, a mention of them in the body says nothing."""

OWN_ONLY = frozenset({"prep", "travel", "reminder", "banner"})
"""What people write into their own calendar around an interview; on another's invitation only the title counts."""


class Origin(StrEnum):
    """Whose event it is, in the user's eyes."""

    OWN = "own"  # the user's own entry: nobody else takes part
    MINE = "mine"  # the user invites others
    INSIDE = "inside"  # a colleague or the user's own house invites
    OUTSIDE = "outside"  # another organisation invites
    PRIVATE = "private"  # a private person (public mail service) invites
    SYSTEM = "system"  # a hiring system invites
    UNREADABLE = "unreadable"  # some other machine invites
    SENT = "sent"  # no organizer, but foreign: published by somebody, addresses or attendees inside


@dataclass(frozen=True, slots=True)
class Clue:
    """One piece of evidence and its weight; ``kind`` groups clues of which only the strongest counts."""

    kind: str
    weight: float
    sentence: str


def origin_of(event: Event, reading: Reading, me: Me) -> Origin:
    """Whose event it is."""
    organizer = event.organizer
    outsiders = outside_people(event, me)
    if organizer is None or not organizer.email:
        foreign = any(not me.owns(a.email) and not me.works_with(a.email) for a in reading.addresses)
        return Origin.SENT if outsiders or foreign or event.attendees else Origin.OWN
    if me.owns(organizer.email):
        return (
            Origin.MINE if event.attendees and any(not me.owns(a.person.email) for a in event.attendees) else Origin.OWN
        )
    domain = domain_of(organizer.email)
    if is_selection_system(domain):
        return Origin.SYSTEM
    if me.works_with(organizer.email):
        return Origin.INSIDE
    if is_unreadable(organizer.email):
        return Origin.UNREADABLE
    return Origin.PRIVATE if is_freemail(domain) else Origin.OUTSIDE


def outside_people(event: Event, me: Me) -> list[str]:
    """Addresses of attendees who are neither the user nor colleagues, rooms or machines."""
    return [
        a.person.email
        for a in event.attendees
        if a.cutype.upper() in ("INDIVIDUAL", "UNKNOWN", "")
        and not me.owns(a.person.email)
        and not me.works_with(a.person.email)
        and not is_unreadable(a.person.email)
    ]


_ORIGIN_CLUES = {
    Origin.INSIDE: Clue("origin", -4.5, "the organizer belongs to your own house"),
    Origin.OUTSIDE: Clue("origin", 1.0, "the organizer belongs to another organisation"),
    Origin.SYSTEM: Clue("origin", 3.6, "a hiring system sent the invitation"),
    Origin.MINE: Clue("origin", -1.2, "you invited others yourself"),
    Origin.UNREADABLE: Clue("origin", 0.4, "a machine of another organisation sent the invitation"),
    Origin.SENT: Clue("origin", 0.6, "somebody else published it"),
    Origin.PRIVATE: Clue("origin", 0.0, "a private person invites"),
}


def structure_clues(event: Event, reading: Reading, me: Me, origin: Origin, facts: LinkFacts) -> Iterator[Clue]:
    """What the event shows without its words: who takes part, how often, which links."""
    if origin in _ORIGIN_CLUES:
        yield _ORIGIN_CLUES[origin]
    if facts.selection and origin is not Origin.INSIDE:
        yield Clue("link", 3.2, f"it links to the hiring system {facts.selection}")
    if facts.assessment and origin is not Origin.INSIDE:
        yield Clue("link", 2.0, f"it links to the test room {facts.assessment}")
    if facts.careers and origin not in (Origin.INSIDE, Origin.OWN):
        yield Clue("link", 2.0, f"it links to a careers page at {facts.careers}")
    if facts.interviewer:
        yield Clue("kit", -3.5, f"it links to what interviewers use at {facts.interviewer}")
    if facts.practice:
        yield Clue("practice", -4.0, f"it links to the practice site {facts.practice}")
    if origin in (Origin.OUTSIDE, Origin.SENT, Origin.PRIVATE):
        yield from _agency_clues(event, reading)
    mailbox = _mailbox(event, "mailboxes")
    other = _mailbox(event, "other_mailboxes")
    if other and not mailbox and origin in (Origin.OUTSIDE, Origin.UNREADABLE, Origin.PRIVATE):
        yield Clue("mailbox", -1.5, f"{other} is not a mailbox of people who hire")
    if mailbox and origin not in (Origin.INSIDE, Origin.OWN, Origin.MINE):
        yield Clue("people.recruiter", 2.0, f"it comes from the mailbox {mailbox}")
    colleagues = [
        a.person.email for a in event.attendees if me.works_with(a.person.email) and not me.owns(a.person.email)
    ]
    if colleagues and origin is not Origin.INSIDE:
        yield Clue("colleagues", -2.5, "colleagues of yours take part")
    if event.recurring:
        yield Clue("recurring", -1.5, "it repeats")
    if event.all_day and origin in (Origin.OWN, Origin.MINE, Origin.INSIDE):
        yield Clue("all-day", -2.5, "it is an all-day entry without an organizer")
    if len(event.attendees) > 25:
        yield Clue("crowd", -2.0, "a crowd is invited")
    if origin in (Origin.OUTSIDE, Origin.SYSTEM, Origin.SENT, Origin.UNREADABLE) and _names_me(reading.title, me):
        yield Clue("named", 0.7, "the title names you beside another party")


def _agency_clues(event: Event, reading: Reading) -> Iterator[Clue]:
    label = domain_of(event.organizer.email).split(".")[0] if event.organizer else ""
    if any(mark in label for mark in systems()["agency_marks"]):
        yield Clue("people.recruiter", 1.6, f"the organizer's domain {label} sounds like recruiting")
    hits = vocabulary("agency").hits(reading.body)
    if hits:
        yield Clue("agency", 1.0, f'the text says "{reading.body.quote(hits[0].first, hits[0].last)}"')


def _mailbox(event: Event, sort: str) -> str:
    if event.organizer is None:
        return ""
    local = event.organizer.email.partition("@")[0]
    parts = {local, *local.replace("-", ".").replace("_", ".").replace("+", ".").split(".")}
    return "" if parts.isdisjoint(systems()[sort]) else event.organizer.email


def _names_me(title: Passage, me: Me) -> bool:
    words = {word.plain for word in title.words}
    mine = [plain_word(name) for name in me.name.split()]
    return bool(mine) and (mine[0] in words or (len(mine) > 1 and len(mine[-1]) > 3 and mine[-1] in words))


def word_clues(
    title: Sequence[Hit], body: Sequence[Hit], people: Sequence[Hit], reading: Reading, names: Passage, origin: Origin
) -> Iterator[Clue]:
    """What the words say; ``people`` are hits in the names of organizer and attendees."""
    for hit in title:
        yield from _clue(hit, reading.title, 0, "the title", origin)
    for hit in body:
        yield from _clue(hit, reading.body, 1, "the text", origin)
    for hit in people:
        yield from _clue(hit, names, 2, "a participant's name", origin)


def _clue(hit: Hit, passage: Passage, field: int, where: str, origin: Origin) -> Iterator[Clue]:
    group, _, kind = hit.kind.partition(".")
    said = f'{where} says "{passage.quote(hit.first, hit.last)}"'
    if group == "neutral":
        return
    if group == "stage":
        if field < 2:
            yield Clue(_step(field), STAGE[kind][field], said)
    elif group == "positive":
        weight = POSITIVE[kind][field]
        if weight and not (origin is Origin.INSIDE and kind in ("job", "evaluation", "step")):
            group = {"explicit": "positive.interview", "step": _step(field)}.get(kind, hit.kind)
            yield Clue(group, weight, said)
    elif field == 2:
        if kind in TOPICAL:
            yield Clue("negative.trade", -1.5, said)
    else:
        weight = NEGATIVE[kind][field]
        if kind in OWN_ONLY and origin not in (Origin.OWN, Origin.MINE):
            weight *= 0.7 if kind == "prep" else 0.4
        if kind == "reminder" and hit.first > 2 and hit.first == hit.last:
            return
        if weight:
            yield Clue(f"negative.{kind}", weight, said)


def _step(field: int) -> str:
    """Steps in title and text add up: "onsite" alone is anything, "onsite" above "behavioral" is not."""
    return "positive.step" if field == 0 else "positive.step-in-text"


def strongest(clues: Sequence[Clue]) -> list[Clue]:
    """One clue of each kind, the strongest, strongest first; mere mentions of a topic yield to certain selection."""
    best: dict[str, Clue] = {}
    for clue in clues:
        if clue.kind not in best or abs(clue.weight) > abs(best[clue.kind].weight):
            best[clue.kind] = clue
    certain = sum(c.weight for c in best.values() if c.weight > 0 and c.kind != "origin") >= 5.0
    kept = [_softened(clue) if certain else clue for clue in best.values()]
    return sorted((c for c in kept if c.weight), key=lambda c: (-abs(c.weight), c.kind))


def _softened(clue: Clue) -> Clue:
    group, _, kind = clue.kind.partition(".")
    if group == "negative" and kind in (TOPICAL | {"trade"}) and clue.weight > -2.5:
        return Clue(clue.kind, clue.weight / 3, clue.sentence)
    if group == "negative" and kind in TOPICAL - {"plumbing", "event", "internal"}:
        return Clue(clue.kind, clue.weight / 2, clue.sentence)
    return clue


def score_of(clues: Sequence[Clue]) -> float:
    """The logistic function of the summed weights, 0..1; of several negatives all but the strongest count half."""
    positive = sum(clue.weight for clue in clues if clue.weight > 0)
    negatives = sorted(clue.weight for clue in clues if clue.weight < 0)
    total = BIAS + positive + sum(weight if n == 0 else weight / 2 for n, weight in enumerate(negatives))
    return round(1 / (1 + math.exp(-max(-30.0, min(30.0, total)))), 3)
