"""The audit trail: who did what, and when."""

from __future__ import annotations

from contextlib import suppress

from flask import g, render_template, request

from calwatch.errors import NotFound
from calwatch.store import overview
from calwatch.web.pages import blueprint, posting

_LINES = 100


@blueprint.get("/history")
def history() -> str:
    store = g.site.store
    number = request.args.get("draft", type=int)
    if number is None:
        entries = store.history.all(_LINES)
    else:
        store.drafts.get(number)
        entries = store.history.of_draft(number)
    names = {}
    for case_id in {entry.case_id for entry in entries if entry.case_id}:
        with suppress(NotFound):
            names[case_id] = overview.name_of(overview.case_interview(store, store.cases.get(case_id)))
    entries = sorted(entries, key=lambda entry: (entry.at, entry.id), reverse=True)
    return render_template("history.html", word=posting.taken(), entries=entries, names=names, number=number)
