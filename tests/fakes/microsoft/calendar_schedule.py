"""getSchedule of the fake Outlook: taken time by address, errors in single entries, and not for personal accounts."""

from __future__ import annotations

from datetime import datetime, timedelta

from fakes.microsoft.calendar_books import Books, Item
from fakes.microsoft.calendar_settings import working_hours
from fakes.microsoft.calendar_times import Json, Window, ends, instant, point, starts
from fakes.microsoft.calendar_view import details, zone_asked
from fakes.microsoft.call import Answer, ApiError, Call

DIGITS = {"free": 0, "tentative": 1, "busy": 2, "oof": 3, "workingElsewhere": 4, "unknown": 2}
LONGEST = timedelta(days=62)
MOST = 100


def get_schedule(books: Books, call: Call) -> Answer:
    body = {name.casefold(): value for name, value in (call.body or {}).items()}
    wanted = body.get("schedules") or []
    own = all(address.casefold() == books.owner.casefold() for address in wanted)
    if books.kind == "msa" and not (own and books.own_schedule):
        raise ApiError(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
    if "starttime" not in body or "endtime" not in body:
        raise ApiError(400, "ErrorInvalidRequest", "The start and the end of the schedule are required.")
    if body.get("availabilityviewinterval", 30) is None:
        raise ApiError(500, "ErrorInternalServerError", "An internal server error occurred. The operation failed.")
    window = Window(instant(body["starttime"]), instant(body["endtime"]))
    if window.high - window.low > LONGEST:
        raise ApiError(400, "ErrorTimeIntervalTooBig", "The requested time duration specified is too large.")
    if len(wanted) > MOST:
        raise ApiError(400, "ErrorMailboxDataArrayTooBig", "The size of the mailbox data array is too large.")
    minutes = int(body.get("availabilityviewinterval", 30))
    if not 5 <= minutes <= 1440:
        raise ApiError(400, "ErrorInvalidRequest", "The interval must be between 5 and 1440 minutes.")
    return Answer(200, {"value": [_entry(books, call, address, window, minutes) for address in wanted]})


def _entry(books: Books, call: Call, address: str, window: Window, minutes: int) -> Json:
    if address.casefold() != books.owner.casefold():
        message = f"Unable to resolve e-mail address {address} to an Active Directory object."
        return {"scheduleId": address, "error": {"message": message, "responseCode": "5009"}}
    items = books.book().items(window)
    step = timedelta(minutes=minutes)
    slots: list[datetime] = []
    while not slots or slots[-1] + step < window.high:
        slots.append(slots[-1] + step if slots else window.low)
    return {
        "scheduleId": address,
        "availabilityView": "".join(str(_digit(items, Window(slot, slot + step))) for slot in slots),
        "scheduleItems": [_shown(item, call) for item in items],
        "workingHours": working_hours(books),
    }


def _digit(items: list[Item], slot: Window) -> int:
    return max((DIGITS.get(str(i.raw.get("showAs", "busy")), 2) for i in items if slot.holds(i.raw)), default=0)


def _shown(item: Item, call: Call) -> Json:
    zone = zone_asked(call)
    private = item.raw.get("sensitivity", "normal") != "normal"
    shown: Json = {
        "isPrivate": private,
        "status": item.raw.get("showAs", "busy"),
        "start": point(starts(item.raw), zone),
        "end": point(ends(item.raw), zone),
    }
    return {**shown, "subject": item.raw.get("subject", "")} if details(call) and not private else shown
