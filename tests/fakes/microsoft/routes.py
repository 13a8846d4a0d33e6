"""Which operations the fake Microsoft has: their paths, whose tokens they take, and what a request for one may say."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import unquote

from fakes.microsoft.bodies import ANSWER, CANCEL, COUNTER, EVENT, MESSAGE, MOVE, REPLY, SCHEDULE, SENDING, Shape

READS_CALENDAR = frozenset({"Calendars.ReadBasic", "Calendars.Read", "Calendars.ReadWrite"})
WRITES_CALENDAR = frozenset({"Calendars.ReadWrite"})
READS_MAIL = frozenset({"Mail.Read", "Mail.ReadWrite"})
WRITES_MAIL = frozenset({"Mail.ReadWrite"})
SENDS_MAIL = frozenset({"Mail.Send"})
READS_SETTINGS = frozenset({"MailboxSettings.Read", "MailboxSettings.ReadWrite"})

_ONE = frozenset({"$select", "$expand"})
_MANY = _ONE | {"$filter", "$orderby", "$top", "$skip", "$count"}
_WINDOW = frozenset({"startDateTime", "endDateTime"})
_TOKENS = frozenset({"$deltatoken", "$skiptoken"})


@dataclass(frozen=True)
class Route:
    """One operation. ``scopes``: any of them will do. ``body`` is the shape of the JSON it takes, if it takes one."""

    operation: str
    verb: str
    path: str
    scopes: frozenset[str]
    params: frozenset[str] = frozenset()
    body: Shape | None = None
    outlook: bool = True
    pattern: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        named = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path)
        object.__setattr__(self, "pattern", re.compile(named.replace(".", r"\."), re.ASCII))


def _routes() -> tuple[Route, ...]:
    mail = "/me/messages/{message}"
    event = "/me/events/{event}"
    routes = [
        Route("me", "GET", "/me", frozenset({"User.Read"}), _ONE, outlook=False),
        Route("mailboxSettings", "GET", "/me/mailboxSettings", READS_SETTINGS, _ONE),
        Route("calendars.list", "GET", "/me/calendars", READS_CALENDAR, _MANY),
        Route("calendars.get", "GET", "/me/calendar", READS_CALENDAR, _ONE),
        Route("calendars.get", "GET", "/me/calendars/{calendar}", READS_CALENDAR, _ONE),
        Route("getSchedule", "POST", "/me/calendar/getSchedule", READS_CALENDAR, body=SCHEDULE),
        Route("events.get", "GET", event, READS_CALENDAR, _ONE),
        Route("events.patch", "PATCH", event, WRITES_CALENDAR, body=EVENT),
        Route("events.delete", "DELETE", event, WRITES_CALENDAR),
        Route("events.instances", "GET", f"{event}/instances", READS_CALENDAR, _WINDOW | _MANY),
        Route("events.accept", "POST", f"{event}/accept", WRITES_CALENDAR, body=ANSWER),
        Route("events.tentativelyAccept", "POST", f"{event}/tentativelyAccept", WRITES_CALENDAR, body=COUNTER),
        Route("events.decline", "POST", f"{event}/decline", WRITES_CALENDAR, body=COUNTER),
        Route("events.cancel", "POST", f"{event}/cancel", WRITES_CALENDAR, body=CANCEL),
        Route("mailFolders.list", "GET", "/me/mailFolders", READS_MAIL, _MANY),
        Route("mailFolders.get", "GET", "/me/mailFolders/{folder}", READS_MAIL, _ONE),
        Route(
            "messages.delta",
            "GET",
            "/me/mailFolders/{folder}/messages/delta",
            READS_MAIL,
            _ONE | _TOKENS | {"$filter", "$orderby", "$top", "changeType"},
        ),
        Route("messages.list", "GET", "/me/mailFolders/{folder}/messages", READS_MAIL, _MANY | {"$search"}),
        Route("messages.list", "GET", "/me/messages", READS_MAIL, _MANY | {"$search"}),
        Route("messages.create", "POST", "/me/messages", WRITES_MAIL, body=MESSAGE),
        Route("messages.get", "GET", mail, READS_MAIL, _ONE),
        Route("messages.patch", "PATCH", mail, WRITES_MAIL, body=MESSAGE),
        Route("messages.delete", "DELETE", mail, WRITES_MAIL),
        Route("messages.move", "POST", f"{mail}/move", WRITES_MAIL, body=MOVE),
        Route("messages.createReply", "POST", f"{mail}/createReply", WRITES_MAIL, body=REPLY),
        Route("messages.createReplyAll", "POST", f"{mail}/createReplyAll", WRITES_MAIL, body=REPLY),
        Route("messages.reply", "POST", f"{mail}/reply", SENDS_MAIL, body=REPLY),
        Route("messages.send", "POST", f"{mail}/send", SENDS_MAIL),
        Route("sendMail", "POST", "/me/sendMail", SENDS_MAIL, body=SENDING),
        Route("attachments.list", "GET", f"{mail}/attachments", READS_MAIL, _MANY),
        Route("attachments.get", "GET", f"{mail}/attachments/{{attachment}}", READS_MAIL, _ONE),
    ]
    for calendar in ("/me", "/me/calendar", "/me/calendars/{calendar}"):
        view = f"{calendar}/calendarView"
        routes += [
            Route("calendarView", "GET", view, READS_CALENDAR, _WINDOW | _MANY),
            Route("calendarView.delta", "GET", f"{view}/delta", READS_CALENDAR, _WINDOW | _TOKENS),
            Route("events.list", "GET", f"{calendar}/events", READS_CALENDAR, _MANY),
            Route("events.create", "POST", f"{calendar}/events", WRITES_CALENDAR, body=EVENT),
        ]
    return tuple(routes)


ROUTES = _routes()
OPERATIONS = frozenset(route.operation for route in ROUTES)
KNOWN_PARAMS = frozenset(param for route in ROUTES for param in route.params)


def find_route(verb: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """The operation of a path below the API's root, and the decoded ids in it."""
    for route in ROUTES:
        found = route.pattern.fullmatch(path) if route.verb == verb else None
        if found is not None:
            return route, {name: unquote(value) for name, value in found.groupdict().items()}
    return None
