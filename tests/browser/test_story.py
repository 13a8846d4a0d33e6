"""The whole story as a person lives it: a letter is ready, they change a time or a word, decide, and it leaves."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from browser.household import Album, Household, Visitor
from flow.program import eventually


def sent(home: Household) -> list[str]:
    """The letters that left, as they lie in the mailbox's Sent."""
    return [path.read_text("utf-8") for path in Path(home.folder, "Maildir", ".Sent").glob("*/*") if path.is_file()]


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def decide(page: Page, name: str) -> None:
    button(page, name).click()
    page.wait_for_load_state()


def word(page: Page) -> Locator:
    return page.get_by_role("status")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_time_is_changed_a_word_is_changed_and_the_letter_leaves_as_it_was_shown(
    household: Household, open_page: Visitor, scripts: bool
) -> None:
    page = open_page(scripts=scripts)
    before = len(sent(household))
    page.get_by_role("link", name="Acme").first.click()
    expect(page.get_by_role("heading", name="Acme", level=1)).to_be_visible()

    page.get_by_text("Other times that are free").click()
    ticks = page.get_by_role("checkbox")
    offered = [tick.get_attribute("value") for tick in ticks.all() if tick.is_checked()]
    free = next(tick for tick in ticks.all() if not tick.is_checked())
    wanted = free.get_attribute("value")
    free.check()
    page.locator(f"input[value='{offered[-1]}']").uncheck()
    text = page.get_by_label("Text")
    text.fill(text.input_value().replace("Best regards", "Kind regards"))
    decide(page, "Ask for a new time")
    expect(word(page)).to_contain_text("nothing was approved")
    assert household.draft_of("conflict")
    assert len(sent(household)) == before

    expect(page.locator(f"input[value='{wanted}']")).to_be_checked()
    expect(page.locator(f"input[value='{offered[-1]}']")).not_to_be_checked()
    shown = page.get_by_label("Text").input_value()
    assert "Kind regards" in shown
    decide(page, "Ask for a new time")
    expect(page.get_by_text("It leaves in")).to_be_visible()
    eventually(lambda: len(sent(household)) == before + 1, "the letter does not leave")
    (letter,) = [found for found in sent(household) if "Kind regards" in found]
    assert "dana.fox@acme.example" in letter
    page.reload()
    expect(page.get_by_text(re.compile("^Sent "))).to_be_visible()
    expect(page.get_by_text("still stands")).to_be_visible()


def test_an_approval_is_called_back_while_the_countdown_runs(household: Household, open_page: Visitor) -> None:
    page = open_page(household.draft_of("conflict"))
    decide(page, "Ask for a new time")
    decide(page, "Call it back")
    expect(word(page)).to_contain_text("Nothing was sent")
    expect(button(page, "Ask for a new time")).to_be_visible()
    assert not [letter for letter in sent(household) if "can no longer make" in letter]


def test_the_countdown_counts_and_then_tells_that_it_was_sent(household: Household, open_page: Visitor) -> None:
    page = open_page(household.draft_of("conflict"))
    decide(page, "Ask for a new time")
    expect(page.get_by_role("timer")).to_have_text(re.compile(r"^[1-4] s$"))
    expect(page.get_by_text(re.compile("^Sent "))).to_be_visible(timeout=20_000)  # by itself


def test_a_withdrawal_is_written_shown_and_only_then_approved(household: Household, open_page: Visitor) -> None:
    page = open_page(household.draft_of("declined"))
    decide(page, "Withdraw from this process instead…")
    expect(page.get_by_label("Text")).to_have_value(re.compile("withdraw my application"))
    expect(page.get_by_text("This ends your application")).to_be_visible()
    expect(button(page, "Ask for a new time instead…")).to_be_visible()
    decide(page, "Withdraw from this process")
    expect(page.get_by_text("It leaves in")).to_be_visible()


def test_keeping_the_interview_sends_nothing_and_can_be_taken_back(household: Household, open_page: Visitor) -> None:
    number = household.draft_of("conflict")
    page = open_page(number)
    decide(page, "Keep the interview")
    expect(word(page)).to_contain_text("Nothing was sent")
    expect(page.get_by_text("You keep the interview.")).to_be_visible()
    assert number not in [draft["id"] for draft in household.drafts()]
    decide(page, "Bring it back")
    expect(button(page, "Ask for a new time")).to_be_visible()
    assert household.draft_of("conflict") == number


def test_not_sending_keeps_what_was_meant(household: Household, open_page: Visitor) -> None:
    number = household.draft_of("cancelled")
    page = open_page(number)
    page.get_by_text("Not sending it").click()
    decide(page, "I told them myself")
    assert household.show(number)["outcome"] == "handled"


def test_somebody_else_is_named_and_vouched_for(household: Household, open_page: Visitor) -> None:
    page = open_page(household.draft_of("conflict"))
    page.get_by_text("Somebody else").click()
    page.get_by_label("Mail address").fill("sam.ortega@acme.example")
    decide(page, "Save changes")
    expect(page.get_by_text("Named by you")).to_be_visible()
    assert household.show(household.draft_of("conflict"))["to"] == ["sam.ortega@acme.example"]


def test_an_interview_that_cannot_be_kept_gets_a_letter_that_waits(household: Household, open_page: Visitor) -> None:
    page = open_page()
    page.get_by_role("link", name="Interviews", exact=True).click()
    umbra = page.get_by_role("article", name="Umbra")
    umbra.get_by_text("I can't make it").click()
    umbra.get_by_label("Because").select_option("sick")
    umbra.get_by_role("button", name="Write a request for another time").click()
    page.wait_for_load_state()
    expect(page.get_by_role("heading", name="Umbra", level=1)).to_be_visible()
    expect(word(page)).to_contain_text("nothing is sent before you approve it")


def test_what_is_no_interview_is_told_once(household: Household, open_page: Visitor) -> None:
    page = open_page()
    page.get_by_role("link", name="Interviews", exact=True).click()
    umbra = page.get_by_role("article", name="Umbra")
    umbra.get_by_text("How calwatch knows").click()
    umbra.get_by_role("button", name="Not an interview").click()
    page.wait_for_load_state()
    expect(page.get_by_role("article", name="Umbra")).to_have_count(0)


def test_history_and_accounts_tell_what_happened_and_where_the_page_is_open(
    household: Household, open_page: Visitor, album: Album
) -> None:
    other = open_page()
    page = open_page(household.draft_of("conflict"))
    page.get_by_text("Why calwatch thinks so").click()
    page.get_by_role("link", name="What happened so far").click()
    expect(page.get_by_role("listitem").first).to_be_visible()
    page.get_by_role("link", name="Accounts").click()
    expect(page.get_by_role("article", name=None).first).to_contain_text("personal")
    album.keep(page, "accounts")
    button(page, "Close").first.click()
    page.wait_for_load_state()
    expect(page.get_by_role("button", name="Close")).to_have_count(0)
    other.reload()
    expect(other.get_by_role("heading", name="This page is opened by calwatch")).to_be_visible()
    open_page.troubles.clear()  # the browser says that this was a 403


def test_a_link_from_a_message_tells_how_to_open_it(household: Household, open_page: Visitor) -> None:
    page = open_page.context().new_page()
    answer = page.goto(f"{household.origin}/d/2")
    assert answer is not None
    assert answer.status == 403
    expect(page.get_by_text("calwatch open 2")).to_be_visible()
    open_page.troubles.clear()


def test_it_speaks_german_to_a_german_browser(household: Household, open_page: Visitor, album: Album) -> None:
    page = open_page(household.draft_of("conflict"), phone=True, dark=True, language="de")
    expect(button(page, "Um einen neuen Termin bitten")).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "de"
    untranslated = page.locator("[lang=en]:not(textarea)").all_inner_texts()
    assert untranslated == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    album.keep(page, "draft-phone-dark-de")


def test_pictures_for_the_readme(household: Household, open_page: Visitor, album: Album) -> None:
    desktop = open_page(household.draft_of("conflict"))
    assert desktop.evaluate("document.documentElement.scrollWidth") <= 1200
    album.keep(desktop, "draft-desktop-light")
    phone = open_page(phone=True, dark=True)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    album.keep(phone, "list-phone-dark")
    phone.get_by_role("link", name="Acme").first.click()
    album.keep(phone, "draft-phone-dark", whole=False)
