"""What is done about a refusal depends on its words alone; what the person is told, on its number as well."""

from __future__ import annotations

from typing import Any

import pytest

from calwatch.providers.outlook.sign_in.refusals import Kind, refusal
from unit.providers.outlook.microsoft_answers import AUTHORITY, CLIENT, an_account


def told(
    error: str, number: int = 0, *, said: str = "No.", account: dict[str, Any] | None = None, **fields: Any
) -> str:
    described = f"AADSTS{number}: {said} Trace ID: 1a2b Correlation ID: 3c4d Timestamp: 2026-05-01 10:00:00Z"
    answer = {"error": error, "error_description": described, "error_codes": [number], **fields}
    found = refusal(an_account(**(account or {})), answer)
    return found.sentence("It failed", "calwatch auth o")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("invalid_grant", Kind.SIGN_IN),
        ("interaction_required", Kind.SIGN_IN),
        ("login_required", Kind.SIGN_IN),
        ("consent_required", Kind.SIGN_IN),
        ("access_denied", Kind.SIGN_IN),
        ("authorization_declined", Kind.SIGN_IN),
        ("expired_token", Kind.SIGN_IN),
        ("bad_verification_code", Kind.SIGN_IN),
        ("invalid_client", Kind.CONFIGURATION),
        ("unauthorized_client", Kind.CONFIGURATION),
        ("invalid_scope", Kind.CONFIGURATION),
        ("invalid_request", Kind.CONFIGURATION),
        ("something_new", Kind.UNKNOWN),
    ],
)
@pytest.mark.parametrize("number", [0, 12345678, 700082])
def test_the_word_decides_whatever_the_number_is(error: str, kind: Kind, number: int) -> None:
    assert refusal(an_account(), {"error": error, "error_codes": [number]}).kind is kind


@pytest.mark.parametrize("number", [65001, 90094])
def test_an_administrator_who_must_agree_is_told_with_the_address(number: int) -> None:
    said = told("invalid_grant", number, suberror="consent_required")
    assert f"{AUTHORITY}/example.com/adminconsent?client_id={CLIENT}" in said
    assert said.endswith("run: calwatch auth o")


def test_consent_is_known_by_its_suberror_alone() -> None:
    answer = {"error": "invalid_grant", "error_description": "No.", "suberror": "consent_required"}
    assert "adminconsent" in refusal(an_account(), answer).advice


def test_a_named_tenant_is_the_one_whose_administrator_agrees() -> None:
    assert f"{AUTHORITY}/contoso.example/admin" in told("consent_required", account={"tenant": "contoso.example"})


@pytest.mark.parametrize(
    "fields", [{"tenant": "consumers"}, {"email": "alex@outlook.com"}, {"email": "a@hotmail.co.uk"}]
)
def test_a_personal_account_has_no_administrator(fields: dict[str, str]) -> None:
    assert "dministrator" not in told("invalid_grant", 65001, account=fields)


def test_a_code_forbidden_by_the_organization_suggests_the_browser() -> None:
    assert 'sign_in = "browser"' in told("interaction_required", 53003)
    assert "administrator" in told("interaction_required", 53003, account={"sign_in": "browser"})
    assert 'sign_in = "browser"' not in told("interaction_required", 53003, account={"sign_in": "browser"})


@pytest.mark.parametrize(
    ("number", "what"),
    [
        (7000218, '"Allow public client flows" to Yes'),
        (70002, '"Allow public client flows" to Yes'),
        (50194, "set tenant of the account to that organization's id"),
        (700016, f"There is no app with client_id {CLIENT}"),
        (9002331, 'set tenant = "consumers"'),
        (500113, "http://localhost"),
        (50011, "http://localhost"),
    ],
)
@pytest.mark.parametrize("error", ["invalid_client", "invalid_request", "unauthorized_client", "invalid_grant"])
def test_a_wrong_app_registration_is_told_what_to_change(number: int, what: str, error: str) -> None:
    assert what in told(error, number)


def test_the_number_is_found_in_the_words_too() -> None:
    answer = {"error": "invalid_client", "error_description": "AADSTS7000218: The request body must contain …"}
    assert "public client flows" in refusal(an_account(), answer).advice


@pytest.mark.parametrize(("number", "why"), [(700082, "too long"), (50173, "password was changed"), (50076, "second")])
def test_the_end_of_a_sign_in_says_why(number: int, why: str) -> None:
    said = told("invalid_grant", number)
    assert why in said
    assert said.endswith("; run: calwatch auth o")


def test_microsofts_words_are_shown_without_its_numbers_for_itself() -> None:
    said = told("invalid_grant", 1, said="Something happened.")
    assert "Something happened" in said
    assert "Trace ID" not in said


@pytest.mark.parametrize("described", [None, "", "\x1b[2J\r\nX: y", "x" * 9000, "AADSTS" + "9" * 5000, "Trace ID: x"])
@pytest.mark.parametrize("codes", [None, "x", [None, "x", 2.5, True, []], [10**400]])
def test_words_of_any_kind_become_one_line(described: Any, codes: Any) -> None:
    found = refusal(an_account(), {"error": "invalid_grant", "error_description": described, "error_codes": codes})
    said = found.sentence("It failed", "calwatch auth o")
    assert said.isprintable()
    assert len(said) < 600
