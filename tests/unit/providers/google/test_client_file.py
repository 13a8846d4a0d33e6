"""The client file is told apart from everything that looks like it, and every wrong one says what to do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from calwatch.errors import Stop
from calwatch.providers.google.sign_in.client_file import read

RIGHT = {
    "client_id": "1.apps.googleusercontent.com",
    "client_secret": "s",
    "auth_uri": "https://accounts.google.com/o/oauth2/auth",
    "token_uri": "https://oauth2.googleapis.com/token",
    "project_id": "mine",
}


def wrong(folder: Path, content: Any) -> str:
    path = folder / "client.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    with pytest.raises(Stop) as caught:
        read(path)
    assert str(path) in str(caught.value)
    return str(caught.value)


def test_a_desktop_client_is_read_with_its_own_addresses(tmp_path: Path) -> None:
    path = tmp_path / "client.json"
    path.write_text(json.dumps({"installed": RIGHT}), encoding="utf-8")
    client = read(path)
    assert (client.client_id, client.token_uri, client.project) == (RIGHT["client_id"], RIGHT["token_uri"], "mine")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"web": RIGHT}, "a client of the type Web application; calwatch needs a client of the type Desktop app"),
        ({"type": "service_account", "private_key": "x"}, "the key of a service account"),
        ({"refresh_token": "x", "client_id": "y"}, "a sign-in (a token file), not a client"),
        ({}, "not a Google client file"),
        ([], "not a Google client file"),
        ("<html>", "no valid JSON; download it again"),
        ("[" * 100000, "no valid JSON"),
        ("x" * 200000, "too large"),
        ({"installed": {**RIGHT, "client_secret": ""}}, "has no client_secret; download it again"),
        ({"installed": {**RIGHT, "token_uri": 5}}, "has no token_uri"),
        ({"installed": []}, "has no client_id"),
        ({"installed": {**RIGHT, "token_uri": "http://example.com/token"}}, "token_uri is not an https address"),
        ({"installed": {**RIGHT, "auth_uri": "file:///etc/passwd"}}, "auth_uri is not an https address"),
    ],
)
def test_anything_else_is_named_for_what_it_is(tmp_path: Path, content: Any, said: str) -> None:
    assert said in wrong(tmp_path, content)


@pytest.mark.parametrize(
    "address",
    [
        "https://[x/token",
        "https://oauth2.googleapis.com:abc/token",
        "https:///token",
        "https://someone:else@oauth2.example/token",
        "https://oauth2.example /token",
        "https://oauth2.example\0/token",
        "http://evil.example\\@127.0.0.1/token",
        "http://127.0.0.1@evil.example/token",
        "http://localhost.evil.example/token",
        "ftp://127.0.0.1/token",
    ],
)
def test_a_secret_is_told_to_no_address_that_reads_in_two_ways(tmp_path: Path, address: str) -> None:
    for key in ("auth_uri", "token_uri"):
        assert f"{key} is not an https address" in wrong(tmp_path, {"installed": {**RIGHT, key: address}})


def test_a_missing_one_says_where_it_comes_from(tmp_path: Path) -> None:
    with pytest.raises(Stop, match=r"there is no client file .* download the Desktop client of your Google project"):
        read(tmp_path / "client.json")


def test_a_folder_is_no_client_file(tmp_path: Path) -> None:
    with pytest.raises(Stop, match="cannot be read"):
        read(tmp_path)
