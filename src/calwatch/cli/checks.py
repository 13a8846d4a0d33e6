"""What ``calwatch check`` tries: every account, calendar, mailbox, notifier and folder the configuration names."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from calwatch.cli import context
from calwatch.errors import CalwatchError
from calwatch.model.span import Span
from calwatch.pipeline import Account
from calwatch.ports import Unknown
from calwatch.settings import Settings
from calwatch.settings.verify import holiday_problems, template_problems

OK, WARNING, FAIL = "ok", "warning", "fails"
_FIRST_LOOK = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing tried: what, how it went (``ok``, ``warning``, ``fails``), and a sentence."""

    what: str
    result: str
    detail: str = ""


def checks(settings: Settings, *, notify: bool) -> list[Check]:
    """Everything tried, in order. ``notify`` also sends a test message through every channel."""
    found = [Check("configuration", OK, str(settings.source))]
    found += _state(settings)
    found += _tried("accounts", lambda: _accounts(settings))
    found += _templates(settings)
    found += _holidays(settings)
    found += _tried("notify", lambda: _notifiers(settings, send=notify))
    return found


def _tried(what: str, attempt: Callable[[], Iterator[Check]]) -> list[Check]:
    """What ``attempt`` finds; an error of ours becomes the last finding."""
    found: list[Check] = []
    try:
        found.extend(attempt())
    except CalwatchError as error:
        found.append(Check(what, FAIL, str(error)))
    return found


def _state(settings: Settings) -> Iterator[Check]:
    folder = settings.state
    nearest = next(place for place in (folder, *folder.parents) if place.exists())
    try:
        with tempfile.TemporaryFile(dir=nearest):
            pass  # root may write by permission where the file system does not let anybody
    except OSError as error:
        said = f"{folder} cannot be written ({error.strerror}); set storage.path to a folder that can"
        yield Check("state folder", FAIL, said)
        return
    try:
        with context.reading(settings) as store:
            store.drafts.open_drafts()
    except CalwatchError as error:
        yield Check("state folder", FAIL, str(error))
        return
    running = "the service is running" if context.service_runs(settings) else "no service is running"
    yield Check("state folder", OK, f"{folder}; {running}")


def _accounts(settings: Settings) -> Iterator[Check]:
    from calwatch.clock import SystemClock
    from calwatch.providers import PROVIDERS
    from calwatch.wiring import live_accounts, surroundings

    employer, clock = set(settings.you.employer), SystemClock()
    live, around = live_accounts(settings, clock), surroundings(settings, clock)
    for options in settings.accounts:
        account = live[options.name]
        if options.email.rpartition("@")[2].lower() in employer and not account.busy_only:
            said = 'this is your employer\'s; with use = "busy" it is only read for busy time and learns nothing'
            yield Check(f"account {options.name}", WARNING, said)
        look = PROVIDERS[options.provider].look_at_sign_in
        found = tuple(look(options, around)) if look is not None else ()
        for one in found:
            yield Check(f"account {options.name}: sign-in", one.standing.value, one.text)
        if any(one.standing.value == FAIL for one in found):
            continue  # without it nothing can be read, and each part would only say so again
        yield from _tried(f"account {options.name}: calendar", lambda account=account: _calendars(account))  # type: ignore[misc]  # mypy does not infer a lambda's default
        yield from _tried(f"account {options.name}: mail", lambda account=account: _mail(account, settings))  # type: ignore[misc]  # as above


def _calendars(account: Account) -> Iterator[Check]:
    if account.calendar is None:
        return
    now = context.now()
    for name in account.calendar.calendars():
        what = f"account {account.name}: calendar {name}"
        try:
            busy = account.calendar.busy([name], Span(now, now + timedelta(days=14)))[name]
        except CalwatchError as error:
            yield Check(what, FAIL, str(error))
            continue
        if isinstance(busy, Unknown):
            yield Check(what, FAIL, busy.reason)
        else:
            yield Check(what, OK, f"{_counted(len(busy), 'busy stretch', 'busy stretches')} in the next 14 days")


def _counted(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}"


def _mail(account: Account, settings: Settings) -> Iterator[Check]:
    what = f"account {account.name}: mail"
    if account.busy_only:
        return
    if account.mail is None:
        yield Check(what, WARNING, "no mailbox: nothing can be drafted or answered from this account")
        return
    changes = account.mail.changes(None, context.now() - _FIRST_LOOK)
    unread = f"; {len(changes.problems)} could not be read" if changes.problems else ""
    yield Check(what, OK, f"{_counted(len(changes.messages), 'message', 'messages')} of the last day{unread}")
    what = f"account {account.name}: sending"
    if settings.replies.delivery == "drafts":
        yield Check(what, OK, 'never: replies.delivery is "drafts"; you send from your Drafts folder')
    elif account.mail.transmits:
        how = account.describe()
        yield Check(what, OK, "on your approval, and only then" + (f"; it {how}" if how else ""))
    else:
        yield Check(what, WARNING, "no outgoing is set: letters are only drafted, and you send them yourself")


def _templates(settings: Settings) -> Iterator[Check]:
    problems = template_problems(settings)
    for problem in problems:
        yield Check("replies.templates", FAIL, problem)
    if settings.replies.templates is not None and not problems:
        yield Check("replies.templates", OK, str(settings.replies.templates))


def _holidays(settings: Settings) -> Iterator[Check]:
    problems = holiday_problems(settings)
    for problem in problems:
        yield Check("slots.holidays", FAIL, problem)
    if settings.slots.holidays and not problems:
        yield Check("slots.holidays", OK, settings.slots.holidays)


def _notifiers(settings: Settings, *, send: bool) -> Iterator[Check]:
    from calwatch.notify import channels
    from calwatch.notify.apprise_urls import AppriseNotifier
    from calwatch.notify.wording import probe

    employer = settings.you.employer
    listed = settings.notify.urls_file
    if listed is not None and _readable_by_others(listed):
        yield Check("notify.urls_file", WARNING, f"others can read {listed}; chmod 600 it")
    for channel in channels(settings.notify):
        what = f"notify {channel.label}"
        if isinstance(channel, AppriseNotifier) and any(domain in channel.url.lower() for domain in employer):
            yield Check(what, WARNING, "this is at your employer's domain, which would see these messages")
        if not send:
            yield Check(what, OK, "not tried; `calwatch check --notify` sends a test message")
            continue
        try:
            channel.notify(probe(settings.you.languages[0]))
        except CalwatchError as error:
            yield Check(what, FAIL, str(error))
        else:
            yield Check(what, OK, "a test message was sent")


def _readable_by_others(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & 0o077)
    except OSError:
        return False
