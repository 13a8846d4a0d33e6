"""Why the user cannot come, in their own words or calwatch's, or not at all; never taken from an event."""

from __future__ import annotations

from calwatch.draft.foreign import one_line
from calwatch.draft.language import words
from calwatch.draft.options import RepliesOptions
from calwatch.model.case import Occasion, Situation

_COMMITMENT = frozenset({Situation.CONFLICT, Situation.MOVED})
"""Situations that show by themselves that something else takes the time; only there calwatch may say so."""


def phrases(occasion: Occasion, options: RepliesOptions, *, language: str, first_language: str) -> tuple[str, ...]:
    """The clauses one may choose from: the user's own for ``busy`` in their first language, else calwatch's."""
    if occasion is Occasion.BUSY and options.reason and language == first_language:
        own = (one_line(phrase, 200).rstrip(".!;, ") for phrase in options.reason)
        return tuple(phrase for phrase in own if phrase)
    return tuple(words(language).reasons.get(occasion.value, ()))


def choose(
    situation: Situation, occasion: Occasion, options: RepliesOptions, *, language: str, first_language: str
) -> str | None:
    """The clause to print after the colon, or ``None`` when there is nothing true and useful to say.

    An occasion the user named speaks for itself. Without one, only a situation that shows another commitment has a
    reason; why somebody declined, dropped or cancelled is not ours to guess.
    """
    if occasion is Occasion.BUSY and situation not in _COMMITMENT:
        return None
    known = phrases(occasion, options, language=language, first_language=first_language)
    return known[0] if known else None
