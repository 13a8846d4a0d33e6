"""What Gmail keeps no trace of: which draft belongs to which of our keys, and which drafts lay there before it.

One small file per account, written before anything is created, so that a creation whose answer got lost is recognised
after a crash. It holds ids and addresses, no words of any letter.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from threading import Lock
from typing import Any

from calwatch.errors import Retry
from calwatch.ports import Clock
from calwatch.providers.durable import write_whole

log = logging.getLogger(__name__)

KEPT = timedelta(days=200)
_MOST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One key. ``before`` are draft ids of others, ``draft`` is empty while a creation is in doubt.

    ``written`` is a hash of the words we wrote last, ``created`` Gmail's moment of the first storing in whole seconds,
    ``sent`` the id of the sent mail once known, ``noted`` when this note was made, ``tried`` when a creation went out
    that nobody has heard of since.
    """

    before: tuple[str, ...] = ()
    thread: str = ""
    recipients: tuple[str, ...] = ()
    written: str = ""
    draft: str = ""
    created: int = 0
    sent: str = ""
    noted: int = 0
    tried: int = 0


class Notes:
    """The file; read once, written whole at every change."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._lock = Lock()
        self._known: dict[str, Note] | None = None

    def of(self, key: str) -> Note | None:
        with self._lock:
            return self._all().get(key)

    def key_of(self, draft: str) -> str:
        """The key whose draft this is, ``""`` for none of ours."""
        with self._lock:
            return next((key for key, note in self._all().items() if draft and note.draft == draft), "")

    def others(self, key: str) -> frozenset[str]:
        """The ids of drafts and sent mails that belong to another key than this one."""
        with self._lock:
            notes = [note for other, note in self._all().items() if other != key]
        return frozenset({note.draft for note in notes} | {note.sent for note in notes}) - {""}

    def put(self, key: str, note: Note) -> None:
        """Writes it down for good. Raises ``Retry`` when the disk does not take it: then nothing may be created."""
        with self._lock:
            now = self._clock.now()
            notes = self._all() | {key: replace(note, noted=int(now.timestamp()))}
            newest = sorted(notes.items(), key=lambda entry: entry[1].noted)[-_MOST:]
            oldest = (now - KEPT).timestamp()
            kept = {k: n for k, n in newest if n.noted >= oldest}
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                write_whole(self._path, json.dumps({k: _plain(n) for k, n in kept.items()}).encode())
            except OSError as error:
                raise Retry(f"{self._path} could not be written: {error.strerror or error}") from error
            self._known = kept

    def _all(self) -> dict[str, Note]:
        if self._known is None:
            self._known = self._read()
        return self._known

    def _read(self) -> dict[str, Note]:
        try:
            data = json.loads(self._path.read_bytes())
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise Retry(f"{self._path} could not be read: {error.strerror or error}") from error
        except ValueError:
            log.warning("%s is damaged and is begun anew; drafts stored before may be stored twice", self._path)
            return {}
        given = data.items() if isinstance(data, dict) else ()
        return {key: _note(value) for key, value in given if isinstance(value, dict)}


def _plain(note: Note) -> dict[str, Any]:
    return {name: value for name, value in asdict(note).items() if value}


def _note(value: Mapping[str, Any]) -> Note:
    def words(name: str) -> tuple[str, ...]:
        found = value.get(name)
        return tuple(entry for entry in found if isinstance(entry, str)) if isinstance(found, list) else ()

    def word(name: str) -> str:
        found = value.get(name)
        return found if isinstance(found, str) else ""

    def number(name: str) -> int:
        found = value.get(name)
        return found if isinstance(found, int) else 0

    return Note(
        before=words("before"),
        thread=word("thread"),
        recipients=words("recipients"),
        written=word("written"),
        draft=word("draft"),
        created=number("created"),
        sent=word("sent"),
        noted=number("noted"),
        tried=number("tried"),
    )
