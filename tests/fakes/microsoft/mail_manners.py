"""How this Outlook's mail behaves where real ones differ, where nobody knows, and where they are known to misbehave."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from fakes.microsoft.calendar_manners import Lost


@dataclass(kw_only=True)
class MailManners:
    """Every switch of the fake's mail; the questions (Q…) are those that no document answers.

    Of lists: ``page_size`` bounds every page, ``empty_pages`` begins paged lists with an empty one. ``search_lag``:
    seconds until ``$search`` knows of a mail.

    Of deltas: ``duplicates``: what comes comes twice, an older state first; ``replays``: a round repeats the last one;
    ``spurious_removed``: it also names an id nobody has seen; ``short_read_changes``: of a mail that was only marked
    as read nothing but that is told; ``lost`` (Q10): how a dead link is answered; ``silent``: changes of these mails
    are not told at all.

    Of replies: ``reply_keeps_properties`` (Q7): whether createReply takes extended properties; ``reply_marks_read``
    (Q11), createReplyAll always does; ``language`` of the mailbox, for "RE:" and the lines above a quote.

    Of sending: ``keeps_immutable_id`` (Q1); ``replaces_message_id``; ``keeps_properties``; the copy shows after
    ``lag_seconds`` or ``lag_calls`` further requests, whichever is first; until then the mail is ``while_leaving``.

    Of meetings: ``answer_leaves_inbox`` (Q4): the request goes to Deleted Items when it is answered; ``spelling`` of
    tentatively accepted; ``missing_event``: how an expansion without an event looks; ``all_day_as_times``: messages
    about whole days have times.

    Of mails: ``plain``: others write plain text only; ``name_is_address``: whoever has no name is called by the
    address; ``null_fields`` and ``left_out``: properties shown as null or not at all; ``unknown_enums``.
    """

    page_size: int = 1000
    empty_pages: bool = False
    search_lag: float = 60.0
    duplicates: bool = False
    replays: bool = False
    spurious_removed: bool = False
    short_read_changes: bool = True
    lost: Lost = Lost.GONE_THERE
    silent: set[str] = field(default_factory=set)
    reply_keeps_properties: bool = True
    reply_marks_read: bool = False
    language: Literal["en", "de"] = "en"
    keeps_immutable_id: bool = False
    replaces_message_id: bool = False
    keeps_properties: bool = True
    lag_seconds: float = 30.0
    lag_calls: int = 3
    while_leaving: Literal["gone", "outbox"] = "gone"
    answer_leaves_inbox: bool = False
    spelling: Literal["meetingTenativelyAccepted", "meetingTentativelyAccepted"] = "meetingTenativelyAccepted"
    missing_event: Literal["absent", "empty", "null"] = "absent"
    all_day_as_times: bool = False
    plain: bool = False
    name_is_address: bool = True
    null_fields: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()
    unknown_enums: bool = False
