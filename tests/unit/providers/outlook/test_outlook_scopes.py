"""Nothing is asked of Microsoft that the configuration will not use, and any permission that suffices counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from builders import the_surroundings
from calwatch.providers.outlook.options import OutlookAccount
from calwatch.providers.outlook.scopes import Feature, features, granted, wanted
from fakes.clock import ManualClock

CLIENT = "11111111-2222-3333-4444-555555555555"


def an_account(**fields: Any) -> OutlookAccount:
    return OutlookAccount(**{"name": "o", "provider": "outlook", "client_id": CLIENT, **fields})


def asked(account: OutlookAccount, **around: bool) -> set[str]:
    return set(wanted(account, the_surroundings(ManualClock(), Path(), **around)))


def test_everything_needs_four_permissions() -> None:
    assert asked(an_account()) == {"User.Read", "Calendars.ReadWrite", "Mail.ReadWrite", "Mail.Send"}


def test_who_only_drafts_does_not_ask_to_send() -> None:
    assert "Mail.Send" not in asked(an_account(), sends=False)


def test_the_calendar_is_written_to_only_for_answers_or_holds() -> None:
    assert asked(an_account(), responds=False, holds=False) >= {"Calendars.Read"}
    assert "Calendars.ReadWrite" not in asked(an_account(), responds=False, holds=False)
    assert "Calendars.ReadWrite" in asked(an_account(), responds=False)
    assert "Calendars.ReadWrite" in asked(an_account(), holds=False)


def test_busy_time_needs_the_least_there_is() -> None:
    assert asked(an_account(use="busy")) == {"User.Read", "Calendars.ReadBasic"}


@pytest.mark.parametrize("use", ["full", "busy"])
@pytest.mark.parametrize("around", [{}, {"sends": False, "responds": False, "holds": False}])
def test_what_is_asked_for_permits_what_is_used_and_nothing_msal_adds(use: str, around: dict[str, bool]) -> None:
    account, surroundings = an_account(use=use), the_surroundings(ManualClock(), Path(), **around)
    assert granted(wanted(account, surroundings)) >= set(features(account, surroundings))
    assert not asked(account, **around) & {"offline_access", "openid", "profile"}


def test_a_wider_permission_counts_and_a_narrower_one_does_not() -> None:
    assert granted(["Calendars.ReadWrite"]) == {Feature.READ_EVENTS, Feature.WRITE_EVENTS, Feature.FREE_BUSY}
    assert granted(["Calendars.Read"]) == {Feature.READ_EVENTS, Feature.FREE_BUSY}
    assert granted(["Calendars.ReadBasic", "openid"]) == {Feature.FREE_BUSY}
    assert granted(["Mail.ReadWrite"]) == {Feature.READ_MAIL, Feature.WRITE_DRAFTS}


def test_permissions_are_understood_however_they_are_written() -> None:
    assert granted(["https://graph.microsoft.com/MAIL.SEND"]) == {Feature.SEND_MAIL}
    assert Feature.READ_EVENTS in granted(["calendars.read.shared"])


def test_a_national_cloud_is_asked_with_the_address_of_its_graph() -> None:
    account = an_account(use="busy", api_root="https://graph.microsoft.us/v1.0")
    assert asked(account) == {"https://graph.microsoft.us/User.Read", "https://graph.microsoft.us/Calendars.ReadBasic"}
