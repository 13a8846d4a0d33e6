"""The first look: the list of what needs the person, and one letter, on a desktop and on a phone."""

from __future__ import annotations

from typing import TypedDict

import pytest
from playwright.sync_api import Page, expect

from browser.household import Album, Household, Visitor


class Screen(TypedDict):
    phone: bool
    dark: bool
    language: str


SCREENS: list[Screen] = [
    {"phone": False, "dark": False, "language": "en"},
    {"phone": True, "dark": True, "language": "en"},
    {"phone": True, "dark": False, "language": "de"},
    {"phone": False, "dark": True, "language": "de"},
]


def name_of(screen: Screen) -> str:
    words = ("phone" if screen["phone"] else "desktop", "dark" if screen["dark"] else "light", screen["language"])
    return "-".join(words)


@pytest.mark.parametrize("screen", SCREENS, ids=name_of)
def test_the_list_leads_to_every_letter_and_a_letter_is_shown_whole(
    household: Household, open_page: Visitor, album: Album, screen: Screen
) -> None:
    page = open_page(**screen)
    drafts = household.drafts()
    assert drafts
    for draft in drafts:
        expect(page.locator(f"a[href$='/d/{draft['id']}']").first).to_be_visible()
    fits(page)
    album.keep(page, f"list-{name_of(screen)}")

    (clash,) = [draft for draft in drafts if draft["situation"] == "conflict"]
    page.locator(f"a[href$='/d/{clash['id']}']").first.click()
    expect(page.locator("html")).to_have_attribute("lang", screen["language"])
    expect(page.get_by_role("heading", level=1)).to_have_text(clash["interview"]["company"])
    expect(page.get_by_role("textbox").and_(page.locator("textarea"))).to_have_value(clash["body"])
    expect(page.locator("form dd").first).to_contain_text(clash["to"][0])
    expect(page.get_by_role("img").first).to_be_visible()
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(len(clash["slots"]))
    fits(page)
    album.keep(page, f"draft-{name_of(screen)}")


def fits(page: Page) -> None:
    """Nothing is wider than the screen."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
