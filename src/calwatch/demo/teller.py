"""How the demo story is told: dates that follow from now, events into the calendar folder, mails into the Maildir."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from calwatch.demo.files import a_calendar, a_mail, deliver
from calwatch.demo.people import ALEX, Somebody


def working_day(start: date, number: int) -> date:
    """The ``number``-th working day after ``start``."""
    day = start
    while number:
        day += timedelta(days=1)
        number -= day.weekday() < 5
    return day


class Teller:
    """One telling: every date follows from ``now`` (aware)."""

    def __init__(self, calendar: Path, mail: Path, now: datetime) -> None:
        self.calendar, self.maildir, self.now = calendar, mail, now
        self.today = now.astimezone(ZoneInfo(ALEX.zone)).date()
        self.stamp = now.astimezone(ZoneInfo("UTC")) - timedelta(days=6)
        self.mails = 0

    def at(self, day: int, clock: str, person: Somebody = ALEX) -> datetime:
        """A wall time on a working day of ``person``."""
        return datetime.combine(working_day(self.today, day), time.fromisoformat(clock), ZoneInfo(person.zone))

    def event(self, name: str, *events: str) -> None:
        """Writes one calendar file."""
        (self.calendar / f"{name}.ics").write_text(a_calendar(*events), encoding="utf-8", newline="")

    def mail(
        self,
        folder: str,
        days_ago: float,
        sender: Somebody,
        to: Somebody,
        subject: str,
        text: str,
        *,
        thread: tuple[str, ...] = (),
        cc: tuple[Somebody, ...] = (),
        calendar: tuple[str, str] | None = None,
        automatic_from: str = "",
        seen: bool = True,
    ) -> str:
        """Delivers one mail and gives its Message-ID."""
        self.mails += 1
        sent = self.now - timedelta(days=days_ago)
        message_id = f"<{sent:%Y%m%d%H%M}.{self.mails}@{sender.email.partition('@')[2]}>"
        message = a_mail(
            sender,
            [to],
            subject,
            text,
            sent=sent,
            message_id=message_id,
            thread=thread,
            cc=cc,
            calendar=calendar,
            automatic_from=automatic_from,
        )
        name = f"{int(sent.timestamp())}.M{self.mails}.demo"
        deliver(self.maildir, folder, name, message, seen=seen)
        return message_id
