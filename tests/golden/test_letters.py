"""Golden drafts: every letter as it would be sent, so that a changed word is seen and read before it is kept."""

from __future__ import annotations

import re

import pytest
from syrupy.assertion import SnapshotAssertion

from calwatch.draft import wording
from calwatch.draft.compose import compose, template_for
from calwatch.draft.etiquette import EtiquetteContext, check
from calwatch.draft.language import LANGUAGES
from calwatch.draft.reading import read
from letter_briefs import a_brief
from letter_cases import CASES

CONTEXT = EtiquetteContext(user_name="Alex Rivera", own_names=("Acme",))


@pytest.mark.parametrize("case", CASES)
def test_the_letter_reads_like_this(case: str, snapshot: SnapshotAssertion) -> None:
    letter = compose(a_brief(**CASES[case]))
    assert f"Subject: {letter.content.subject}\n\n{letter.content.text}" == snapshot


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", CASES)
def test_every_letter_is_brief_calm_and_courteous(case: str, language: str) -> None:
    letter = compose(a_brief(**CASES[case], language=language))
    assert 60 <= read(letter).words <= 110
    assert check(letter, CONTEXT) == ()
    assert "!" not in letter.content.text
    assert "  " not in letter.content.text
    assert "\n\n\n" not in letter.content.text
    assert not re.search(r"[{}\[\]]|None|\bcalwatch\b", letter.content.text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_template_of_every_language_is_in_a_golden_draft(language: str) -> None:
    used = {template_for(a_brief(**fields, language=language)) for fields in CASES.values()}
    parts = {"layout", "subject", "phone", "voicemail"}
    assert used | parts == {name for name in wording.names(language) if not name.startswith("_")}


def test_the_cards_for_the_telephone_read_like_this(snapshot: SnapshotAssertion) -> None:
    from builders import a_message

    mail = a_message("Best,\nDana Fox\n+1 212 736 5000")
    cards = {
        case: compose(a_brief(**CASES[case], phone_relation=True, messages=(mail,))).phone
        for case in ("conflict", "conflict, withdraw", "late")
    }
    assert all(cards.values())
    assert cards == snapshot
