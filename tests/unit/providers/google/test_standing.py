"""How a sign-in stands is told from the files, and each sentence says what to do."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from calwatch.providers.google.sign_in.standing import findings
from calwatch.providers.signing import Standing
from fakes.google.server import ROOT
from unit.providers.google.conftest import Line


def said(line: Line, standing: Standing, **fields: Any) -> list[str]:
    found = [one.text for one in findings(line.account(**fields), line.around()) if one.standing is standing]
    assert line.google.seen == []
    return found


def rewritten(line: Line, **fields: Any) -> None:
    line.token.write_text(json.dumps(json.loads(line.token.read_bytes()) | fields), encoding="utf-8")


def test_a_sign_in_older_than_a_week_with_everything_allowed_is_just_fine(signed_in: Line) -> None:
    signed_in.clock.advance(timedelta(days=8))
    assert said(signed_in, Standing.OK) == ["signed in as alex.rivera@example.com since Mon 20 Apr 2026 10:00"]
    assert said(signed_in, Standing.WARNING) == []
    assert said(signed_in, Standing.FAILS) == []


def test_a_sign_in_younger_than_a_week_may_be_of_a_project_in_testing(signed_in: Line) -> None:
    (warning,) = said(signed_in, Standing.WARNING)
    assert 'still in "Testing", this sign-in ends on Mon 27 Apr 2026 10:00' in warning
    assert "In production" in warning
    assert "calwatch auth google" in warning


@pytest.mark.parametrize(("days", "standing"), [(30, Standing.OK), (3, Standing.WARNING)])
def test_the_end_the_person_chose_is_told_and_warned_about_when_near(
    signed_in: Line, days: int, standing: Standing
) -> None:
    signed_in.clock.advance(timedelta(days=8))
    rewritten(signed_in, ends=f"{signed_in.clock.now() + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}")
    assert any("you gave access until" in text for text in said(signed_in, standing))


def test_no_sign_in_fails_with_the_command(line: Line) -> None:
    assert said(line, Standing.FAILS) == ["not signed in to Google; run: calwatch auth google"]


def test_a_client_file_that_is_none_fails(signed_in: Line) -> None:
    account = signed_in.account()
    account.client_file.write_text("{}", encoding="utf-8")
    (finding,) = findings(account, signed_in.around())
    assert finding.standing is Standing.FAILS
    assert "not a Google client file" in finding.text


def test_another_client_fails(signed_in: Line) -> None:
    account = signed_in.account()
    signed_in.google.client_file(signed_in.folder, "another")
    (finding,) = findings(account, signed_in.around())
    assert finding.standing is Standing.FAILS
    assert "another client" in finding.text


def test_a_sign_in_of_another_account_fails(signed_in: Line) -> None:
    (finding,) = findings(signed_in.account(email="other@rivera.example"), signed_in.around())
    assert finding.standing is Standing.FAILS
    assert "other@rivera.example is configured; run: calwatch auth google" in finding.text


def test_without_the_calendar_it_fails(line: Line) -> None:
    line.sign_in(ROOT + "gmail.readonly", ROOT + "gmail.compose")
    (text,) = said(line, Standing.FAILS)
    assert text.startswith("reading your appointments was not allowed; run: calwatch auth google")


def test_each_other_feature_that_is_missing_is_a_warning(line: Line) -> None:
    line.sign_in(ROOT + "calendar.events.readonly")
    line.clock.advance(timedelta(days=8))
    warnings = said(line, Standing.WARNING, busy_calendars=("team@x.example",))
    assert [text.partition(" was not allowed")[0] for text in warnings] == [
        "answering invitations and holding times",
        "seeing when your calendars are busy",
        "reading your mail",
        "keeping drafts in your mailbox and sending them when you approve",
    ]


def test_an_account_for_busy_time_needs_nothing_else(line: Line) -> None:
    line.sign_in(ROOT + "calendar.freebusy")
    line.clock.advance(timedelta(days=8))
    assert said(line, Standing.WARNING, use="busy") == []
    assert said(line, Standing.FAILS, use="busy") == []


def test_a_sign_in_that_others_can_read_is_a_warning(signed_in: Line) -> None:
    signed_in.clock.advance(timedelta(days=8))
    signed_in.token.chmod(0o640)
    assert said(signed_in, Standing.WARNING) == [f"others can read your sign-in; chmod 600 {signed_in.token}"]
