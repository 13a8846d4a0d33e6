"""What a round tells, completed: Graph says half of it in words and half by silence.

An occurrence comes with its time alone, the rest of it stands in its master. An occurrence that was deleted is not
named at all: its series comes again without it. What is named as removed may only have left the window, or may never
have been in it. Whatever is doubtful is looked at, once.
"""

from __future__ import annotations

from collections.abc import Iterable

from calwatch.errors import Resync
from calwatch.ports import Known
from calwatch.providers.outlook.calendar.events import Events, Raw, Round
from calwatch.providers.outlook.calendar.parse import Entry, Sort, is_ref, is_series, mark_in, mark_of, read_entry
from calwatch.providers.outlook.calendar.series import hydrated, is_light, with_uid_of

MOST_LOOKS = 40
"""Beyond that a whole reading costs less than looking at entries one by one."""


class Delta:
    """One round on its way; afterwards ``entries`` are all that is to be told, ``gone`` the refs no longer there.

    ``looked_at`` are those of ``entries`` that were known and not told of: what they are now counts wherever it is.
    """

    def __init__(self, events: Events, told: Round, known: Known, *, time_only: bool, bounded: bool = True) -> None:
        self.entries: dict[str, Entry] = {}
        self.gone: dict[str, None] = {}
        self.looked_at: set[str] = set()
        self._events = events
        self._told = told
        self._known = known
        self._time_only = time_only
        self._looks_left = MOST_LOOKS if bounded else None
        self._masters: dict[str, Raw | None] = {}
        self._touched: dict[str, None] = {}
        self._known_by_mark: dict[str, list[str]] | None = None
        for ref, raw in told.told.items():
            if raw.get("type") == Sort.MASTER.value:
                self._masters[ref] = raw
                self._touched[ref] = None
        for ref, raw in told.told.items():
            self._read(ref, raw)

    def complete(self) -> None:
        """Raises ``Resync`` when too much would have to be looked up."""
        known = [ref for ref in self._told.removed if ref in self._known(ref)]
        for ref in sorted(known, key=self._is_known_single):  # with a series that is gone, its occurrences are
            if ref not in self.gone:
                self._settle_removed(ref)
        for master in dict.fromkeys(entry.series for entry in self.entries.values() if entry.series):
            if master not in self._touched and self._has_changed(master):
                self._touched[master] = None
        for master in self._touched:
            for ref in self._silent_of(master):
                self._confirm(ref)

    def _is_known_single(self, ref: str) -> bool:
        return not is_series(self._known(ref).get(ref, ""))

    def _settle_removed(self, ref: str) -> None:
        series = not self._is_known_single(ref)
        self._confirm(ref)
        if series and ref in self.gone:
            self.gone.update(dict.fromkeys(self._silent_of(ref)))
        elif series:
            self._touched[ref] = None

    def etag_known(self, ref: str) -> str | None:
        """The etag with which the store knows a resource; ``None`` when it does not."""
        return self._known(ref).get(ref)

    def is_news(self, entry: Entry) -> bool:
        """Whether an entry says anything the store does not have: rounds are told again and again.

        An occurrence is told anew with its master, whose words it repeats.
        """
        if entry.problem or self.etag_known(entry.ref) != entry.etag:
            return True
        master = self.entries.get(entry.series) if entry.series else None
        return master is not None and self.etag_known(master.ref) != master.etag

    def _read(self, ref: str, raw: Raw) -> None:
        series = raw.get("seriesMasterId")
        if isinstance(series, str) and is_ref(series):
            if is_light(raw):
                master = self._master(series)
                if master is None:
                    return  # nobody knows what it is; its series is gone, or about to be told of
                raw = hydrated(raw, master)
                self._touched[series] = None
            elif (known := self._masters.get(series)) is not None:
                raw = with_uid_of(raw, known)
        elif is_light(raw):
            return
        self.entries[ref] = read_entry(raw, self._events.viewer, time_only=self._time_only)

    def _master(self, ref: str) -> Raw | None:
        if ref not in self._masters:
            raw = self._masters[ref] = self._look(ref)
            if raw is not None:
                self.entries[ref] = read_entry(raw, self._events.viewer, time_only=self._time_only)
        return self._masters[ref]

    def _has_changed(self, master: str) -> bool:
        """An exception came without its series: whether that is all there is to it."""
        raw = self._master(master)
        return raw is None or self.entries[master].etag != self.etag_known(master)

    def _confirm(self, ref: str) -> None:
        raw = self._look(ref)
        if raw is None:
            self.gone[ref] = None
            return
        self.entries[ref] = read_entry(raw, self._events.viewer, time_only=self._time_only)
        self.looked_at.add(ref)

    def _silent_of(self, master: str) -> Iterable[str]:
        """What is known of a series and was not told this time."""
        if self._known_by_mark is None:
            self._known_by_mark = {}
            for ref, etag in self._known().items():
                self._known_by_mark.setdefault(mark_in(etag), []).append(ref)
        of_it = self._known_by_mark.get(mark_of(master), ())
        return [ref for ref in of_it if ref not in self._told.told and ref not in self.entries and ref not in self.gone]

    def _look(self, ref: str) -> Raw | None:
        if self._looks_left is not None:
            if not self._looks_left:
                raise Resync("more has changed than can be looked up one by one")
            self._looks_left -= 1
        return self._events.look(ref)
