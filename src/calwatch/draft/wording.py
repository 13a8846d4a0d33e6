"""The templates: calwatch's own, or the person's where their folder has one of the same name; never text of others.

Besides package data this is the one place where the stage reads files: the wording the person keeps in
``replies.templates``, one folder per language (``<folder>/en/reschedule.txt.j2``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from calwatch.draft.foreign import lines
from calwatch.draft.language import LANGUAGES
from calwatch.errors import ConfigError

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment

BULLET = "– "
SUFFIX = ".txt.j2"

Context = Mapping[str, str | bool | int]
"""What a template can name: plain text, flags and numbers; no objects, so there is nothing to reach through them."""


_LAYOUT_NAMES = frozenset({"greeting", "body", "closing", "signature"})
NAMES = _LAYOUT_NAMES | {
    *(
        "topic",
        "user_name",
        "phone",
        "our",
        "the",
        "meeting",
        "company",
        "for_role",
        "appointment",
        "short_appointment",
    ),
    *("reason", "accepted", "declined", "cancelled", "unable", "short_notice", "times", "zone", "windows", "single"),
    *("duration", "first_slot", "proposed", "taken", "asked_on", "follow_ups", "delay"),
}
"""Every name a template can use: those of ``facts.context_of``, and in ``layout`` the four parts of a letter."""


def render(name: str, language: str, context: Context, *, folder: Path | None) -> str:
    """One template as it stands in the letter: NFC text, paragraphs unwrapped, list lines kept.

    Raises ConfigError naming file and line when the template is broken or names something that does not exist.
    """
    return tidy(raw(name, language, context, folder=folder))


def raw(name: str, language: str, context: Context, *, folder: Path | None) -> str:
    """One template rendered with its line breaks as they are; raises as ``render`` does."""
    from jinja2 import TemplateError, TemplateSyntaxError

    path = f"{language}/{name}{SUFFIX}"
    try:
        text = _environment(str(folder) if folder else "").get_template(path).render(dict(context))
    except TemplateSyntaxError as error:
        raise ConfigError([f"{error.filename or path}: line {error.lineno}: {error.message}"]) from error
    except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, OSError) as error:
        where = _place(error)
        raise ConfigError([f"{where or path}: {error}"]) from error
    return lines(text).strip()


def tidy(text: str) -> str:
    """Paragraphs of one line each, a blank line between them; list lines (``– ``) keep their own lines."""
    paragraphs = []
    for block in re.split(r"\n[ \t]*(?:\n[ \t]*)+", text.strip()):
        rows = [" ".join(row.split()) for row in block.split("\n")]
        listed = rows[0].startswith(BULLET)
        paragraphs.append(("\n" if listed else " ").join(row for row in rows if row))
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def names(language: str) -> tuple[str, ...]:
    """The templates a language has, without the suffix; those with a leading ``_`` are parts of others."""
    folder = resources.files("calwatch.draft").joinpath("templates", language)
    found = (entry.name.removesuffix(SUFFIX) for entry in folder.iterdir() if entry.name.endswith(SUFFIX))
    return tuple(sorted(found))


def problems_of(folder: Path | None) -> tuple[str, ...]:
    """What is wrong with the person's own templates, as sentences: unreadable, unknown names, broken syntax."""
    from jinja2 import TemplateSyntaxError
    from jinja2.meta import find_undeclared_variables

    if folder is None:
        return ()
    if not folder.is_dir():
        return (f"{folder}: the folder of replies.templates does not exist",)
    problems = []
    for path in sorted(folder.glob(f"*/*{SUFFIX}"))[:500]:
        language, name = path.parent.name, path.name.removesuffix(SUFFIX)
        if language not in LANGUAGES:
            problems.append(f"{path}: there are no letters in {language!r}; known: {', '.join(LANGUAGES)}")
        elif name not in names(language):
            problems.append(f"{path}: no letter is called {name!r}; known: {', '.join(names(language))}")
        else:
            try:
                parsed = _environment(str(folder)).parse(path.read_text("utf-8"), filename=str(path))
                for unknown in sorted(find_undeclared_variables(parsed) - NAMES):
                    near = get_close_matches(unknown, NAMES, 1)
                    hint = f"; did you mean {near[0]!r}?" if near else ""
                    problems.append(f"{path}: {unknown!r} is not a name that letters have{hint}")
            except TemplateSyntaxError as error:
                problems.append(f"{path}: line {error.lineno}: {error.message}")
            except (OSError, UnicodeDecodeError) as error:
                problems.append(f"{path}: cannot be read: {error}")
    return tuple(problems)


@lru_cache(maxsize=8)
def _environment(folder: str) -> SandboxedEnvironment:
    from jinja2 import ChoiceLoader, FileSystemLoader, PackageLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    ours = PackageLoader("calwatch.draft", "templates")
    return ImmutableSandboxedEnvironment(
        loader=ChoiceLoader([FileSystemLoader(folder), ours]) if folder else ours,
        undefined=StrictUndefined,
        autoescape=False,  # letters are plain text; nothing here is ever shown as HTML
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _place(error: BaseException) -> str:
    """``file: line n`` of the template an error came from; jinja2 puts the template's own lines into the traceback."""
    place, trace = "", error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if name.endswith(SUFFIX):
            place = f"{name}: line {trace.tb_lineno}"
        trace = trace.tb_next
    return place
