"""How this Outlook behaves where real ones differ, where nobody knows, and where they are known to misbehave."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

ZoneNames = Literal["windows", "iana", "custom"]


class Lost(Enum):
    """The answers to a delta link that is no longer known: status, error code, whether a new URL is named."""

    GONE_THERE = (410, "SyncStateNotFound", True)
    GONE = (410, "syncStateNotFound", False)
    NOT_FOUND = (400, "SyncStateNotFound", False)
    INVALID = (400, "syncStateInvalid", False)
    RESYNC = (404, "resyncRequired", False)
    BARE = (400, "BadRequest", False)
    BARE_404 = (404, "ErrorItemNotFound", False)


@dataclass
class Manners:
    """Every switch of the fake's calendar; the questions are those that no document answers.

    Of the account: ``kind`` a personal or a work one; ``mail_null``: ``/me`` names no mail address; ``timezone_empty``;
    ``zone_names``: how ``originalStartTimeZone`` is written; ``alias``: the address by which a personal account
    names itself as organizer; ``preserve_declined``: declined meetings stay.

    Of lists: ``page_size`` bounds every page, ``empty_pages`` begins paged lists with an empty one.

    Of deltas: ``duplicates``: what changed comes twice, the old version first; ``replays``: a round repeats the last
    one; ``spurious_removed``: it also names an id nobody has seen; ``removed_for_out_of_window``: what changes outside
    the window is named as removed; ``omit_masters``; ``masters_first`` (Q12); ``removed_series``: which ids a deleted
    series leaves; ``per_calendar_delta`` (Q8); ``lost`` (Q10): how a dead link is answered.

    Of events: ``uid_per_occurrence`` (Q5); ``wraps_foreign_uids``; ``hide_attendees``; ``null_fields`` and
    ``left_out``: properties shown as null or not at all; ``cancel_prefix``; ``cancelled_is_free`` (Q2);
    ``returns_with_new_id`` (Q3): of a declined meeting its organizer updates; ``transactions_outlive``: the
    transactionId of a deleted event stays taken.

    Of answers: ``refuses_cancelled`` and ``refuses_past`` (Q6); ``curly_apostrophe``: how messages are typeset.

    Of taken time: ``own_schedule`` (Q9): a personal account may ask for its own.
    """

    kind: Literal["msa", "work"] = "msa"
    mail_null: bool = False
    timezone_empty: bool = False
    zone_names: ZoneNames = "windows"
    alias: str = ""
    preserve_declined: bool = False
    page_size: int = 1000
    empty_pages: bool = False
    repeats_long_series: bool = False  # a series longer than a page comes for ever, always with a new link
    duplicates: bool = False
    replays: bool = False
    spurious_removed: bool = False
    removed_for_out_of_window: bool = True
    omit_masters: bool = False
    masters_first: bool = True
    removed_series: Literal["all", "master"] = "all"
    per_calendar_delta: bool = True
    lost: Lost = Lost.GONE_THERE
    uid_per_occurrence: bool = True
    wraps_foreign_uids: bool = False
    hide_attendees: bool = False
    null_fields: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()
    cancel_prefix: str = "Canceled: "
    cancelled_is_free: bool = True
    returns_with_new_id: bool = True
    transactions_outlive: bool = True
    refuses_cancelled: bool = True
    refuses_past: bool = False
    curly_apostrophe: bool = False
    own_schedule: bool = False
    silent: set[tuple[str, int]] = field(default_factory=set)  # (id, change) no delta tells of
