"""Whom to write to about an interview, with the reason; never a machine, a room, a list or the user."""

from __future__ import annotations

import re
from dataclasses import dataclass

from calwatch.detect.links import is_system
from calwatch.detect.text import Address, Reading, passage, plain_word
from calwatch.detect.vocabulary import systems, vocabulary
from calwatch.model.addresses import domain_of, is_freemail, is_unreadable, same_organisation
from calwatch.model.booking import Contact
from calwatch.model.event import Event, Person
from calwatch.model.me import Me
from calwatch.model.message import Message

_NAME_BEFORE = re.compile(
    r"([^\W\d_a-zß-ÿ][\w'’.-]{0,30}"
    r"(?: (?:(?:de|da|di|del|van|von|der|den|le|la|du|dos|ten|el) ){0,2}[^\W\d_a-zß-ÿ][\w'’.-]{0,30}){1,3})"
    r"(?:,[^,\n(<@]{1,40})?\s{0,3}[(<\[:,–-]{0,2}\s{0,3}$"
)
_NAME_AFTER = re.compile(r"^[>\s]{0,3}[(–-]\s{0,3}([^\W\d_][\w'’-]{0,30}(?: [^\W\d_][\w'’.-]{0,30}){1,3})\)?")
_CUT = re.compile(r"\s*[(|<\[/,–•@].*$|\s+-\s.*$|\s+(?:via|from|at|@|bei|chez|de la part)\s.*$", re.IGNORECASE)
_TITLES = frozenset({"dr", "prof", "herr", "frau", "mr", "mrs", "ms", "mme", "sra", "sr", "dott", "dra", "ing"})


@dataclass(frozen=True, slots=True)
class _Candidate:
    person: Person
    points: float
    evidence: str


def contact_of(event: Event, reading: Reading, *, me: Me, from_mail: Message | None) -> Contact | None:
    """The person or monitored mailbox to answer, or None when nobody safe is known.

    Whom the text tells to write to comes first; then the organizer; then the recruiter, or the only human, among the
    attendees; then a single address in the text; then the sender of the mail that brought it.
    """
    organizer = event.organizer if event.organizer and _reachable(event.organizer.email, me) else None
    told = _told(event, reading, me, organizer)
    if told:
        return told
    if organizer:
        name = clean_name(organizer.name, organizer.email, reading)
        return Contact(person=Person(organizer.email, name), evidence="organizer of the invitation")
    return _attendee(event, reading, me) or _in_text(event, reading, me) or _sender(from_mail, me)


def _reachable(email: str, me: Me) -> bool:
    """Whether an address can be a contact: a readable one, of nobody in the user's own house, of no software."""
    return (
        not is_unreadable(email) and not me.owns(email) and not me.works_with(email) and not is_system(domain_of(email))
    )


def _told(event: Event, reading: Reading, me: Me, organizer: Person | None) -> Contact | None:
    """Whom the text says to write to: an address in such a sentence, or an attendee it names there."""
    best: _Candidate | None = None
    for address in reading.addresses:
        if not _reachable(address.email, me):
            continue
        points = _pointing(reading, address)
        if organizer is not None and address.email == organizer.email:
            points += 0.5
        if (
            organizer is not None
            and not same_organisation(address.email, organizer.email)
            and is_freemail(address.email)
        ):
            points -= 1.0
        if points >= 2 and (best is None or points > best.points):
            person = Person(address.email, _name_for(address, event, reading))
            best = _Candidate(person, points, f'the text says to write there: "{_line(reading, address)}"')
    if best is None:
        best = _named_attendee(event, reading, me)
    return Contact(person=best.person, evidence=best.evidence) if best else None


def _pointing(reading: Reading, address: Address) -> float:
    """How clearly the words around an address say that it is the one to write to."""
    text = reading.body.text
    start = max(text.rfind("\n", 0, address.start), address.start - 240, -1) + 1
    end_of_line = text.find("\n", address.end)
    end = min(end_of_line if end_of_line >= 0 else len(text), address.end + 120)
    before = _last_sentence(text[start : address.start])
    points = _cues(before)
    after = _cues(re.split(r"[.!?;]\s|\n", text[address.end : end], maxsplit=1)[0], trailing=True)
    points += after if points > -2 else 0
    if not before.strip(" \t-–•:*<(") or len(before.split()) <= 4:  # a signature or a heading stands on the line before
        above = text[max(0, text.rfind("\n", 0, max(0, start - 1))) : max(0, start - 1)]
        points += min(1.5, max(0.0, _cues(above[-160:]))) if points >= 0 else 0
    return points


def _last_sentence(text: str) -> str:
    return re.split(r"(?<=[a-z0-9)][.!?;])\s+(?=[A-ZÀ-Þ¿¡])", text)[-1]


def _cues(text: str, *, trailing: bool = False) -> float:
    kinds = {hit.kind for hit in vocabulary("contact").hits(passage(text))}
    points = 0.0
    if "contact.write" in kinds:
        points += 1.0 if trailing else 2.0
    if "contact.arranger" in kinds:
        points += 0.5 if trailing else 1.5
    if "contact.support" in kinds:
        points -= 1.0 if trailing else 3.0
    if "contact.avoid" in kinds:
        points -= 1.0 if trailing else 4.0
    return points


def _named_attendee(event: Event, reading: Reading, me: Me) -> _Candidate | None:
    """An attendee whom a sentence about questions or changes names, when exactly one fits."""
    people = _humans(event, me)
    if not people:
        return None
    found: dict[str, Person] = {}
    for line in re.split(r"\n|(?<=[a-z0-9)][.!?;])\s+", reading.body.text[:6000]):
        if not line.strip() or len(line) > 400:
            continue
        hits = vocabulary("contact").hits(passage(line))
        names = {hit.kind for hit in hits}
        if not names & {"contact.write", "contact.arranger"} or names & {"contact.support", "contact.avoid"}:
            continue
        words = [plain_word(w) for w in re.findall(r"[^\W\d_]+", line)]
        cue = min(hit.first for hit in hits)
        for person in people:
            first = _first_name(person)
            if first and first in words[cue : cue + 9] and sum(_first_name(p) == first for p in people) == 1:
                found[person.email] = person
    if len(found) != 1:
        return None
    person = next(iter(found.values()))
    organizer = event.organizer.email if event.organizer else ""
    if organizer and _reachable(organizer, me) and person.email != organizer:
        return None  # "questions? ask Tom" beside a readable organizer may mean the interviewer
    clean = Person(person.email, clean_name(person.name, person.email, reading))
    return _Candidate(clean, 2.0, f"the text names {clean.name or clean.email} for questions")


def _attendee(event: Event, reading: Reading, me: Me) -> Contact | None:
    people = _humans(event, me)
    recruiters = [p for p in people if _is_recruiter(p) or _is_introduced_as_recruiter(p, reading)]
    if recruiters:
        chosen, evidence = recruiters[0], "the recruiter among the participants"
    elif len(people) == 1:
        chosen, evidence = people[0], "the only person among the participants"
    else:
        return None
    return Contact(person=Person(chosen.email, clean_name(chosen.name, chosen.email, reading)), evidence=evidence)


def _humans(event: Event, me: Me) -> list[Person]:
    seen: dict[str, Person] = {}
    for attendee in event.attendees[:100]:
        if attendee.cutype.upper() in ("INDIVIDUAL", "UNKNOWN", "") and _reachable(attendee.person.email, me):
            seen.setdefault(attendee.person.email, attendee.person)
    return list(seen.values())


def _is_recruiter(person: Person) -> bool:
    hits = vocabulary("positive").hits(passage(person.name))
    if any(hit.kind in ("positive.recruiter", "positive.process") for hit in hits):
        return True
    local = set(re.split(r"[._+-]", person.email.partition("@")[0]))
    return not local.isdisjoint(systems()["mailboxes"])


def _is_introduced_as_recruiter(person: Person, reading: Reading) -> bool:
    """Whether a line of the text names this person together with a recruiter's title ("Verity Sands, Talent Lead")."""
    name = plain_word(clean_name(person.name, person.email, reading))
    if " " not in name:
        return False
    for line in reading.body.text[:6000].split("\n"):
        at = plain_word(line).find(name)
        if at < 0 or len(line) > 400:
            continue
        around = passage(line[max(0, at - 40) : at + len(name) + 40])
        if any(hit.kind == "positive.recruiter" for hit in vocabulary("positive").hits(around)):
            return True
    return False


def _in_text(event: Event, reading: Reading, me: Me) -> Contact | None:
    usable = [a for a in reading.addresses if _reachable(a.email, me) and _pointing(reading, a) > -2]
    emails = list(dict.fromkeys(a.email for a in usable))
    if not emails:
        return None
    if len(emails) > 1:
        titled = [a for a in usable if _pointing(reading, a) >= 1]
        if len({a.email for a in titled}) != 1:
            return None
        usable = titled
    address = usable[0]
    return Contact(
        person=Person(address.email, _name_for(address, event, reading)),
        evidence=f'the only address in the text: "{_line(reading, address)}"',
    )


def _sender(message: Message | None, me: Me) -> Contact | None:
    if message is None:
        return None
    for person in (*message.reply_to, *((message.sender,) if message.sender else ())):
        if _reachable(person.email, me):
            return Contact(person=person, evidence="sender of the mail that brought the invitation")
    return None


def _line(reading: Reading, address: Address) -> str:
    text = reading.body.text
    start = max(text.rfind("\n", 0, address.start) + 1, address.start - 60)
    return " ".join(text[start : address.end].split())[-100:]


def _name_for(address: Address, event: Event, reading: Reading) -> str:
    text = reading.body.text
    listed = (*((event.organizer,) if event.organizer else ()), *(a.person for a in event.attendees))
    shown = next((p for p in listed if p.email == address.email and p.name and "@" not in p.name), None)
    if shown and not _is_recruiter(Person(shown.email)):
        return clean_name(shown.name, shown.email, reading)
    after = _NAME_AFTER.match(text[address.end : address.end + 80])
    if after and _is_name(after[1]):
        return _tidy(after[1])
    line_start = text.rfind("\n", 0, address.start) + 1
    before = _NAME_BEFORE.search(text[max(line_start, address.start - 100) : address.start])
    if before:
        words = [w for w in before[1].split() if plain_word(w).strip(".") not in _TITLES]
        while words and vocabulary("contact", "positive").hits(passage(words[0])):
            words.pop(0)
        name = " ".join(words)
        if _is_name(name) and _fits_address(name, address.email):
            return _tidy(name)
    if shown:
        return clean_name(shown.name, shown.email, reading)
    return _name_from_local(address.email, text)


def _fits_address(name: str, email: str) -> bool:
    local = "".join(c for c in plain_word(email.partition("@")[0]) if c.isalnum())
    return any(len(w) > 2 and plain_word(w).strip(".,") in local for w in name.split()) or len(name.split()) == 2


def _name_from_local(email: str, text: str) -> str:
    parts = [p for p in re.split(r"[._-]", email.partition("@")[0]) if p]
    if len(parts) == 1 and parts[0].isalpha() and len(parts[0]) > 2:
        whole = re.search(rf"\b((?i:{re.escape(parts[0])}) [^\W\d_a-zß-ÿ][\w'’-]{{1,30}})", text)
        return _tidy(whole[1]) if whole and _is_name(whole[1]) else ""
    if len(parts) < 2 or not all(p.isalpha() and len(p) > 1 for p in parts):
        return ""
    pattern = re.compile(r"[\s-]".join(re.escape(p) for p in parts), re.IGNORECASE)
    written = pattern.search(text)
    return (
        written[0].title() if written and written[0].isupper() else written[0] if written else " ".join(parts).title()
    )


def _is_name(text: str) -> bool:
    words = text.split()
    return 1 < len(words) <= 5 and sum(1 for w in words if w[:1].isupper()) >= 2


def _tidy(name: str) -> str:
    return " ".join(name.strip(" ,.;:()<>[]").split())


def clean_name(name: str, email: str, reading: Reading) -> str:
    """A participant's name without the role and company people append to it; empty when it is only an address."""
    if not name or "@" in name:
        return _name_from_local(email, reading.body.text)
    short = _CUT.sub("", name.strip().strip("\"'")).strip()
    return short or name.strip()


def _first_name(person: Person) -> str:
    words = re.findall(r"[^\W\d_]+", person.name) or re.findall(r"[^\W\d_]+", person.email.partition("@")[0])
    return next((plain_word(w) for w in words if plain_word(w) not in _TITLES and len(w) > 1), "")
