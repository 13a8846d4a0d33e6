"""On which side of an application the user is: who is named as the candidate, whose interview a title speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterator

from calwatch.detect.evidence import Clue, Origin
from calwatch.detect.text import Reading, plain_word
from calwatch.model.booking import Role
from calwatch.model.me import Me

_CANDIDATE_LINE = re.compile(
    r"^\W{0,5}(?:candidate(?: name)?|applicant|interviewee|kandidat(?:in)?|bewerber(?:in)?|name des bewerbers|"
    r"candidat[eoa]?|kandidaat|sollicitant|nom du candidat|nome do candidato|nombre del candidato|"
    r"nome del candidato|postulante)"
    r"\s{0,3}[:=–-]\s{0,3}(\S[^\n,;(|]{1,60})",
    re.IGNORECASE | re.MULTILINE,
)
_INTERVIEWER_LINE = re.compile(
    r"^\W{0,5}(?:interviewers?|interviewed by|panel(?:l?ists?)?|hiring manager|interviewerin|interviewende|"
    r"gesprächspartner(?:in)?|intervieweur|recruteur|entrevistador(?:a|es)?|intervistatore|gesprekspartner)"
    r"\s{0,3}[:=–-]\s{0,3}(\S[^\n]{1,200})",
    re.IGNORECASE | re.MULTILINE,
)
_OTHERS_TITLE = re.compile(
    r"(?:^|\W)(?:([A-Z][\w-]{1,30})(?:['’]s|s['’])|(?:[Mm]y|[Hh]is|[Hh]er|[Tt]heir) [a-z]{3,14}['’]s|"
    r"(?:[Hh]is|[Hh]er|[Tt]heir)) "
    r"(?:[a-z]{2,12} ){0,2}(?i:interview|screening call|phone screen)"
    r"|(?:^|\W)([A-Z][\w-]{1,30}) (?:has|hat|a|ha|tiene|tem|heeft) (?:an? |her |his |ein |un |uma |una |een )?"
    r"(?:[^\W\d_]{1,20} )?"
    r"(?i:interview|vorstellungsgespräch|bewerbungsgespräch|entretien|entrevista|colloquio|sollicitatiegesprek)"
)


def side_clues(reading: Reading, me: Me, origin: Origin) -> Iterator[Clue]:
    """Clues from lines that name the candidate or the interviewers, and titles about somebody else's interview."""
    text = f"{reading.title.text}\n{reading.body.text}"
    named = _CANDIDATE_LINE.search(text)
    if named:
        if is_me(named[1], me):
            yield Clue("side.candidate", 3.2, "it names you as the candidate")
        elif looks_like_name(named[1]):
            yield Clue(
                "negative.interviewer", -4.5, f"it names somebody else as the candidate ({named[1].strip()[:40]})"
            )
    panel = _INTERVIEWER_LINE.search(text)
    if panel and is_me(panel[1], me):
        yield Clue("negative.interviewer", -5.0, "it names you among the interviewers")
    elif panel and origin is not Origin.INSIDE:
        yield Clue("positive.process", 2.3, "it names the interviewers")
    if origin in (Origin.OWN, Origin.MINE, Origin.SENT, Origin.PRIVATE):
        whose = _OTHERS_TITLE.search(reading.title.text)
        if whose and not is_me(whose[1] or whose[2] or "", me):
            yield Clue("other", -3.5, "the title speaks of somebody else's interview")


def is_me(text: str, me: Me) -> bool:
    """Whether a name in running text is the user's: the first name, and the last one too when both are there."""
    words = [plain_word(w) for w in re.findall(r"[^\W\d_]+", text[:200])]
    mine = [plain_word(w) for w in me.name.split()]
    if not mine or not words or mine[0] not in words:
        return False
    after = words[words.index(mine[0]) + 1 : words.index(mine[0]) + 3]
    return len(words) == 1 or len(mine) == 1 or mine[-1] in after


def looks_like_name(text: str) -> bool:
    """Whether text starts like a person's name: two capitalised words."""
    words = text.split()[:2]
    return len(words) == 2 and all(w[:1].isupper() and w[1:2].islower() for w in words)


def role_of(clues: list[Clue], *, is_interview: bool, origin: Origin) -> Role:
    """``CANDIDATE`` for interviews; ``INTERVIEWER`` when words of hiring are on the user's own side; else ``NONE``."""
    if is_interview:
        return Role.CANDIDATE
    kinds = {clue.kind: clue.weight for clue in clues}
    unfit = (
        "prep",
        "internal",
        "research",
        "media",
        "reference",
        "hired",
        "medical",
        "school",
        "official",
        "travel",
        "spam",
    )
    other = min((kinds.get(f"negative.{kind}", 0.0) for kind in unfit), default=0.0)
    hiring = kinds.get("negative.interviewer", 0.0)
    if hiring <= -3.5 and other > hiring - 0.5 and other > -4.4:
        return Role.INTERVIEWER
    words = any(kinds.get(kind, 0.0) >= 2.0 for kind in ("positive.interview", "positive.process"))
    if origin is Origin.INSIDE and words and other > -1.0:
        return Role.INTERVIEWER
    return Role.NONE
