"""What only the person can say: asked on the first page, answered by a click."""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort, g, request
from werkzeug.wrappers import Response

from calwatch.model.booking import Interview
from calwatch.model.case import RequestKind
from calwatch.model.ledger import Question
from calwatch.store import overview
from calwatch.web import tokens
from calwatch.web.pages import blueprint, posting


@dataclass(frozen=True, slots=True)
class Asked:
    """One open question as it is shown."""

    question: Question
    about: Interview | None
    token: str


def asked(draft_id: int | None = None) -> list[Asked]:
    """The open questions, or those about one draft."""
    store = g.site.store
    return [
        Asked(one, overview.interview_of(store, one.case_id), tokens.make("question", one.id, one.key))
        for one in store.questions.open_questions()
        if draft_id is None or one.draft_id == draft_id
    ]


@blueprint.post("/q/<int:number>")
def answer(number: int) -> Response:
    question = g.site.store.questions.get(number)
    value = request.form.get("value", "")
    if value not in question.choices:
        abort(400)
    if not posting.is_fresh("question", question.id, question.key) or question.closed_at is not None:
        posting.stale()
    else:
        posting.ask(RequestKind.ANSWER, None, {"question": question.id, "value": value}, done="said.noted")
    return posting.back("draft", number=question.draft_id) if question.draft_id else posting.back("home")
