"""Google's quotas: how fast each of its APIs may be asked, both apart from each other."""

from __future__ import annotations

GMAIL_UNITS_PER_MINUTE = 5000  # of 6,000 per person and project; older projects may use more
CALENDAR_REQUESTS_PER_MINUTE = 500  # of 600 per person and project
SPENT_SHUT = 60 * 60.0

_UNITS = {
    "gmail.users.getProfile": 1,
    "gmail.users.labels.list": 1,
    "gmail.users.history.list": 2,
    "gmail.users.messages.list": 5,
    "gmail.users.messages.get": 20,
    "gmail.users.messages.attachments.get": 20,
    "gmail.users.messages.send": 100,
    "gmail.users.threads.list": 10,
    "gmail.users.threads.get": 40,
    "gmail.users.drafts.list": 5,
    "gmail.users.drafts.get": 20,
    "gmail.users.drafts.create": 10,
    "gmail.users.drafts.update": 15,
    "gmail.users.drafts.delete": 10,
    "gmail.users.drafts.send": 100,
    "calendar.events.patch": 3,
}
_OTHER_GMAIL = 20
_OTHER_CALENDAR = 1


def units(method: str) -> int:
    """What one call of ``method`` costs of its API's quota."""
    return _UNITS.get(method, _OTHER_GMAIL if method.startswith("gmail.") else _OTHER_CALENDAR)
