"""What an answer to an invitation does, whoever gives it: to the event, to its organizer, and to the mailbox."""

from __future__ import annotations

import copy

from calwatch.model.span import Span
from fakes.microsoft.calendar_books import Book, Books, Item, Reply
from fakes.microsoft.calendar_events import RESPONSES, event_of
from fakes.microsoft.calendar_times import NEVER, Json, ends, instant, stamp
from fakes.microsoft.call import Answer, ApiError, Call

WORDS = {
    "events.accept": "accepted",
    "events.tentativelyAccept": "tentativelyAccepted",
    "events.decline": "declined",
}
CANNOT = "Your request can't be completed. "


def respond(books: Books, call: Call) -> Answer:
    """accept, tentativelyAccept and decline, with every refusal; 202 and nothing else."""
    word = WORDS[call.operation]
    body = {name.casefold(): value for name, value in (call.body or {}).items()}
    unknown = body.keys() - {"comment", "sendresponse", *(() if word == "accepted" else ("proposednewtime",))}
    if unknown:
        name = sorted(unknown)[0]
        raise ApiError(400, "ErrorInvalidRequest", f"The parameter '{name}' in the request payload is not valid.")
    book, item = books.locate(call.path_ids["event"])
    comment, proposal, send = body.get("comment"), body.get("proposednewtime"), body.get("sendresponse", True)
    _refuse(books, item, comment, proposal, send=send)
    answer(books, book, item, word, comment=comment or "", proposal=proposal, send=send)
    return Answer(202)


def _refuse(books: Books, item: Item, comment: object, proposal: object, *, send: bool) -> None:
    raw = item.raw
    if raw.get("isOrganizer"):
        refused = "You can't respond to this meeting because you're the meeting organizer."
        raise _cannot(books, "ErrorInvalidRequest", refused)
    if comment is not None and not send:
        raise ApiError(400, "ErrorInvalidParameter", "'SendResponse' must be true when 'Comment' is not null")
    if proposal is not None and not send:
        message = "'SendResponse' must be true when 'ProposedNewTime' is not null"
        raise ApiError(400, "ErrorInvalidParameter", message)
    if proposal is not None and not raw.get("allowNewTimeProposals", True):
        message = "The organizer of this meeting does not allow new time proposals."
        raise ApiError(400, "ErrorInvalidParameter", message)
    if send and not raw.get("responseRequested", True):
        raise _cannot(books, "ErrorInvalidRequest", "The meeting organizer hasn't requested a response.")
    if raw.get("isCancelled") and books.refuses_cancelled:
        raise _cannot(books, "ErrorInvalidRequest", "You can't respond to this meeting because it's been canceled.")
    if ends(raw) <= books.clock.now() and books.refuses_past:
        raise _cannot(books, "ErrorInvalidRequest", "You can't respond to a meeting that has already ended.")


def _cannot(books: Books, code: str, why: str) -> ApiError:
    message = CANNOT + why
    return ApiError(400, code, message.replace("'", "\u2019") if books.curly_apostrophe else message)


def answer(
    books: Books,
    book: Book,
    item: Item,
    word: str,
    *,
    comment: str = "",
    proposal: Json | None = None,
    send: bool = True,
) -> Item | None:
    """The person's answer takes effect; what is left of the event, if anything is."""
    organizer = str((item.raw.get("organizer") or {}).get("emailAddress", {}).get("address", ""))
    books.replies.append(Reply(item.ids.immutable, organizer, word, comment, proposal, send))
    if books.mail is not None:
        offered = Span(instant(proposal["start"]), instant(proposal["end"])) if proposal else None
        books.mail.answered(event_of(item), RESPONSES[word], told=send, comment=comment, proposal=offered)
    if word == "declined" and not books.preserve_declined:
        vanish(books, book, item)
        return None
    for key, raw in item.entry.exceptions.items() if item.type == "seriesMaster" else ():
        item.entry.exceptions[key] = answered(books, raw, word)
    return books.write(book, item, answered(books, item.raw, word))


def answered(books: Books, raw: Json, word: str) -> Json:
    """An attendee's copy with an answer: what it blocks follows from it."""
    shows = {"accepted": raw.get("_wanted", "busy"), "declined": "free"}.get(word, "tentative")
    time = NEVER if word == "notResponded" else stamp(books.clock.now())
    return {**copy.deepcopy(raw), "responseStatus": {"response": word, "time": time}, "showAs": shows}


def vanish(books: Books, book: Book, item: Item) -> None:
    """Out of the calendar, but the organizer's next update brings it back."""
    if item.alone:
        books.away[item.ids.immutable] = (book.id, item.entry)
    books.take_out(book, item)
