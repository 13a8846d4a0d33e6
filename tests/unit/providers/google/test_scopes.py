"""Nothing is asked of Google that the configuration will not use, and any permission that suffices counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from builders import the_surroundings
from calwatch.providers.google.options import GoogleAccount
from calwatch.providers.google.scopes import Feature, features, granted, wanted
from fakes.clock import ManualClock
from fakes.google.discovery import documents

ROOT = "https://www.googleapis.com/auth/"


def an_account(**fields: Any) -> GoogleAccount:
    given = {"name": "g", "provider": "google", "email": "alex.rivera@example.com", "client_file": Path("c.json")}
    return GoogleAccount(**{**given, **fields})


def asked(account: GoogleAccount, **around: bool) -> set[str]:
    scopes = wanted(account, the_surroundings(ManualClock(), Path(), **around))
    assert all(scope.startswith(ROOT) for scope in scopes)
    return {scope.removeprefix(ROOT) for scope in scopes}


def test_everything_on_ones_own_calendar_needs_three_permissions() -> None:
    assert asked(an_account()) == {"calendar.events.owned", "gmail.readonly", "gmail.compose"}


def test_calendars_that_are_only_busy_time_need_one_more() -> None:
    assert "calendar.freebusy" in asked(an_account(busy_calendars=("team@x.example",)))


def test_a_calendar_of_others_needs_the_wider_permission() -> None:
    assert "calendar.events" in asked(an_account(calendars=("primary", "team@group.calendar.google.com")))


def test_ones_own_address_is_ones_own_calendar() -> None:
    assert "calendar.events.owned" in asked(an_account(calendars=("Alex.Rivera@example.com",)))


def test_an_account_that_is_only_busy_time_asks_for_busy_time_only() -> None:
    assert asked(an_account(use="busy", calendars=("primary", "team@x.example"))) == {"calendar.freebusy"}


@pytest.mark.parametrize(
    ("calendars", "scope"),
    [(("primary",), "calendar.events.owned.readonly"), (("a@b.example",), "calendar.events.readonly")],
)
def test_who_neither_answers_nor_holds_only_reads_the_calendar(calendars: tuple[str, ...], scope: str) -> None:
    found = asked(an_account(calendars=calendars), responds=False, holds=False)
    assert found == {scope, "gmail.readonly", "gmail.compose"}


@pytest.mark.parametrize(("responds", "holds"), [(True, False), (False, True)])
def test_answering_or_holding_alone_needs_to_write(responds: bool, holds: bool) -> None:
    assert "calendar.events.owned" in asked(an_account(), responds=responds, holds=holds)


@pytest.mark.parametrize("use", ["full", "busy"])
@pytest.mark.parametrize("calendars", [("primary",), ("primary", "team@x.example")])
@pytest.mark.parametrize("writes", [True, False])
def test_what_is_asked_for_allows_what_is_used(use: str, calendars: tuple[str, ...], writes: bool) -> None:
    account = an_account(use=use, calendars=calendars)
    around = the_surroundings(ManualClock(), Path(), responds=writes, holds=writes)
    assert set(features(account, around)) <= granted(account, wanted(account, around))


@pytest.mark.parametrize(
    ("scope", "feature"),
    [
        ("calendar", Feature.WRITE_EVENTS),
        ("calendar", Feature.FREE_BUSY),
        ("calendar.readonly", Feature.READ_EVENTS),
        ("calendar.events.freebusy", Feature.FREE_BUSY),
        ("gmail.modify", Feature.READ_MAIL),
        ("gmail.modify", Feature.WRITE_DRAFTS),
    ],
)
def test_a_wider_permission_from_elsewhere_counts(scope: str, feature: Feature) -> None:
    assert feature in granted(an_account(), [ROOT + scope])


def test_permission_for_ones_own_calendars_does_not_reach_those_of_others() -> None:
    shared = an_account(calendars=("primary", "team@x.example"))
    assert granted(shared, [ROOT + "calendar.events.owned"]) == frozenset()


def test_permissions_that_look_alike_do_not_count() -> None:
    for scope in ("calendar.events.freebusy", "calendar.app.created", "gmail.metadata", "gmail.send", "gmail.labels"):
        assert granted(an_account(), [ROOT + scope]) <= {Feature.FREE_BUSY}
    assert Feature.FREE_BUSY not in granted(an_account(), [ROOT + "calendar.events"])


NEEDED_BY = {
    Feature.READ_EVENTS: ("calendar.events.list", "calendar.events.get"),
    Feature.WRITE_EVENTS: ("calendar.events.patch", "calendar.events.insert", "calendar.events.delete"),
    Feature.FREE_BUSY: ("calendar.freebusy.query",),
    Feature.READ_MAIL: ("gmail.users.messages.list", "gmail.users.messages.get", "gmail.users.history.list"),
    Feature.WRITE_DRAFTS: ("gmail.users.drafts.create", "gmail.users.drafts.update", "gmail.users.drafts.send"),
}


@pytest.mark.parametrize("feature", list(Feature))
def test_google_takes_every_permission_that_counts_for_every_call_of_the_feature(feature: Feature) -> None:
    every = {ROOT + name for name in documents_scopes()} | {"https://mail.google.com/"}
    counting = [scope for scope in every if feature in granted(an_account(), [scope])]
    assert counting
    for method_id in NEEDED_BY[feature]:
        api = method_id.partition(".")[0]
        method = next(m for m in documents()[api].methods if m.id == method_id)
        assert set(counting) <= method.scopes, method_id


def documents_scopes() -> set[str]:
    found = {scope for document in documents().values() for method in document.methods for scope in method.scopes}
    return {scope.removeprefix(ROOT) for scope in found if scope.startswith(ROOT)}
