"""Which company an interview is with, whether an agency stands between, and which job it is about."""

from __future__ import annotations

import re
from collections.abc import Iterable

from calwatch.detect.links import is_system
from calwatch.detect.text import Reading, passage, plain_word, squash
from calwatch.detect.vocabulary import Hit, systems, vocabulary
from calwatch.model.addresses import domain_of, is_freemail, organisation_of
from calwatch.model.booking import Contact
from calwatch.model.event import Event
from calwatch.model.me import Me

_CAPITALISED = r"(?:[^\W\d_a-zß-ÿ][\w'’.-]{0,30}|\d[\w-]{1,20})"
_PHRASE = re.compile(rf"{_CAPITALISED}(?:(?: |\s?&\s?| (?:and|und|et|y|e|of|de|du|la) )(?:{_CAPITALISED})){{0,4}}")
_AFTER = re.compile(
    r"(?:^|\W)(?:at|with|bei|mit|chez|avec|con|com|na|no|presso|bij|met|en|join(?:ing)?|firma|"
    r"(?:company|unternehmen|entreprise|empresa|azienda|bedrijf) ?:)\s+(?:the |der |die |das |la |le |el |a |o )?"
    rf"({_PHRASE.pattern})"
)
_UMLAUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ø": "o", "å": "a", "&": ""})
_NAME_ENDS = re.compile(r"[@\n,;:!?()]|\.\s")
_LEGAL = re.compile(
    r"\s*,?\s(?:gmbh|ag|se|ltd|limited|inc|llc|plc|s\.?a\.?|s\.?r\.?l\.?|s\.?l\.?|b\.?v\.?|n\.?v\.?|corp|kg|sas|lda|ltda|"
    r"spa)\.?$",
    re.IGNORECASE,
)
_ROLE_TAIL = re.compile(
    r"\s{0,3}[-–|:,(]?\s{0,3}\b(?:via\s.{0,60}|(?:candidate )?calendar.{0,20}|interviews?|recruiting|"
    r"recruitment(?: team)?|"
    r"talent(?: acquisition)?(?: team)?|careers?|jobs|hr|people(?: team)?|hiring(?: team)?|team|bewerbungen?|karriere|"
    r"personal(?:abteilung)?|recrutement|rh|selecci[oó]n|talento|rrhh|recrutamento|selezione|risorse umane|werving|"
    r"coordination)\b\)?\s*$",
    re.IGNORECASE,
)
_NO_COMPANY_WORDS = """
the a interview interviews invitation invite meeting call chat phone screen video zoom teams google meet microsoft
onsite virtual final round technical monday tuesday wednesday thursday friday hr team manager ceo cto coo cfo recruiter
canceled cancelled updated fw fwd re hi hello dear slot montag dienstag mittwoch donnerstag freitag gesprach
entretien entrevista colloquio gesprek kennenlernen interviewer candidate your our der die das
"""
_LONGER = 40
"""Likeness of a name that goes on after the domain's letters ("Gallow Games" at gallow.example)."""
_NO_COMPANY = frozenset(_NO_COMPANY_WORDS.split())
_JOB_LABEL = re.compile(
    r"(?:^|\n)\W{0,4}(?:position|role|job(?: title)?|vacancy|stelle|poste|puesto|vacante|posición|vaga|cargo|posizione|"
    r"ruolo|functie|vacature)\s?:\s?([^\n|;]{3,70})",
    re.IGNORECASE,
)
_JOB_BEFORE = re.compile(
    r"(?:the|our|as|for(?: a| an)?|your)\s((?:[A-Z0-9][\w/+#.&-]{0,24}\s){1,5})"
    r"(?:role|position|opening|vacancy|requisition|job|post|hire)\b"
)
_JOB_AFTER = re.compile(
    r"(?:(?:role|position|post|job|opening|Stelle|Position|Rolle|poste|puesto|posición|vaga|cargo|posizione|ruolo|"
    r"functie|vacature|rol)(?: als| as| of| de| di| da| van|\s?:)?(?: a| an)?|interview for|next)\s"
    r"((?:[A-Z][\w/+#.&-]{0,24})(?:\s(?:de |di |of |und |and |& )?[A-Z0-9][\w/+#.&-]{0,24}){0,5})"
)


def company_of(event: Event, reading: Reading, *, me: Me, contact: Contact | None, agency: bool) -> str | None:
    """The company's name as written somewhere in the event, else guessed from the domain; None when nothing tells.

    Through an agency it is the client if the event names one.
    """
    texts = [event.summary, reading.body.text[:3000], reading.place.text]
    names = [
        p.name
        for p in (*((event.organizer,) if event.organizer else ()), *(a.person for a in event.attendees))
        if p.name
    ]
    domain = _company_domain(event, me, contact)
    if agency:
        client = _after_preposition(texts[:2], me, unlike=domain)
        if client:
            return client
    if domain:
        return _written_like(domain, (*texts, *names)) or _pretty(domain)
    organizer = event.organizer
    if organizer and organizer.name and is_system(domain_of(organizer.email)):
        shown = _ROLE_TAIL.sub("", _ROLE_TAIL.sub("", organizer.name)).strip()
        if shown:
            return shown
    return _after_preposition(texts[:2], me) or _beside_me(event.summary, me)


def _company_domain(event: Event, me: Me, contact: Contact | None) -> str:
    addresses = [contact.person.email] if contact else []
    addresses += [event.organizer.email] if event.organizer else []
    addresses += [a.person.email for a in event.attendees[:30]]
    for address in addresses:
        domain = domain_of(address)
        foreign = not me.owns(address) and not me.works_with(address)
        if domain and foreign and not is_freemail(domain) and not is_system(domain) and "calendar." not in domain:
            return organisation_of(domain)
    return ""


def _written_like(domain: str, texts: Iterable[str]) -> str | None:
    """The run of words whose letters are the domain's, as people wrote it: ``halyardsystems`` → ``Halyard Systems``."""
    label = squash(domain.split(".")[0])
    best: tuple[int, str] | None = None
    for text in texts:
        words = [m for m in re.finditer(r"[\w'’.&-]+", text[:4000]) if m[0] not in (".", "-")]
        for first, start in enumerate(words[:600]):
            if not _may_begin(start[0], words[first + 1][0] if first + 1 < len(words) else "", label):
                continue
            for last in range(first, min(first + 4, len(words))):
                shown = text[start.start() : words[last].end()].strip(" .,-'’&")
                if (
                    not shown[:1].isupper()
                    or _NAME_ENDS.search(shown)
                    or not _is_part(text, start.start(), words[last].end())
                ):
                    continue
                likeness = _likeness(shown, label)
                if likeness == _LONGER and _ends_there(
                    text[words[last].end() : words[last].end() + 12], words[last][0]
                ):
                    likeness = 101  # the longer name says more, when nothing else follows in that place
                if likeness and (best is None or likeness > best[0]):
                    best = (likeness, " ".join(shown.split()))
    return best[1] if best else None


def _ends_there(after: str, last_word: str) -> bool:
    """Whether a name is over after ``last_word``, and that word belongs to a name rather than to what follows."""
    if not last_word[:1].isupper() or plain_word(last_word) in _NO_COMPANY or _ROLE_TAIL.fullmatch(last_word):
        return False
    if vocabulary("positive", "stage").hits(passage(last_word)):
        return False
    return re.match(r"\s*(?:$|[\n,.;:()|–—!?]|- |(?:invites|is|has|will|lädt|vous|te|ti|nodigt)\b)", after) is not None


def _may_begin(word: str, following: str, label: str) -> bool:
    """Whether a name like ``label`` can begin with ``word``; the cheap test that spares most of a text."""
    return squash(word)[:1] == label[:1] or (word[:1].isupper() and squash(following) == label)


def _is_part(text: str, start: int, end: int) -> bool:
    """Whether a stretch is not inside an address or a link."""
    return text[start - 1 : start] not in ("@", "/") and text[end : end + 1] != "@"


def _likeness(shown: str, label: str) -> int:
    spellings = {squash(shown), squash(shown.translate(_UMLAUT)), squash(_LEGAL.sub("", shown))}
    spellings |= {
        squash(" ".join(w for w in shown.split() if w.lower() not in ("and", "und", "et", "y", "the", "of", "&")))
    }
    if label in spellings:
        return 100 - abs(len(shown) - len(label))
    if len(label) < 5:
        return 0
    first, *rest = shown.split()
    for spelling in spellings:
        longer = len(spelling) - len(label)
        if len(rest) == 1 and 0 < longer <= 14 and label in (squash(first), squash(first.translate(_UMLAUT))):
            return _LONGER
        if len(rest) == 1 and 0 < longer <= 8 and spelling.endswith(label):
            return 30
        if len(spelling) >= 5 and label.startswith(spelling):
            return 10 + len(spelling)
    return 0


def _pretty(domain: str) -> str:
    return " ".join(part.capitalize() for part in domain.split(".")[0].split("-"))


def _after_preposition(texts: Iterable[str], me: Me, unlike: str = "") -> str | None:
    label = squash(unlike.split(".")[0]) if unlike else ""
    for text in texts:
        for match in _AFTER.finditer(text[:3000]):
            name = match[1].strip(" .-")
            if _plausible(name, me) and not (label and _likeness(name, label)):
                return name
    return None


def _plausible(name: str, me: Me) -> bool:
    words = [plain_word(w) for w in name.split()]
    mine = {plain_word(w) for w in me.name.split()}
    return bool(words) and words[0] not in _NO_COMPANY and not mine & set(words) and len(name) > 2


def _beside_me(title: str, me: Me) -> str | None:
    """The other side of a title such as "Acme <> Alex" or "Interview - Acme"."""
    parts = [p.strip() for p in re.split(r"\s(?:<>|<->|x|//|::|\||/|[-–—:])\s|:\s|\(|\)", title[:300]) if p.strip()]
    for part in (*parts[1:], *parts[:1]):
        match = _PHRASE.match(part)
        hits = vocabulary("positive", "stage").hits(passage(part))
        if match and match[0] == part and _plausible(part, me) and not hits:
            return part
    first = _PHRASE.match(title)
    words = first[0].split() if first else []
    return (
        words[0]
        if words and _plausible(words[0], me) and not vocabulary("positive", "stage").hits(passage(words[0]))
        else None
    )


def is_agency(event: Event, reading: Reading, contact: Contact | None) -> bool:
    """Whether an agency arranges the interview for a client."""
    spoken = [*vocabulary("agency").hits(reading.body), *vocabulary("agency").hits(reading.title)]
    if spoken:
        return True
    names = " ".join(
        p.name for p in (*((event.organizer,) if event.organizer else ()), *((contact.person,) if contact else ()))
    )
    label = domain_of(contact.person.email).split(".")[0] if contact else ""
    marks = (*systems()["agency_marks"], "search", "personal", "interim")
    return any(mark in squash(label) for mark in marks) or bool(
        re.search(r"\b(?:Search|Staffing|Personnel|Headhunt\w*|Interim)\b", names)
    )


def job_of(event: Event, reading: Reading, title_hits: Iterable[Hit]) -> str | None:
    """The job's title as written: after a label, before "role", after "Stelle als", or in the event's title."""
    for pattern, text in (
        (_JOB_LABEL, reading.body.text),
        (_JOB_BEFORE, reading.body.text),
        (_JOB_AFTER, reading.body.text),
        (_JOB_LABEL, event.summary),
        (_JOB_AFTER, event.summary),
    ):
        match = pattern.search(text[:4000])
        if match:
            return " ".join(match[1].split()).strip(" .,:-–(")[:70] or None
    if not any(hit.kind == "positive.job" for hit in title_hits):
        return None
    for part in re.split(r"\s[-–—|/:]\s|:\s|\(|\)|,\s", event.summary[:300]):
        if any(hit.kind == "positive.job" for hit in vocabulary("positive").hits(passage(part))):
            return part.strip()[:70]
    return None
