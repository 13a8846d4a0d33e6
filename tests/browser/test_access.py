"""For everybody: axe-core finds nothing serious, all can be done by keyboard, and nothing is wider than a phone."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from browser.household import Household, Visitor
from browser.test_first_look import SCREENS

GRAVE = ("serious", "critical")


def complaints(page: Page) -> list[str]:
    """What axe-core calls serious or worse on this page, with where."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {node['target']} {node.get('failureSummary', '')[:200]}"
        for one in found
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_nothing_serious_on_any_page(
    household: Household, open_page: Visitor, screen: dict[str, object]
) -> None:
    number = household.draft_of("conflict")
    page = open_page(**screen)  # type: ignore[arg-type]  # phone, dark, language
    base = page.url.rstrip("/")
    household.calwatch("dismiss", household.draft_of("declined"), "--because", "later")
    found: list[str] = []
    for path in ("/", f"/d/{number}", "/d/3", "/interviews", "/history", "/accounts"):
        page.goto(base + path)
        page.eval_on_selector_all("details", "all => all.forEach(e => { e.open = true })")
        found += [f"{path} {one}" for one in complaints(page)]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    page.goto(f"{base}/d/{number}")
    page.get_by_role("button", name=re.compile("^(Ask for a new time|Um einen neuen Termin bitten)$")).click()
    expect(page.get_by_role("timer")).to_be_visible()
    found += [f"approved {one}" for one in complaints(page)]
    assert found == []


def test_axe_finds_nothing_serious_at_the_closed_door(household: Household, open_page: Visitor) -> None:
    page = open_page.context().new_page()
    page.goto(f"{household.origin}/")
    assert complaints(page) == []
    open_page.troubles.clear()  # the browser names the 403


def test_everything_is_reached_and_decided_by_keyboard(household: Household, open_page: Visitor) -> None:
    page = open_page()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    reached: list[str] = []
    while "Acme" not in reached[-1:] and len(reached) < 20:
        reached.append(page.evaluate("document.activeElement.innerText"))
        if reached[-1] != "Acme":
            page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Acme", level=1)).to_be_visible()
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText") == "Ask for a new time":
            break
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    expect(page.get_by_role("timer")).to_be_visible()


def test_enter_in_a_field_saves_and_never_approves(household: Household, open_page: Visitor) -> None:
    number = household.draft_of("conflict")
    page = open_page(number)
    page.get_by_text("Somebody else").click()
    field = page.get_by_label("Mail address")
    field.fill("sam.ortega@acme.example")
    field.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Saved")
    assert household.show(number)["state"] == "waiting"


def test_the_picture_says_in_words_what_it_shows(household: Household, open_page: Visitor) -> None:
    page = open_page(household.draft_of("conflict"))
    expect(page.locator("svg[role=img]")).to_have_accessible_name(
        re.compile("The interview: .*15:30.* In the way: Dentist.* Offered: ")
    )
