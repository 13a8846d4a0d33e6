"""Addresses of a provider that secrets are told to, as the configuration names them."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

_HOST = r"(?:[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*)"
_SECURE = re.compile(rf"https://{_HOST}(?::\d+)?(?:/[^\s?#]*)?", re.ASCII)
_LOOPBACK = re.compile(r"http://(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?(?:/[^\s?#]*)?", re.ASCII)


def is_address(value: str) -> bool:
    """Whether secrets may be told there: https, or this machine; nothing that two parsers could read in two ways."""
    return bool(_SECURE.fullmatch(value) or _LOOPBACK.fullmatch(value))


def _root(value: str) -> str:
    if not is_address(value):
        raise ValueError(f'{value!r} is not an https address; write it as "https://api.example.com"')
    return value.rstrip("/")


Root = Annotated[str, AfterValidator(_root)]
"""An https address without its last slash, or http on this machine."""
