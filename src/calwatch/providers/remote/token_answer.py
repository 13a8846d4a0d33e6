"""What a token endpoint answered, believed only when every field is what RFC 6749 says (§5).

The libraries of providers take whatever comes and put it into their errors. So nothing odd reaches them, and no token a
log.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_TEXTS = ("access_token", "refresh_token", "scope", "token_type", "error", "error_description", "error_subtype")
_TOKEN = re.compile(r"[\x21-\x7e]{1,8192}")
_PASSING = frozenset({"internal_failure", "server_error", "temporarily_unavailable", "slow_down"})


def read_answer(status: int, content: bytes) -> dict[str, Any] | None:
    """The tokens or the lasting refusal in an answer; ``None`` when it is neither and may be better next time."""
    try:
        found: Any = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or status in (408, 429) or status >= 500:
        return None
    answer = {name: value for name, value in found.items() if value is not None}
    if any(not isinstance(answer.get(name, ""), str) for name in _TEXTS) or seconds(answer, "expires_in") is None:
        return None
    if "error" in answer:
        return answer if answer["error"] and answer["error"] not in _PASSING else None
    return answer if status == 200 and is_token(answer.get("access_token")) else None


def is_token(found: object) -> bool:
    """Whether it may stand in a header: visible ASCII, and not endless."""
    return isinstance(found, str) and _TOKEN.fullmatch(found) is not None


def seconds(answer: Mapping[str, Any], name: str) -> int | None:
    """A number of seconds, 0 when there is none; ``None`` when what is there is no such number."""
    value = str(answer.get(name, 0))
    return int(value) if value.isdecimal() and len(value) < 10 else None
