"""What all that the person asks for by a click has in common: still as shown, asked of the actor, answered, shown."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from flask import g, redirect, request, url_for
from werkzeug.wrappers import Response

from calwatch.model.case import RequestKind
from calwatch.model.draft import Draft
from calwatch.web import asking, tokens

_MOST_SESSIONS = 50


@dataclass(frozen=True, slots=True)
class Word:
    """One thing to tell at the top of the next page. ``kind`` is "good", "wait" or "bad"."""

    kind: str
    text: str
    more: str = ""  # a sentence of the pipeline


class Words:
    """What each session is told next; kept in memory, for it says only how a click ended."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Word] = OrderedDict()

    def leave(self, session: str, word: Word) -> None:
        with self._lock:
            self._kept[session] = word
            while len(self._kept) > _MOST_SESSIONS:
                self._kept.popitem(last=False)

    def take(self, session: str) -> Word | None:
        with self._lock:
            return self._kept.pop(session, None)


_words = Words()


def leave(kind: str, text: str, more: str = "") -> None:
    """Says something on the next page of this session."""
    _words.leave(g.session.id, Word(kind, text, more))


def taken() -> Word | None:
    """What is to be said on this page; once."""
    return _words.take(g.session.id)


def draft_token(draft: Draft) -> str:
    """What a form about a draft carries: it is good for exactly this draft as it is now."""
    return tokens.make("draft", *_facts(draft))


def is_as_shown(draft: Draft) -> bool:
    """Whether the form that was sent showed the draft as it is."""
    return is_fresh("draft", *_facts(draft))


def is_fresh(purpose: str, *facts: object) -> bool:
    """Whether the form that was sent is of this page, for this purpose, and about these facts."""
    try:
        tokens.check(request.form.get("token", ""), purpose, *facts)
    except tokens.Stale:
        return False
    return True


def _facts(draft: Draft) -> tuple[object, ...]:
    return draft.id, draft.version, draft.hash, draft.state.value, draft.changed.isoformat()


def ask(kind: RequestKind, draft_id: int | None, payload: dict[str, Any], *, done: str) -> asking.Answer:
    """Asks the actor, and leaves a word on how it ended; ``done`` is the text when it went well."""
    answer = asking.ask(g.site, kind, draft_id, payload)
    if not answer.done:
        leave("wait", g.tell("said.being_done"))
    elif answer.ok:
        leave("good", g.tell(done))
    else:
        leave("bad", g.tell("said.refused"), answer.text)
    return answer


def stale() -> None:
    """Says that what was clicked was not what is there now."""
    leave("bad", g.tell("said.stale"))


def back(endpoint: str, **values: Any) -> Response:
    """The page to look at after a click (See Other, so that a reload does not click again)."""
    return redirect(url_for(f"pages.{endpoint}", **values), 303)
