"""The pages: what each shows is gathered by its module and laid out by the template of the same name.

Start here: every page handler works with ``g.site`` (the service), ``g.session`` (who looks) and ``g.tell`` (words).
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, request
from markupsafe import Markup, escape

from calwatch.model.plain import one_line
from calwatch.web.entry import let_in
from calwatch.web.texts import Teller, choose

blueprint = Blueprint("pages", __name__, template_folder="../templates")


blueprint.before_request(let_in)


@blueprint.before_request
def _speak() -> None:
    """Chooses the language: the browser's if the page has it, else the person's."""
    language = choose(request.accept_languages.values(), g.site.settings.you.languages)
    g.tell = Teller(language, g.site.zone, g.site.now())


@blueprint.app_context_processor
def _words() -> dict[str, Any]:
    """What every template can say: ``tell`` names a text, ``said`` shows a sentence of the pipeline."""
    return {"tell": g.tell, "said": _said} if "tell" in g else {}


def _said(sentence: str, *, capital: bool = True) -> Markup:
    """One sentence in the page's language; marked as English where it is known in that only.

    Without ``capital`` its first letter stays as it is: it may be somebody's name for something.
    """
    told = g.tell.say(one_line(sentence, 600))
    text = told.text[:1].upper() + told.text[1:] if capital else told.text
    return Markup('<span lang="{}">{}</span>').format(told.language, text) if told.language else escape(text)


@blueprint.app_template_filter()
def plain(text: str | None) -> str:
    """One line without control characters and without what turns the direction of writing."""
    return one_line(text or "", 300)


@blueprint.app_template_filter()
def dialled(number: str) -> str:
    """A telephone number as ``tel:`` takes it."""
    return "".join(c for c in number if c in "+0123456789")


# Each module adds its routes to the blueprint.
from calwatch.web.pages import accounts, draft, history, home, interviews, questions  # noqa: E402, F401
