"""How an Outlook sign-in stands is told from its file, and nobody is asked."""

from __future__ import annotations

from typing import Any

import pytest

from calwatch.providers import PROVIDERS
from calwatch.providers.outlook import look_at
from calwatch.providers.signing import Finding, Standing
from unit.providers.outlook.conftest import Line

FAILS, WARNING, OK = Standing.FAILS, Standing.WARNING, Standing.OK


def found(line: Line, **fields: Any) -> list[Finding]:
    findings = list(look_at(line.account(**fields), line.around()))
    assert line.microsoft.seen == []
    return findings


def test_a_sign_in_that_allows_everything_is_well(signed_in: Line) -> None:
    (finding,) = found(signed_in)
    assert finding.standing is OK
    assert finding.text == "signed in as alex.rivera@example.com since Mon 20 Apr 2026 10:00"


def test_no_sign_in_fails_with_the_command(line: Line) -> None:
    assert found(line, email="alex@outlook.com")[-1] == Finding(
        FAILS, "not signed in to Microsoft; run: calwatch auth outlook"
    )


def test_an_account_of_an_organization_is_warned_of(line: Line) -> None:
    warning = found(line)[0]
    assert warning.standing is WARNING
    assert "administrator may see" in warning.text


def test_a_personal_account_under_an_address_of_its_own_is_not_once_it_is_known(signed_in: Line) -> None:
    assert "administrator" not in "".join(finding.text for finding in found(signed_in))


def test_a_work_account_still_is_when_it_is_signed_in(line: Line) -> None:
    line.microsoft.identity.kind = "work"
    line.sign_in()
    assert [finding.standing for finding in found(line)] == [WARNING, OK]


def test_what_was_not_allowed_is_told(line: Line) -> None:
    line.sign_in("User.Read", "Calendars.ReadWrite", "Mail.ReadWrite")
    assert [finding.standing for finding in found(line)] == [OK, WARNING]
    assert found(line)[1].text.startswith("sending a draft when you approve it was not allowed")


def test_without_what_matters_most_it_fails(line: Line) -> None:
    line.sign_in("User.Read", "Mail.ReadWrite")
    assert found(line)[-1].standing is FAILS


def test_other_settings_than_it_was_made_with_fail(signed_in: Line) -> None:
    assert found(signed_in, tenant="consumers")[-1].standing is FAILS


def test_a_file_that_others_can_read_is_warned_of(signed_in: Line) -> None:
    signed_in.token.chmod(0o644)
    assert found(signed_in)[-1].text == f"others can read your sign-in; chmod 600 {signed_in.token}"


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff"])
def test_a_spoilt_file_is_no_sign_in(signed_in: Line, content: bytes) -> None:
    signed_in.token.write_bytes(content)
    assert found(signed_in)[-1].standing is FAILS


def test_outlook_is_one_of_the_providers(line: Line) -> None:
    opened = PROVIDERS["outlook"].open(line.account(), line.around())
    assert opened.remote
    assert opened.mail is not None
    assert PROVIDERS["outlook"].open(line.account(use="busy"), line.around()).mail is None
    assert line.microsoft.seen == []
