"""Which language an invitation is written in; little words decide, a trained classifier only when they cannot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from calwatch.detect.text import Passage
from calwatch.detect.vocabulary import Hit, stopwords

_ENOUGH = 2
_LONG_TEXT = 60


def little_words(*passages: Passage) -> Counter[str]:
    """How many function words of each language the passages contain."""
    counts: Counter[str] = Counter()
    languages_of = stopwords()
    for passage in passages:
        for word in passage.words:
            counts.update(languages_of.get(word.plain, ()))
    return counts


def leading(counts: Counter[str], *, by: int = 1) -> str | None:
    """The language that leads ``by`` so many words, or None when the text is too short or mixed."""
    ranked = counts.most_common(2)
    if not ranked or ranked[0][1] < _ENOUGH:
        return None
    return ranked[0][0] if len(ranked) == 1 or ranked[0][1] >= ranked[1][1] + by else None


def language_of(counts: Counter[str], hits: Sequence[Hit], text: str) -> str:
    """The language code: by little words, else by the vocabulary found, else (longer texts) py3langid, else English."""
    leader = leading(counts)
    if leader:
        return leader
    spoken = Counter(hit.language for hit in hits if hit.kind.startswith("positive."))
    for language, count in counts.items():
        spoken[language] += count
    ranked = spoken.most_common(2)
    if ranked and (len(ranked) == 1 or ranked[0][1] > ranked[1][1]):
        return ranked[0][0]
    if len(text) >= _LONG_TEXT:
        return _classified(text)
    return "en" if not ranked or any(name == "en" for name, _ in ranked) else ranked[0][0]


def _classified(text: str) -> str:
    from py3langid import langid  # 20 MB and half a second: only for the rare text nothing else decides

    code, _ = langid.classify(text[:2000])
    return str(code)
