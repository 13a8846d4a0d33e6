"""Recognises job interviews of the user and says why: the second half of "detect", fed by every event that changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from calwatch.detect.company import company_of, is_agency, job_of
from calwatch.detect.contact import contact_of
from calwatch.detect.evidence import (
    THRESHOLD,
    Clue,
    Origin,
    origin_of,
    score_of,
    strongest,
    structure_clues,
    word_clues,
)
from calwatch.detect.language import language_of, leading, little_words
from calwatch.detect.links import is_selection_system, link_facts
from calwatch.detect.options import InterviewsOptions
from calwatch.detect.rescheduling import page_among
from calwatch.detect.role import role_of, side_clues
from calwatch.detect.stage import is_in_person, is_phone, stage_of
from calwatch.detect.text import Passage, Reading, passage, plain_word, read
from calwatch.detect.vocabulary import Hit, vocabulary
from calwatch.model.addresses import domain_of
from calwatch.model.booking import Recognition, Role
from calwatch.model.event import Event
from calwatch.model.me import Me
from calwatch.model.message import Message

_MOST_EVIDENCE = 8
_EVERYWHERE = frozenset({"positive.explicit", "positive.interview"})


def recognise(
    event: Event,
    *,
    me: Me,
    options: InterviewsOptions,
    mark: bool | None = None,
    from_mail: Message | None = None,
    comment: str = "",
) -> Recognition:
    """What ``event`` is to the user: an interview from a score of ``evidence.THRESHOLD`` on, with the evidence.

    ``mark`` is the user's own word and wins; then ``options.ignore`` and ``options.treat_as``; then the score.
    ``from_mail`` is the mail that brought the invitation, ``comment`` its COMMENT.
    """
    if event.busy_only and mark is None:
        return Recognition(is_interview=False, evidence=("only its time is known",))
    words = "\n".join(part for part in (comment, from_mail.text if from_mail else "") if part)
    reading = read(event, words)
    names = passage("\n".join(_names(event)))
    title, body, people = _hits(reading, names)
    origin = origin_of(event, reading, me)
    counts = little_words(reading.title, reading.body) if title or body else Counter()
    clues = _clues(event, reading, me, origin, from_mail, names, _spoken(title, counts), _spoken(body, counts), people)
    score = score_of(clues)
    verdict, score, said = _decided(event, reading, score, options=options, mark=mark, from_mail=from_mail)
    evidence = tuple(dict.fromkeys((*said, *(clue.sentence for clue in clues))))[:_MOST_EVIDENCE] or (
        "nothing in it speaks of a job interview",
    )
    role = role_of(clues, is_interview=verdict, origin=origin)
    if not verdict:
        return Recognition(is_interview=False, role=role, score=score, evidence=evidence)
    language = language_of(counts, (*title, *body), f"{event.summary}\n{reading.body.text}")
    return _described(event, reading, me, from_mail, title, body, language=language, score=score, evidence=evidence)


def _described(
    event: Event,
    reading: Reading,
    me: Me,
    from_mail: Message | None,
    title: Sequence[Hit],
    body: Sequence[Hit],
    *,
    language: str,
    score: float,
    evidence: tuple[str, ...],
) -> Recognition:
    contact = contact_of(event, reading, me=me, from_mail=from_mail)
    agency = is_agency(event, reading, contact)
    in_person = is_in_person(event, reading)
    phone = not in_person and is_phone(event, reading)
    return Recognition(
        is_interview=True,
        role=Role.CANDIDATE,
        stage=stage_of(title, body, in_person=in_person, phone=phone),
        company=company_of(event, reading, me=me, contact=contact, agency=agency),
        contact=contact,
        language=language,
        score=score,
        evidence=evidence,
        agency=agency,
        in_person=in_person,
        phone=phone,
        reschedule_link=page_among(reading.links, event.description),
        job=job_of(event, reading, title),
    )


def _names(event: Event) -> list[str]:
    people = [event.organizer] if event.organizer else []
    people += [attendee.person for attendee in event.attendees[:30]]
    return [person.name[:120] for person in people if person.name]


def _hits(reading: Reading, names: Passage) -> tuple[list[Hit], list[Hit], list[Hit]]:
    """Hits in title, text and participants' names; a phrase inside a longer one does not count."""
    known = vocabulary("positive", "negative", "neutral", "stage")
    title, body, people = (_weighable(known.hits(part)) for part in (reading.title, reading.body, names))
    return title, body, [hit for hit in people if not hit.kind.startswith("stage.")]


def _weighable(hits: list[Hit]) -> list[Hit]:
    stages = [hit for hit in hits if hit.kind.startswith("stage.")]
    return [*_outermost([hit for hit in hits if not hit.kind.startswith("stage.")]), *stages]


def _outermost(hits: list[Hit]) -> list[Hit]:
    """Hits that do not lie strictly inside another: "sales manager" is a job, not the negative "sales"."""
    kept: list[Hit] = []
    reach, longest = -1, 0
    for hit in sorted(hits, key=lambda h: (h.first, -h.last)):
        length = hit.last - hit.first
        if hit.last <= reach and length < longest:
            continue
        if hit.last > reach:
            reach, longest = hit.last, length
        kept.append(hit)
    return kept


def _spoken(hits: list[Hit], counts: Counter[str]) -> list[Hit]:
    """Hits that belong to the language spoken; all when no language leads."""
    leader = leading(counts, by=2)
    if leader is None:
        return hits
    return [hit for hit in hits if hit.language == leader or hit.kind in _EVERYWHERE or _borrowed(hit)]


def _borrowed(hit: Hit) -> bool:
    """Whether an English word counts in other languages too: those of hiring do, topics are in each language's list."""
    return hit.language == "en" and (hit.kind.startswith(("positive.", "stage.")) or hit.kind == "negative.interviewer")


def _clues(
    event: Event,
    reading: Reading,
    me: Me,
    origin: Origin,
    from_mail: Message | None,
    names: Passage,
    title: list[Hit],
    body: list[Hit],
    people: list[Hit],
) -> list[Clue]:
    facts = link_facts((*reading.links, event.url))
    clues = [
        *structure_clues(event, reading, me, origin, facts),
        *word_clues(title, body, people, reading, names, origin),
        *side_clues(reading, me, origin),
    ]
    if from_mail and from_mail.sender and is_selection_system(domain_of(from_mail.sender.email)):
        clues.append(Clue("origin", 3.6, "a hiring system sent the mail with the invitation"))
    return strongest(clues)


def _decided(
    event: Event,
    reading: Reading,
    score: float,
    *,
    options: InterviewsOptions,
    mark: bool | None,
    from_mail: Message | None,
) -> tuple[bool, float, tuple[str, ...]]:
    """The verdict after the user's own word and settings, with the sentence that says so."""
    if mark is not None:
        said = "you marked it as an interview" if mark else "you marked it as no interview"
        return mark, 1.0 if mark else 0.0, (said,)
    for entries, verdict, key in ((options.ignore, False, "ignore"), (options.treat_as, True, "treat_as")):
        found = next((entry for entry in entries if _matches(entry, event, reading, from_mail)), None)
        if found is not None:
            return verdict, 1.0 if verdict else 0.0, (f'your setting interviews.{key} has "{found}"',)
    return score >= THRESHOLD, score, ()


def _matches(entry: str, event: Event, reading: Reading, from_mail: Message | None) -> bool:
    """Whether a setting's sender, domain or phrase is that of the event."""
    wanted = entry.strip().lower()
    if not wanted:
        return False
    senders = [p.email for p in (event.organizer, from_mail.sender if from_mail else None) if p]
    if "@" in wanted.strip("@"):
        return wanted in senders
    if "." in wanted and " " not in wanted:
        domain = wanted.lstrip("@*.")
        return any(domain_of(s) == domain or domain_of(s).endswith("." + domain) for s in senders)
    return plain_word(wanted) in plain_word(f"{event.summary}\n{reading.body.text}")
