"""Ids and texts of others go into addresses whole; links of others lead nowhere but to where the account is."""

from __future__ import annotations

from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calwatch.providers.outlook.api.paths import address, belongs, feature_of, literal, segment, template
from calwatch.providers.outlook.scopes import Feature

ROOT = "https://graph.microsoft.com/v1.0"


@given(st.text(max_size=60))
def test_any_id_is_one_segment_and_comes_back_as_it_was(identifier: str) -> None:
    written = segment(identifier)
    assert not set(written) & set("/?#&+ ")
    assert unquote(written) == identifier


@given(st.text(max_size=60))
def test_any_text_stays_inside_its_literal(text: str) -> None:
    inside = literal(text)[1:-1]
    assert "'" not in inside.replace("''", "")
    assert inside.replace("''", "'") == text


def test_a_query_keeps_its_dollar_and_its_plus() -> None:
    asked = address(ROOT, "/me/messages", {"$filter": "a eq 'x+y'", "startDateTime": "2026-05-01T00:00:00+02:00"})
    assert asked.startswith(f"{ROOT}/me/messages?$filter=")
    assert parse_qs(urlsplit(asked).query)["$filter"] == ["a eq 'x+y'"]
    assert "2026-05-01T00%3A00%3A00%2B02%3A00" in asked


@pytest.mark.parametrize(
    "link",
    [
        f"{ROOT}/me/calendarView/delta?$deltatoken=R0us%3d",
        f"{ROOT}/users('48d31887')/calendarView/delta?%24skiptoken=x",
        "https://GRAPH.microsoft.com:443/v1.0/me/events",
    ],
)
def test_links_below_the_configured_root_are_followed(link: str) -> None:
    assert belongs(link, ROOT)


@pytest.mark.parametrize(
    "link",
    [
        "",
        "/v1.0/me/events",
        "http://graph.microsoft.com/v1.0/me/events",
        "https://graph.microsoft.com.evil.example/v1.0/me/events",
        "https://graph.microsoft.com@evil.example/v1.0/me/events",
        "https://evil.example\\@graph.microsoft.com/v1.0/me/events",
        "https://graph.microsoft.com:8443/v1.0/me/events",
        "https://graph.microsoft.com:x/v1.0/me/events",
        "https://graph.microsoft.com/beta/me/events",
        "https://graph.microsoft.com/v1.0beta/me",
        "https://graph.microsoft.com/v1.0",
        f"{ROOT}/../beta/me/events",
        f"{ROOT}/%2E%2e/beta/me/events",
        f"{ROOT}/me/events#x",
        f"{ROOT}/me/events\r\nHost: evil.example",
        f"{ROOT}/me/é",
        "https://[/v1.0/me",
        "//graph.microsoft.com/v1.0/me",
    ],
)
def test_no_other_link_is(link: str) -> None:
    assert not belongs(link, ROOT)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/me/calendarView/delta?$deltatoken=secret", "/me/calendarView/delta"),
        ("/me/events/AAMkAD%3D/decline", "/me/events/{id}/decline"),
        ("/me/calendars/AAMk/calendarView/delta", "/me/calendars/{id}/calendarView/delta"),
        ("/me/calendars('AAMk')/calendarView", "/me/calendars/{id}/calendarView"),
        ("/users('48d3')/calendarView/delta", "/me/calendarView/delta"),
        ("/me/mailFolders/inbox/messages/delta", "/me/mailFolders/inbox/messages/delta"),
        ("/me/mailFolders/AAMk/messages", "/me/mailFolders/{id}/messages"),
        ("/me/mailFolders('inbox')/messages", "/me/mailFolders/{id}/messages"),
        ("/me/messages/AAMk/attachments/AAA", "/me/messages/{id}/attachments/{id}"),
        ("/me/messages", "/me/messages"),
    ],
)
def test_requests_are_named_without_ids(path: str, shown: str) -> None:
    assert template(path) == shown


@pytest.mark.parametrize(
    ("method", "path", "feature"),
    [
        ("GET", "/me/calendarView/delta", Feature.READ_EVENTS),
        ("POST", "/me/calendar/getSchedule", Feature.READ_EVENTS),
        ("POST", "/me/events/x/decline", Feature.WRITE_EVENTS),
        ("GET", "/me/mailFolders/inbox/messages/delta", Feature.READ_MAIL),
        ("POST", "/me/messages/x/createReply", Feature.WRITE_DRAFTS),
        ("POST", "/me/messages/x/send", Feature.SEND_MAIL),
    ],
)
def test_a_refused_request_names_what_was_not_allowed(method: str, path: str, feature: Feature) -> None:
    assert feature_of(method, path) is feature
