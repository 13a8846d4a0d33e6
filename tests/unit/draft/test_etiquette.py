"""The etiquette check: provable wrongs block, manners remark, and our own letters pass clean."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from builders import DANA, at
from calwatch.draft.compose import compose
from calwatch.draft.etiquette import RULES, EtiquetteContext, blocked, check
from calwatch.model.case import Intent, Situation
from calwatch.model.draft import Letter, Level
from calwatch.model.event import Person
from letter_briefs import a_brief

NEUTRAL = EtiquetteContext(user_name="Alex Rivera")


def written(text: str | None = None, **content: Any) -> Letter:
    letter = compose(a_brief())
    given: dict[str, Any] = content if text is None else {"text": text, **content}
    return replace(letter, content=replace(letter.content, **given))


def with_words(words: str) -> Letter:
    return written(compose(a_brief()).content.text.replace("Could we find another time?", words))


def found(letter: Letter, context: EtiquetteContext = NEUTRAL) -> dict[str, Level]:
    return {finding.rule: finding.level for finding in check(letter, context)}


def test_our_own_letter_has_nothing_to_remark() -> None:
    assert check(compose(a_brief()), NEUTRAL) == ()


def test_every_rule_has_a_name_of_its_own_and_a_guideline() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(rule.guideline.endswith((".", "all.")) for rule in RULES)


def test_a_missing_or_altered_time_blocks() -> None:
    letter = compose(a_brief())
    line = letter.slot_lines[0]
    for other in ("", line.replace("9:00", "9:30")):
        changed = written(letter.content.text.replace(line, other))
        assert found(changed) == {"time-missing": Level.BLOCK}
        assert blocked(check(changed, NEUTRAL))


def test_the_line_of_an_unselected_time_blocks() -> None:
    letter = compose(a_brief())
    changed = written(
        letter.content.text.replace(letter.slot_lines[0], f"{letter.slot_lines[0]}\n– {letter.alternative_lines[0]}")
    )
    assert found(changed) == {"time-unselected": Level.BLOCK}


def test_a_list_without_its_zone_blocks_but_the_offset_alone_is_enough() -> None:
    letter = compose(a_brief())
    assert found(written(letter.content.text.replace(f" ({letter.zone_line})", ""))) == {"zone-missing": Level.BLOCK}
    assert found(written(letter.content.text.replace(letter.zone_line, "EDT, which is UTC-4"))) == {}
    assert found(written(letter.content.text.replace(letter.zone_line, "UTC-40"))) == {"zone-missing": Level.BLOCK}


def test_white_space_and_dashes_a_mail_program_changed_do_not_matter() -> None:
    letter = compose(a_brief())
    changed = written(letter.content.text.replace("–", "-").replace(" am", "\u202fam").replace("'", "’"))
    assert found(changed) == {}


def test_no_recipient_blocks() -> None:
    assert found(written(to=())) == {"no-recipient": Level.BLOCK}


@pytest.mark.parametrize("field", ["to", "cc", "bcc"])
def test_a_recipient_without_evidence_blocks_until_the_person_names_them(field: str) -> None:
    eve = Person("eve@elsewhere.example")
    named: dict[str, Any] = {field: (DANA, eve) if field == "to" else (eve,)}
    letter = written(**named)
    assert found(letter) == {"recipient-unproven": Level.BLOCK}
    assert found(replace(letter, recipient=replace(letter.recipient, named_by_user=True))) == {}


def test_an_address_that_is_none_blocks_even_when_named() -> None:
    letter = written(to=(Person("dana@acme.example\r\nBcc: x@evil.example"),))
    assert found(replace(letter, recipient=replace(letter.recipient, named_by_user=True))) == {
        "no-recipient": Level.BLOCK
    }


@pytest.mark.parametrize(
    "words",
    [
        "I also speak with Globex.",
        "I met Priya Shah.",
        "Globex wants me more.",
        "(see GLOBEX INC)",
        "I met priya shah.",
    ],
)
def test_another_interviews_company_or_person_blocks(words: str) -> None:
    context = EtiquetteContext(user_name="Alex Rivera", other_names=("Globex", "Priya Shah", "Globex Inc"))
    assert found(with_words(words), context) == {"other-interview": Level.BLOCK}


def test_words_beside_a_printed_time_are_read_too() -> None:
    letter = compose(a_brief())
    changed = written(
        letter.content.text.replace(letter.slot_lines[0], f"{letter.slot_lines[0]} (Globex has the rest)")
    )
    assert found(changed, EtiquetteContext(other_names=("Globex",))) == {"other-interview": Level.BLOCK}


def test_the_subject_is_read_too() -> None:
    context = EtiquetteContext(other_names=("Globex",))
    assert found(written(subject="Globex instead"), context)["other-interview"] is Level.BLOCK


@pytest.mark.parametrize(
    ("names", "words", "thread"),
    [
        (("Globex",), "As for Globex, I know.", "Do you also talk to Globex?"),
        (("Indeed",), "I would indeed be glad.", ""),
        (("Monday", "May"), "Would Monday in May suit you?", ""),
        (("Globex",), "I like Globexology.", ""),
        (("Acme",), "I like Acme.", ""),
        (("Dana",), "Dear Dana, I mean it.", ""),
    ],
)
def test_what_proves_nothing_does_not_block(names: tuple[str, ...], words: str, thread: str) -> None:
    context = EtiquetteContext(user_name="Alex Rivera", other_names=names, own_names=("Acme",), thread_text=thread)
    assert found(with_words(words), context) == {}


def test_a_company_named_like_a_word_at_the_start_of_a_sentence_is_a_remark() -> None:
    context = EtiquetteContext(user_name="Alex Rivera", other_names=("Indeed",))
    assert found(with_words("Indeed, I would be glad."), context) == {"other-interview": Level.WARN}


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ("Great!", "no-exclamation"),
        ("I am so sorry, and I apologise.", "one-apology"),
        ("Thanks a lot.", "one-thanks"),
        ("Please answer ASAP.", "no-pressure"),
        ("You must decide.", "no-pressure"),
        ("Could we talk tomorrow?", "absolute-dates"),
        ("Could we talk next week?", "absolute-dates"),
        ("It was unavoidable.", "reason"),
        ("I have a family emergency.", "reason"),
        ("It is for personal reasons.", "reason"),
        ("I have another interview then.", "no-leverage"),
        ("As discussed, I cannot come.", "no-claims"),
        ("You should have told me.", "no-blame"),
        ("Regards to [name] as well.", "no-placeholder"),
        ("Pick at https://pick.example please.", "no-links"),
        ("PLEASE ANSWER quickly, PLEASE.", "no-shouting"),
        ("word " * 90, "brevity"),
    ],
)
def test_manners_remark_and_never_block(words: str, rule: str) -> None:
    letter = with_words(words)
    assert found(letter) == {rule: Level.WARN}
    assert not blocked(check(letter, NEUTRAL))


def test_a_curt_letter_is_remarked_on() -> None:
    letter = compose(a_brief(slots=(), times_unknown=True))
    curt = replace(letter, content=replace(letter.content, text="Hi Dana,\n\nsorry, I can't. Thanks.\n\nAlex"))
    assert found(curt) == {"brevity": Level.WARN}


def test_an_apology_for_what_they_changed_is_remarked_on() -> None:
    letter = compose(a_brief(situation=Situation.CANCELLED, intent=Intent.ACKNOWLEDGE))
    text = letter.content.text.replace("No problem at all", "I'm sorry about that")
    assert found(replace(letter, content=replace(letter.content, text=text))) == {"one-apology": Level.WARN}


def test_a_clashing_events_title_is_private() -> None:
    context = EtiquetteContext(user_name="Alex Rivera", sensitive=("Dentist Dr. Wu",))
    assert found(with_words("I have to see dentist dr. wu then."), context) == {"private": Level.WARN}


def test_leaving_the_threads_subject_is_remarked_on() -> None:
    assert found(written(subject="New times")) == {"same-thread": Level.WARN}
    assert found(written(subject="RE: AW: Interview at Acme")) == {}


def test_a_letter_without_greeting_or_name_is_remarked_on() -> None:
    text = compose(a_brief()).content.text
    assert found(written(text.replace("Hi Dana,\n\n", ""))) == {"greeting": Level.WARN}
    assert found(written(text.replace("Alex Rivera\n", ""))) == {"signed": Level.WARN}


def test_a_withdrawal_without_regret_is_remarked_on() -> None:
    letter = compose(a_brief(intent=Intent.WITHDRAW))
    text = letter.content.text.replace("I'm sorry for the extra work, and ", "")
    assert found(replace(letter, content=replace(letter.content, text=text))) == {"regret": Level.WARN}


def test_with_little_time_left_it_reminds_of_the_telephone() -> None:
    from builders import a_message

    now = at("2026-05-04 20:00")
    mail = a_message("Best,\nDana\n+1 212 736 5000")
    letter = compose(a_brief(now=now, respond_by=at("2026-05-04 13:00"), messages=(mail,)))
    context = EtiquetteContext(user_name="Alex Rivera", now=now, respond_by=at("2026-05-04 13:00"))
    assert found(letter, context) == {"call-first": Level.WARN}


def test_findings_that_block_come_first() -> None:
    letter = with_words("Great!")
    levels = [f.level for f in check(replace(letter, content=replace(letter.content, to=())), NEUTRAL)]
    assert levels == [Level.BLOCK, Level.WARN]
