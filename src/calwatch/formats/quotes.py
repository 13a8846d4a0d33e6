"""The own text of a mail above what it quotes; what a person said, not what they answered."""

from __future__ import annotations

_ATTRIBUTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("on ", (" wrote:", " writes:")),
    ("am ", (" schrieb:", "schrieb")),
    ("le ", (" a écrit :", " a écrit:")),
    ("el ", (" escribió:", " escribio:")),
    ("em ", (" escreveu:",)),
    ("a ", (" escreveu:",)),
    ("il ", (" ha scritto:", " scrive:")),
    ("op ", (" schreef:", "schreef")),
)
_ORIGINAL = (
    "original message", "ursprüngliche nachricht", "originalnachricht", "message d'origine", "message d’origine",
    "message original", "mensaje original", "mensagem original", "messaggio originale", "oorspronkelijk bericht",
    "forwarded message", "weitergeleitete nachricht",
)  # fmt: skip
_FROM = ("from:", "von:", "de:", "de :", "da:", "van:")
_SENT = ("sent:", "date:", "gesendet:", "datum:", "envoyé:", "envoyé :", "date :", "enviado:", "enviado el:", "fecha:",
         "enviada em:", "enviado em:", "data:", "inviato:", "verzonden:")  # fmt: skip
_SUBJECT = ("subject:", "betreff:", "objet:", "objet :", "asunto:", "assunto:", "oggetto:", "onderwerp:")
_MOST_LINES = 20_000


def own_text(text: str) -> str:
    """``text`` without what it quotes: ``>`` lines and their "On … wrote:", and everything below an Outlook separator.

    Knows the seven languages of the product. A mail that consists of nothing but quotes comes back whole: better too
    much than nothing. Signatures stay; they carry phone numbers and cities.
    """
    lines = text.splitlines()[:_MOST_LINES]
    kept: list[str] = []
    number = 0
    while number < len(lines):
        line = lines[number].strip()[:500]
        if _is_separator(lines, number, line):
            break
        length = _attribution(lines, number, line)
        if length:
            following = next((x.strip() for x in lines[number + length :] if x.strip()), "")
            if not following.startswith(">"):
                break  # a quote that is not marked line by line reaches to the end
            number += length
            continue
        if not line.startswith(">"):
            kept.append(lines[number].rstrip())
        number += 1
    own = "\n".join(kept).strip("\n")
    return own if own.strip() else "\n".join(x.rstrip() for x in lines).strip("\n")


def _attribution(lines: list[str], number: int, line: str) -> int:
    """How many lines, from ``number`` on, are one "On … wrote:"; 0 when it is none."""
    low = line.lower()
    ends = [ends for start, ends in _ATTRIBUTIONS if low.startswith(start)]
    if not ends or not any(c.isdigit() for c in " ".join(lines[number : number + 3])[:1500]):
        return 0
    for length in (1, 2, 3):
        joined = " ".join(x.strip() for x in lines[number : number + length])[:1500].lower()
        if not joined.endswith(":"):
            continue
        if any(joined.endswith(e) or (not e.endswith(":") and e in joined) for group in ends for e in group):
            return length
    return 0


def _is_separator(lines: list[str], number: int, line: str) -> bool:
    low = line.lower()
    if low.startswith("--") and any(words in low for words in _ORIGINAL):
        return True
    following = [x.strip()[:200].lower().lstrip("*") for x in lines[number + 1 : number + 8] if x.strip()]
    if len(line) >= 20 and set(line) == {"_"}:
        return any(x.startswith(_FROM) for x in following[:2])
    if low.lstrip("*").startswith(_FROM):
        return any(x.startswith(_SENT) for x in following) and any(x.startswith(_SUBJECT) for x in following)
    return False
