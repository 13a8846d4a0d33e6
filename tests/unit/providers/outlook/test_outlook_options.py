"""What an Outlook account may be configured as: nothing that would be told to the wrong place."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from calwatch.providers.outlook.options import OutlookAccount

CLIENT = "11111111-2222-3333-4444-555555555555"


def an_account(**fields: Any) -> OutlookAccount:
    return OutlookAccount(**{"name": "o", "provider": "outlook", "client_id": CLIENT, **fields})


def refused(**fields: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        an_account(**fields)
    return caught.value.errors()[0]["msg"]


def test_a_client_id_is_all_that_must_be_said() -> None:
    account = an_account()
    assert (account.tenant, account.sign_in, account.calendars) == ("common", "device-code", ("primary",))
    assert account.authority == "https://login.microsoftonline.com"
    assert account.api_root == "https://graph.microsoft.com/v1.0"


@pytest.mark.parametrize("wrong", ["", "calwatch", CLIENT[:-1], f"{CLIENT}/x", "11111111222233334444555555555555"])
def test_a_client_id_that_is_none_is_told_what_one_looks_like(wrong: str) -> None:
    assert "Application (client) ID" in refused(client_id=wrong)


def test_ids_and_tenants_are_one_in_whatever_case_they_are_copied() -> None:
    assert an_account(client_id=f" {CLIENT.upper()} ", tenant="Contoso.Example").tenant == "contoso.example"


@pytest.mark.parametrize("tenant", ["common", "organizations", "consumers", CLIENT, "contoso.onmicrosoft.com"])
def test_tenants_are_named_in_five_ways(tenant: str) -> None:
    assert an_account(tenant=tenant).tenant == tenant


@pytest.mark.parametrize(
    "wrong", ["", "contoso", "common/x", "contoso.example/..", "a b.example", "x" * 300 + ".example"]
)
def test_what_is_no_tenant_never_gets_into_an_address(wrong: str) -> None:
    assert "is no tenant" in refused(tenant=wrong)


@pytest.mark.parametrize(
    "wrong", ["http://localhost:99", "https://login.microsoftonline.com/common", "ftp://x", "https://a@evil.example"]
)
def test_one_signs_in_by_https_at_a_host_alone(wrong: str) -> None:
    assert "https" in refused(authority=wrong)


def test_national_clouds_have_other_addresses() -> None:
    account = an_account(authority="https://login.microsoftonline.us/", api_root="https://graph.microsoft.us/v1.0/")
    assert (account.authority, account.api_root) == (
        "https://login.microsoftonline.us",
        "https://graph.microsoft.us/v1.0",
    )


def test_names_of_calendars_keep_their_case_and_come_once() -> None:
    assert an_account(calendars=("Work", " Work ", "work")).calendars == ("Work", "work")


def test_a_calendar_is_watched_or_busy_time_and_not_both() -> None:
    assert "leave it in one of them" in refused(calendars=("Work",), busy_calendars=("Work",))
