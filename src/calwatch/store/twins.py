"""Which of the bookings of one time is the appointment, and which merely repeat it."""

from __future__ import annotations

from collections.abc import Sequence

from calwatch.model.booking import Booking
from calwatch.model.twins import has_title
from calwatch.watch.bookings import are_twins


def twins_among(members: Sequence[Booking]) -> list[tuple[Booking, int | None]]:
    """Each booking of one time with the id of the one it merely repeats, ``None`` for the originals.

    The one that says most is the original: known with words before time only, titled before untitled ("Busy" is no
    title), with people before without, then the older.
    """

    def weakness(booking: Booking) -> tuple[bool, bool, bool, int]:
        event = booking.event
        return event.busy_only, not has_title(event), not (event.organizer or event.attendees), booking.id

    originals: list[Booking] = []
    judged: list[tuple[Booking, int | None]] = []
    for booking in sorted(members, key=weakness):
        of = next((o.id for o in originals if are_twins(o.event, booking.event)), None)
        judged.append((booking, of))
        if of is None:
            originals.append(booking)
    return judged
