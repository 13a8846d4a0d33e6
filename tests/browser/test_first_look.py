"""The first look: the list of what needs the person, and one letter, on a desktop and on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from browser.household import Album, Household, Visitor

SCREENS = [
    pytest.param({"phone": False, "dark": False, "language": "en"}, id="desktop-light-en"),
    pytest.param({"phone": True, "dark": True, "language": "en"}, id="phone-dark-en"),
    pytest.param({"phone": True, "dark": False, "language": "de"}, id="phone-light-de"),
    pytest.param({"phone": False, "dark": True, "language": "de"}, id="desktop-dark-de"),
]


@pytest.mark.parametrize("screen", SCREENS)
def test_the_list_names_every_letter_that_waits_and_leads_to_it(
    household: Household, open_page: Visitor, album: Album, request: pytest.FixtureRequest, screen: dict[str, object]
) -> None:
    page = open_page(**screen)  # type: ignore[arg-type]  # the three wishes above
    drafts = household.drafts()
    assert drafts
    for draft in drafts:
        link = page.locator(f"a[href$='/d/{draft['id']}']").first
        expect(link).to_be_visible()
    album.keep(page, f"list-{request.node.callspec.id}")
