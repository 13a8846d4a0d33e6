"""The checks of a configuration that cost too much for every command: holiday calendars and the person's templates."""

from __future__ import annotations

from calwatch.errors import ConfigError
from calwatch.settings.tree import Settings


def verified(settings: Settings) -> Settings:
    """``settings`` as they are; raises ConfigError with every problem. ``run`` and ``reload`` go through here."""
    file = settings.source.name if settings.source is not None else "configuration"
    problems = [f"{file}: slots.holidays: {text}" for text in holiday_problems(settings)]
    problems += [f"{file}: replies.templates: {text}" for text in template_problems(settings)]
    if problems:
        raise ConfigError(problems)
    return settings


def holiday_problems(settings: Settings) -> tuple[str, ...]:
    """What is wrong with ``slots.holidays``: a country or region nobody knows."""
    if not settings.slots.holidays:
        return ()
    from calwatch.propose.holidays import public_holidays

    try:
        public_holidays(settings.slots.holidays, [2026])
    except ValueError as error:
        return (str(error),)
    return ()


def template_problems(settings: Settings) -> tuple[str, ...]:
    """What is wrong with the person's own templates, each with its file and line."""
    if settings.replies.templates is None:
        return ()
    from calwatch.draft.wording import problems_of

    return problems_of(settings.replies.templates)
