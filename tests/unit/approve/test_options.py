"""Where the page may be: on this machine, and under one public name with https."""

from __future__ import annotations

import re

import pytest
from pydantic import ValidationError

from calwatch.approve.options import ApprovalOptions


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("127.0.0.1:8765", "127.0.0.1:8765"),
        (" 127.0.0.1:1 ", "127.0.0.1:1"),
        ("localhost:8765", "127.0.0.1:8765"),
        ("127.8.9.255:65535", "127.8.9.255:65535"),
        ("[::1]:8765", "[::1]:8765"),
        ("", ""),
    ],
)
def test_the_page_listens_on_a_loopback_address(written: str, meant: str) -> None:
    assert ApprovalOptions(listen=written).listen == meant


@pytest.mark.parametrize(
    "written",
    [
        "0.0.0.0:8765",
        "192.168.1.7:8765",
        "[::]:8765",
        "alexs-laptop:8765",
        ":8765",
        "*:8765",
        "8765",
        "127.0.0.1.evil:1",
    ],
)
def test_any_other_address_is_refused_with_the_way_to_be_reached(written: str) -> None:
    with pytest.raises(ValidationError, match=r"on this machine only.*reverse proxy.*public_url"):
        ApprovalOptions(listen=written)


@pytest.mark.parametrize(
    "written",
    [
        "127.0.0.1",
        "localhost",
        "127.0.0.1:",
        "127.0.0.1:0",
        "127.0.0.1:65536",
        "127.0.0.1:08765",
        "::1:8765",
        "127.1:80",
    ],
)
def test_an_address_needs_a_port(written: str) -> None:
    with pytest.raises(ValidationError, match=re.escape('write it as "127.0.0.1:8765"')):
        ApprovalOptions(listen=written)


@pytest.mark.parametrize("written", ["unix:/run/calwatch.sock", "/run/calwatch.sock"])
def test_a_unix_socket_is_refused_by_name(written: str) -> None:
    with pytest.raises(ValidationError, match="unix sockets are not supported"):
        ApprovalOptions(listen=written)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https://calwatch.example.org", "https://calwatch.example.org"),
        ("https://Calwatch.Example.org/", "https://calwatch.example.org"),
        ("https://calwatch.example.org:443", "https://calwatch.example.org"),
        ("https://calwatch.example.org:8443", "https://calwatch.example.org:8443"),
        ("https://[2001:db8::7]:8443", "https://[2001:db8::7]:8443"),
        ("http://localhost:9000", "http://localhost:9000"),
        ("", ""),
    ],
)
def test_the_public_address_is_an_origin(written: str, meant: str) -> None:
    assert ApprovalOptions(public_url=written).public_url == meant


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("http://calwatch.example.org", "not safe without https"),
        ("https://example.org/calwatch", 'a name of its own, without a path; such as "https://calwatch.example.org"'),
        ("https://calwatch.example.org?x=1", "is not an https address"),
        ("https://calwatch.example.org/?x=1", "is not an https address"),
        ("https://calwatch.example.org#top", "is not an https address"),
        ("https://alex:secret@calwatch.example.org", "is not an https address"),
        ("https://calwatch.example.org:65536", "is not an https address"),
        ("https://calwatch.example.org\r\nX-Evil: 1", "is not an https address"),
        ("https://calwatch example.org", "is not an https address"),
        ("https://пример.example", "is not an https address"),
        ("https://", "is not an https address"),
        ("calwatch.example.org", "is not an https address"),
        ("javascript://calwatch.example.org", "is not an https address"),
    ],
)
def test_any_other_public_address_is_refused(written: str, told: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(told)):
        ApprovalOptions(public_url=written)


@pytest.mark.parametrize("public", ["http://127.0.0.1:8765", "http://localhost:8765", "http://[::1]:8765"])
def test_the_public_address_is_not_the_local_one(public: str) -> None:
    with pytest.raises(ValidationError, match="cannot be listen itself"):
        ApprovalOptions(listen="127.0.0.1:8765", public_url=public)
