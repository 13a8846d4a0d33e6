"""The collections of one of Google's APIs, each made once: googleapiclient makes them anew at every call.

``calendar.events()`` costs more than a millisecond each time, for it writes a function per method of the API; a poll
asks for a few of them, day and night.
"""

from __future__ import annotations

from typing import Any


class Collections:
    """Stands for a googleapiclient resource: its collections are kept, its methods are its own."""

    def __init__(self, resource: Any) -> None:
        self._resource = resource

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._resource, name)
        if getattr(found, "__is_resource__", False):
            kept = Collections(found())

            def found() -> Collections:
                return kept

        setattr(self, name, found)
        return found
