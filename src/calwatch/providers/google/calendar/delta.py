"""What changed since a token, completed: Google tells of single entries, and a series is more than one of them.

An occurrence that was changed by itself comes without its series, though it leaves a hole there; a series that was
deleted comes without such occurrences; a series that was changed may have dropped them without a word. What is
missing is taken from what is known, or looked up, once per series that was touched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from calwatch.errors import Resync
from calwatch.model.span import Span
from calwatch.ports import Known
from calwatch.providers.google.calendar.occurrences import family_of, original_of, series_of
from calwatch.providers.google.calendar.parse import Entry

MOST_LOOKS = 60
"""Beyond that a whole listing costs less than looking at entries one by one."""


class Delta:
    """One delta on its way; afterwards ``entries`` are all that is to be told, ``gone`` the refs no longer there."""

    def __init__(
        self, entries: Iterable[Entry], window: Span, known: Known, look: Callable[[str], Entry | None]
    ) -> None:
        self.entries: dict[str, Entry] = {}
        self.gone: dict[str, None] = {}
        self._told: dict[str, dict[str, None]] = {}  # family → refs in entries
        self._since = f"{window.start:%Y%m%d}"
        self._known = known
        self._look = look
        self._looks = 0
        self._families: dict[str, dict[str, str]] = {}
        for entry in entries:
            self._put(entry)

    def complete(self) -> None:
        """Raises ``Resync`` when too much would have to be looked up."""
        changed = list(self.entries.values())
        for ref in [entry.ref for entry in changed if entry.cancelled and not entry.series]:
            self._remove(ref)
        for ref in dict.fromkeys(entry.series for entry in changed if entry.series):
            if ref not in self.entries and ref not in self.gone and ref in self._family(ref):
                self._fetch_series(ref)
        for entry in changed:
            if not entry.series and not entry.cancelled:
                self._look_again(entry)
        for entry in changed:
            if entry.cancelled and entry.series in self.gone:
                self._forget(entry.ref)

    def originals(self, series: str) -> tuple[str, ...]:
        """The original starts that other entries replace, or leave empty, in all parts of what was one series.

        Those of the other parts do no harm: no occurrence of this one starts then.
        """
        known = (ref for ref in self._family(series) if ref not in self.gone and ref not in self.entries)
        found = {original_of(ref) for ref in known}
        found |= {self.entries[ref].original for ref in self._told_of(series)}
        return tuple(sorted(original for original in found if original))

    def _fetch_series(self, ref: str) -> None:
        found = self._seen(ref)
        if found is None or found.cancelled:
            self._remove(ref)
        else:
            self._put(found)

    def _remove(self, ref: str) -> None:
        """The series (or single event) is gone, and with it what was changed of it by itself."""
        self._forget(ref)
        family = (*self._family(ref), *self._told_of(ref))
        alone = not any(other not in self.gone and original_of(other) is None for other in family)
        for changed in self._changed_occurrences(ref):
            certain = alone or series_of(changed) == ref != family_of(ref)
            if certain or not self._is_recent(changed):
                self._forget(changed)
            else:
                self._confirm(changed, keep_holes=False)

    def _look_again(self, entry: Entry) -> None:
        """A series was changed: whether its occurrences keep their own changes, Google tells of none of them."""
        if entry.item is None:
            return  # it could not be read: nothing follows from it
        for ref in self._changed_occurrences(entry.ref):
            if self._is_recent(ref):
                self._confirm(ref, keep_holes=True)

    def _changed_occurrences(self, series: str) -> list[str]:
        """What is known of ``series`` in entries of their own and is not in this delta."""
        names = {series, family_of(series)}
        return [
            ref
            for ref in self._family(series)
            if original_of(ref) and series_of(ref) in names and ref not in self.entries and ref not in self.gone
        ]

    def _is_recent(self, ref: str) -> bool:
        """Whether an occurrence was to start where anybody still looks."""
        return (original_of(ref) or "") >= self._since

    def _confirm(self, ref: str, *, keep_holes: bool) -> None:
        found = self._seen(ref)
        if found is None or (found.cancelled and not keep_holes):
            self._forget(ref)
        else:
            self._put(found)

    def _put(self, entry: Entry) -> None:
        self.entries[entry.ref] = entry
        self._told.setdefault(family_of(entry.series or entry.ref), {})[entry.ref] = None

    def _told_of(self, ref: str) -> list[str]:
        """What this delta tells of the family of ``ref``."""
        return [told for told in self._told.get(family_of(ref), ()) if told in self.entries]

    def _forget(self, ref: str) -> None:
        self.entries.pop(ref, None)
        self.gone[ref] = None

    def _seen(self, ref: str) -> Entry | None:
        self._looks += 1
        if self._looks > MOST_LOOKS:
            raise Resync("too much changed at once; a whole listing costs less")
        return self._look(ref)

    def _family(self, ref: str) -> dict[str, str]:
        family = family_of(ref)
        if family not in self._families:
            known = self._known(family)
            self._families[family] = {ref: etag for ref, etag in known.items() if family_of(ref) == family}
        return self._families[family]
