"""What tests in a real browser start from: Debian's Chromium, the demo world, the service on it, and a visitor."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from browser.household import Album, Household, Visitor
from flow.program import Service

CHROMIUM = os.environ.get("CALWATCH_CHROMIUM", "/usr/bin/chromium")
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",  # containers often have little of it
    "--disable-sync",
    "--no-first-run",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pictures", metavar="FOLDER", help="keep pictures of the page in FOLDER")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests; every visitor gets a profile of its own in it."""
    with sync_playwright() as playwright:
        # Without Chromium's own sandbox, as by Playwright's default: it cannot start as root, nor in most containers.
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET, chromium_sandbox=False)
        yield chromium
        chromium.close()


@pytest.fixture
def household(tmp_path: Path) -> Household:
    """A fresh demo world with its letters ready; the service is not running yet."""
    return Household(tmp_path / "home")


@pytest.fixture
def service(household: Household) -> Iterator[Service]:
    """The real service on that world."""
    with household.service() as running:
        yield running


@pytest.fixture
def open_page(household: Household, service: Service, browser: Browser) -> Iterator[Visitor]:
    """Opens the page, or one draft on it, as a person does; nothing the browser complains of goes unheard."""
    visitor = Visitor(household, browser)
    yield visitor
    visitor.leave()
    assert visitor.troubles == []


@pytest.fixture(scope="session")
def album(request: pytest.FixtureRequest) -> Album:
    folder = request.config.getoption("--pictures")
    if folder is None:
        return Album(None)
    Path(folder).mkdir(parents=True, exist_ok=True)
    return Album(Path(folder))
