"""The etiquette check: runs on a letter's final own text, after the person's edits; blocks only what code can prove."""

from __future__ import annotations

from collections.abc import Iterable

from calwatch.draft.manners import MANNERS
from calwatch.draft.proofs import PROOFS
from calwatch.draft.reading import Doubtful, EtiquetteContext, Rule, read
from calwatch.model.draft import Finding, Letter, Level

__all__ = ["RULES", "EtiquetteContext", "Rule", "blocked", "check"]

RULES: tuple[Rule, ...] = (*PROOFS, *MANNERS)
"""Every rule, the blocking ones first; to add one, write its function and one line in its table."""


def check(letter: Letter, context: EtiquetteContext) -> tuple[Finding, ...]:
    """What is to be said about a letter, blocking findings first; the letter's own ``etiquette`` is not read."""
    reading = read(letter)
    findings = [
        Finding(rule.name, Level.WARN if isinstance(text, Doubtful) else rule.level, text, rule.guideline)
        for rule in RULES
        for text in rule.breaches(reading, context)
    ]
    return tuple(sorted(findings, key=lambda finding: finding.level is not Level.BLOCK))


def blocked(findings: Iterable[Finding]) -> bool:
    """Whether any finding forbids approval."""
    return any(finding.level is Level.BLOCK for finding in findings)
