"""Switching times changes the printed lines and nothing else the person wrote."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calwatch.draft.brief import Brief
from calwatch.draft.compose import compose, relist
from calwatch.draft.etiquette import EtiquetteContext, blocked, check
from calwatch.model.draft import Letter
from letter_briefs import ALTERNATIVES, SLOTS, a_brief, a_span


def edited(brief: Brief, old: str, new: str) -> Letter:
    letter = compose(brief)
    assert old in letter.content.text
    return replace(letter, content=replace(letter.content, text=letter.content.text.replace(old, new)))


def unlisted(letter: Letter) -> list[str]:
    return [row for row in letter.content.text.split("\n") if not any(s in row for s in letter.slot_lines)]


def test_edits_stay_and_the_lines_change() -> None:
    brief = a_brief()
    letter = edited(brief, "Thank you for rearranging this.", "Thank you, dear Dana, for your help.")
    chosen = (SLOTS[0], *ALTERNATIVES)
    changed = relist(letter, chosen, brief)
    assert changed.slots == chosen
    assert changed.alternatives == SLOTS[1:]
    assert unlisted(changed) == unlisted(letter)
    assert not blocked(check(changed, EtiquetteContext()))


def test_an_untouched_letter_says_this_time_when_one_is_left() -> None:
    brief = a_brief()
    changed = relist(compose(brief), SLOTS[1:2], brief)
    assert "free at this time (" in changed.content.text
    assert changed.slot_lines == (compose(brief).slot_lines[1],)


def test_the_bullet_the_person_made_is_kept() -> None:
    brief = a_brief()
    letter = compose(brief)
    starred = replace(letter, content=replace(letter.content, text=letter.content.text.replace("– ", "  * ")))
    changed = relist(starred, ALTERNATIVES, brief)
    assert all(f"\n  * {line}\n" in changed.content.text for line in changed.slot_lines)


def test_lines_the_person_deleted_come_back_below_the_zone() -> None:
    brief = a_brief()
    letter = compose(brief)
    text = letter.content.text
    for line in letter.slot_lines:
        text = text.replace(f"– {line}\n", "")
    changed = relist(replace(letter, content=replace(letter.content, text=text)), SLOTS[:2], brief)
    assert not blocked(check(changed, EtiquetteContext()))
    assert changed.content.text.index(changed.zone_line) < changed.content.text.index(changed.slot_lines[0])


def test_a_letter_without_list_or_zone_gets_both_above_the_closing() -> None:
    brief = a_brief()
    letter = replace(compose(brief), content=replace(compose(brief).content, text="Hi Dana,\n\nsorry.\n\nBest,\nAlex"))
    changed = relist(letter, SLOTS[:1], brief)
    assert changed.content.text == (
        f"Hi Dana,\n\nsorry.\n\n({changed.zone_line})\n– {changed.slot_lines[0]}\n\nBest,\nAlex"
    )


def test_no_times_left_takes_their_introduction_away() -> None:
    brief = a_brief()
    letter = edited(brief, "Hi Dana,", "Hello Dana,")
    changed = relist(letter, (), brief)
    assert (changed.slots, changed.zone_line) == ((), "")
    assert "I have the full hour" not in changed.content.text
    assert "New York" not in changed.content.text
    assert "Hello Dana," in changed.content.text


def test_a_zone_that_changes_with_the_choice_changes_in_the_text() -> None:
    before, after = a_span("2026-10-23 08:00"), a_span("2026-10-26 09:00")
    brief = a_brief(slots=(before,), alternatives=(after,), recipient_zone=None)
    letter = edited(brief, "Hi Dana,", "Hello Dana,")
    changed = relist(letter, (after,), brief)
    assert "(Berlin, CET, UTC+1)" in changed.content.text
    assert "CEST, UTC+2" not in changed.content.text
    assert "– Mon 26 October, 10:00–11:00\n" in changed.content.text


def test_times_are_listed_in_their_order_whatever_the_order_of_choice() -> None:
    brief = a_brief()
    assert relist(compose(brief), (SLOTS[2], SLOTS[0]), brief).slots == (SLOTS[0], SLOTS[2])


def test_a_time_that_was_never_free_is_refused() -> None:
    brief = a_brief()
    with pytest.raises(ValueError, match="not one of the free times"):
        relist(compose(brief), (a_span("2026-06-01 09:00"),), brief)


def test_a_time_that_is_taken_now_does_not_come_back_as_an_alternative() -> None:
    brief = a_brief()
    changed = relist(compose(brief), (*SLOTS[:2], ALTERNATIVES[0]), brief, gone=SLOTS[2:])
    assert changed.alternatives == ALTERNATIVES[1:]
    assert len(changed.alternative_lines) == 1


def test_a_line_break_at_the_end_is_no_edit() -> None:
    brief = a_brief()
    letter = compose(brief)
    padded = replace(letter, content=replace(letter.content, text=letter.content.text + "\n"))
    assert "free at this time (" in relist(padded, SLOTS[:1], brief).content.text


def test_there_and_back_is_the_same_letter() -> None:
    brief = a_brief()
    letter = compose(brief)
    assert relist(relist(letter, ALTERNATIVES, brief), SLOTS, brief) == letter
