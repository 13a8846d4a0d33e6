"""What the person asks for by a click, written down for the one actor, and its answer if that comes soon."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from calwatch.model.case import RequestKind
from calwatch.web.site import Site

WHO = "page"
_LOOK_EVERY = 0.03


@dataclass(frozen=True, slots=True)
class Answer:
    """How a request ended, as far as it has: ``code`` is the exit code a command would have."""

    done: bool
    ok: bool = False
    text: str = ""
    code: int = 0


def ask(site: Site, kind: RequestKind, draft_id: int | None, payload: dict[str, Any]) -> Answer:
    """Writes the request, wakes the actor, and gives its answer; not ``done`` when that takes longer."""
    requests = site.store.requests
    number = requests.add(kind, draft_id, payload, who=WHO, now=site.now()).id
    site.wake()
    until = time.monotonic() + site.patience
    while True:
        request = requests.get(number)
        if request.finished_at is not None:
            result = request.result if isinstance(request.result, dict) else {"text": request.result}
            return Answer(True, bool(request.ok), str(result.get("text", "")), int(result.get("exit_code", 0)))
        if time.monotonic() >= until:
            return Answer(False)
        time.sleep(_LOOK_EVERY)
