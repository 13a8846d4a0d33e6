"""Whether two events are one appointment in the world: the link, the organizer, the title, or nothing but the time."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from calwatch.model.addresses import is_unreadable, same_organisation
from calwatch.model.event import Event, Status

_UID_SUFFIX = re.compile(r"_R\d{8}(?:T\d{6}Z?)?(?=@|$)", re.ASCII)
"""Google gives the later part of a split series ``<id>_R20260501T090000@google.com``."""

_LINK = re.compile(r"https?://[^\s<>\"'\\^`{|}\x00-\x1f\x7f]{4,2000}", re.IGNORECASE)
_JOIN_HOSTS = (
    "meet.google.com",
    "teams.microsoft.com",
    "teams.live.com",
    "whereby.com",
    "chime.aws",
    "gotomeeting.com",
    "gotomeet.me",
    "goto.com",
    "bluejeans.com",
    "around.co",
    "webex.com",
    "zoom.us",
    "zoom.com",
    "zoomgov.com",
    "jit.si",
    "gather.town",
    "livestorm.co",
    "hirevue.com",
    "coderpad.io",
    "meet.jit.si",
)
_JOIN_LABELS = frozenset({"meet", "meeting", "meetings", "video", "conf", "bbb", "jitsi", "webconf", "visio"})
_NOT_JOIN = re.compile(r"^/(?:tel|dial|dial-in|dialin|meetingOptions|pstn|help|support|download|u/)\b", re.IGNORECASE)
_TEXT_LIMIT = 20_000

# Words that say what sort of thing an entry is, not which one: equal ones prove nothing.
_GENERIC_TEXT = """
interview interviews vorstellungsgespräch vorstellungsgesprach bewerbungsgespräch gespräch gesprach entretien
entrevista colloquio sollicitatiegesprek gesprek kennenlernen meeting meet call video videocall videocallinterview
phone telefon telefonat anruf appel llamada chiamata chamada telefoongesprek zoom teams google webex onsite virtual
remote online technical technisches technique técnica tecnica tecnico technisch screen screening round runde first
second third final erste zweite dritte letzte with mit avec con com met and und et y e en the der die das le la les
el los il lo de da do dos das van for für pour para per voor at bei chez in im am zum zur of on a an un une una um
een your ihr ihre votre su seu tuo uw invitation einladung convite invito uitnodiging hiring manager recruiter team
chat conversation talk session part teil job role stelle poste updated aktualisiert fw fwd re wg aw appointment
termin event review sync prep min minutes hour
"""
_INTERVIEW_TEXT = """
interview interviews vorstellungsgespräch vorstellungsgesprach bewerbungsgespräch entretien entrevista colloquio
sollicitatiegesprek
"""
_UNTITLED_TEXT = """
busy|blocked|block|private|private appointment|private event|reserved|occupied|unavailable|not available|no title
untitled|untitled event|(no title)|no subject|(no subject)|personal|personal commitment|personal appointment|hold
beschäftigt|gebucht|belegt|privat|privater termin|blocker|nicht verfügbar|kein titel|(kein titel)|ohne titel
occupé|occupée|privé|rendez-vous privé|indisponible|sans titre|(sans titre)
ocupado|ocupada|privado|no disponible|sin título|(sin título)|reservado
indisponível|sem título|(sem título)|particular
occupato|privato|impegnato|non disponibile|senza titolo|(nessun titolo)
bezet|bezig|niet beschikbaar|geen titel|(geen titel)
"""
_GENERIC = frozenset(_GENERIC_TEXT.split())
_INTERVIEW_WORDS = frozenset(_INTERVIEW_TEXT.split())
_UNTITLED_TITLES = frozenset(title.strip() for title in _UNTITLED_TEXT.replace("\n", "|").split("|"))
_WORD = re.compile(r"[^\W_]+(?:[&'’][^\W_]+)*")


def normal_uid(uid: str) -> str:
    """The UID that the pieces of one split series share (Google's ``_R20260501T090000`` suffix is taken off)."""
    return _UID_SUFFIX.sub("", uid.strip())


def goes_on_from(uid: str) -> str | None:
    """The day (``"20260501"``) from which a piece of a split series goes on; ``None`` for any other UID."""
    found = _UID_SUFFIX.search(uid.strip())
    return found[0][2:10] if found else None


def join_link(event: Event) -> str | None:
    """The video-call address of an event as it is printed there, or ``None``; looks at URL, LOCATION, DESCRIPTION."""
    for text in (event.url, event.location, event.description):
        for match in _LINK.finditer(text[:_TEXT_LIMIT]):
            link = match[0].rstrip(".,;:!?)]}>*_")
            if _is_call(link):
                return link
    return None


@lru_cache(maxsize=4096)
def _is_call(link: str) -> bool:
    try:
        parts = urlsplit(link)
        host = (parts.hostname or "").lower()
    except ValueError:  # a broken IPv6 literal
        return False
    if len(parts.path) < 3 or _NOT_JOIN.match(parts.path):
        return False
    if any(host == known or host.endswith("." + known) for known in _JOIN_HOSTS):
        return True
    return host.count(".") >= 2 and host.split(".", 1)[0] in _JOIN_LABELS


def _same_call(a: Event, b: Event) -> bool | None:
    """Whether both lead into the same call; ``None`` when one of them names no call."""
    first, second = join_link(a), join_link(b)
    if first is None or second is None:
        return None
    return _call_key(first) == _call_key(second)


def _call_key(link: str) -> tuple[str, str]:
    """Host and path: queries carry passwords and tracking that differ between copies of one link."""
    parts = urlsplit(link)
    return (parts.hostname or "").lower(), unquote(parts.path).rstrip("/")


def has_title(event: Event) -> bool:
    """Whether the title says anything: a sync tool's "Busy" and its translations do not."""
    return not event.busy_only and _folded(event.summary).strip(" .:-[]") not in _UNTITLED_TITLES


def title_words(title: str) -> frozenset[str]:
    """The words of a title that tell which appointment it is, folded; words such as "interview" are left out."""
    return frozenset(word for word in _WORD.findall(_folded(title)) if word not in _GENERIC and len(word) > 1)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text[:500]).casefold().strip()


def are_twins(a: Event, b: Event) -> bool:
    """Whether two events are copies of one appointment: equal start and end, and something that ties them.

    That is the same UID, the same call, the same readable organizer with the same people, the same distinctive title
    words (the company), no title on one side, or one side known only as busy (if both take time, or neither does).
    Symmetric. Two invitations with different calls, or from two organisations, are never tied by their titles: that
    is a collision, not a copy.
    """
    if a.start != b.start or a.end != b.end or a.start == a.end:
        return False
    if normal_uid(a.uid) == normal_uid(b.uid):
        return True
    if (a.status is Status.CANCELLED) != (b.status is Status.CANCELLED):
        return False  # a new invitation for the very time of a cancelled one is its replacement
    if not has_title(a) or not has_title(b):
        return a.busy == b.busy  # taken time is no copy of something that leaves the time free
    call = _same_call(a, b)
    if call is not None:
        return call
    if _same_organizer(a, b):
        return True
    if _two_houses(a, b):
        return False
    return _same_title(a, b)


def _same_organizer(a: Event, b: Event) -> bool:
    if a.organizer is None or b.organizer is None or a.organizer.email != b.organizer.email:
        return False
    if is_unreadable(a.organizer.email):  # one applicant tracking system invites for many companies
        return False
    host = a.organizer.email
    guests_a = {attendee.person.email for attendee in a.attendees} - {host}
    guests_b = {attendee.person.email for attendee in b.attendees} - {host}
    # Without guests the organizer may be the user: two entries of one's own at one time are two things.
    return bool(guests_a & guests_b) or _same_title(a, b)


def _two_houses(a: Event, b: Event) -> bool:
    """Whether both are invitations that cannot be told to come from one organisation."""
    if a.organizer is None or b.organizer is None:
        return False
    first, second = a.organizer.email, b.organizer.email
    return is_unreadable(first) or is_unreadable(second) or not same_organisation(first, second)


def _same_title(a: Event, b: Event) -> bool:
    first, second = title_words(a.summary), title_words(b.summary)
    if first and second:
        return first <= second or second <= first
    all_a, all_b = _WORD.findall(_folded(a.summary)), _WORD.findall(_folded(b.summary))
    both_interviews = not _INTERVIEW_WORDS.isdisjoint(all_a) and not _INTERVIEW_WORDS.isdisjoint(all_b)
    return sorted(all_a) == sorted(all_b) or both_interviews
