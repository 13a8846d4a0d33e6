"""The OAuth client of the person's own Google project, as downloaded from there: told apart from everything similar."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calwatch.errors import Stop
from calwatch.providers.remote.address import is_address

_LARGEST = 100_000  # bytes; the real one is half a kilobyte
_HOW = 'see docs/google.md, "A desktop client"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A client of the type Desktop app. Its secret is none (RFC 8252 §8.5), but Google wants it told."""

    client_id: str
    client_secret: str
    auth_uri: str
    token_uri: str
    project: str = ""


def read(path: Path) -> Client:
    """The client in ``path``. Raises Stop with what is wrong and what to do."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise Stop(
            f"there is no client file {path}; download the Desktop client of your Google project and save it there, "
            f"or correct client_file ({_HOW})"
        ) from None
    except OSError as error:
        raise Stop(f"the client file {path} cannot be read ({(error.strerror or 'error').lower()})") from None
    if len(raw) > _LARGEST:
        raise Stop(f"{path} is too large for a Google client file; correct client_file ({_HOW})")
    try:
        found: Any = json.loads(raw)
    except (ValueError, RecursionError):
        raise Stop(f"{path} is not a Google client file: no valid JSON; download it again ({_HOW})") from None
    return _client(found if isinstance(found, dict) else {}, path)


def _client(found: dict[str, Any], path: Path) -> Client:
    if "installed" not in found:
        raise Stop(f"{path} is {_what(found)}; calwatch needs a client of the type Desktop app ({_HOW})")
    inside = found["installed"] if isinstance(found["installed"], dict) else {}
    for key in ("client_id", "client_secret", "auth_uri", "token_uri"):
        if not isinstance(inside.get(key), str) or not inside[key].strip():
            raise Stop(f"{path} has no {key}; download it again from your Google project ({_HOW})")
    for key in ("auth_uri", "token_uri"):
        if not is_address(inside[key].strip()):
            raise Stop(f"{path}: {key} is not an https address; download the file again ({_HOW})")
    return Client(
        client_id=inside["client_id"].strip(),
        client_secret=inside["client_secret"].strip(),
        auth_uri=inside["auth_uri"].strip(),
        token_uri=inside["token_uri"].strip(),
        project=str(inside.get("project_id") or ""),
    )


def _what(found: dict[str, Any]) -> str:
    if "web" in found:
        return "a client of the type Web application"
    if found.get("type") == "service_account":
        return "the key of a service account"
    if "refresh_token" in found:
        return "a sign-in (a token file), not a client"
    return "not a Google client file"
