"""The person's own entries that belong to an interview: cover blocks, preparation, travel. They are no conflicts."""

from __future__ import annotations

from datetime import timedelta

from calwatch.detect.view import Neighbour, View
from calwatch.detect.words import title_tokens, tokens_of
from calwatch.model.booking import Interview
from calwatch.model.event import Event
from calwatch.model.me import Me
from calwatch.model.span import Span
from calwatch.model.twins import has_title, normal_uid, title_words

_SLACK = timedelta(minutes=60)
_UNSURE_SLACK = timedelta(minutes=30)
_GRAZE = timedelta(minutes=15)


def is_own_entry(event: Event, me: Me) -> bool:
    """Whether nobody else is in it: no other attendee, and organised by the person or by nobody."""
    if event.busy_only or (event.organizer is not None and not me.owns(event.organizer.email)):
        return False
    return all(me.owns(attendee.person.email) for attendee in event.attendees)


def belongs_to(neighbour: Neighbour, interview: Interview, view: View) -> bool:
    """Whether ``neighbour`` is there because of ``interview``: named so by the person, or plainly their own entry for
    it.

    An entry of one's own counts when its title names the interview's company or contact, when it consists of nothing
    but preparation, interview and filler words, when it is travel that ends or begins around an interview in person,
    or when it is a nameless block laid around the interview with at most an hour to spare after the interview was
    booked.
    """
    event = neighbour.booking.event
    covers = {normal_uid(uid) for uid in view.covers}
    if normal_uid(event.uid) in covers:
        return True
    if neighbour.interview is not None or not is_own_entry(event, view.me):
        return False
    if not has_title(event):
        return _laid_around(neighbour, interview, view)
    if _names(event.summary, interview):
        return True
    return _is_preparation(event.summary) or _is_travel(event, interview)


def _names(title: str, interview: Interview) -> bool:
    """Whether a title contains the company's distinctive words, or the contact's full name."""
    words = title_words(title)
    known = [interview.recognition.company or ""]
    if interview.recognition.contact is not None:
        name = interview.recognition.contact.person.name
        known += [name] if len(name.split()) > 1 else []
    return any(title_words(text) and title_words(text) <= words for text in known)


def _only_of(title: str, *lists: frozenset[str]) -> bool:
    tokens = {token for token in title_tokens(title) if not token.isdigit()}
    return bool(tokens) and tokens <= frozenset().union(*lists)


def _is_preparation(title: str) -> bool:
    tokens = title_tokens(title)
    if tokens.isdisjoint(tokens_of("preparation")) and tokens.isdisjoint(tokens_of("interview")):
        return False
    return _only_of(title, tokens_of("preparation"), tokens_of("interview"), tokens_of("filler"))


def _is_travel(event: Event, interview: Interview) -> bool:
    tokens = title_tokens(event.summary)
    if tokens.isdisjoint(tokens_of("travel")):
        return False
    if not tokens.isdisjoint(tokens_of("interview")):
        return True
    if not interview.recognition.in_person:
        return False
    sessions = [booking.event.span for booking in interview.bookings]
    return all(_overlap(event.span, session) <= _GRAZE for session in sessions)


def _overlap(one: Span, other: Span) -> timedelta:
    return max(timedelta(0), min(one.end, other.end) - max(one.start, other.start))


def _laid_around(neighbour: Neighbour, interview: Interview, view: View) -> bool:
    block, span = neighbour.booking.event.span, interview.span
    if not block.contains(span) or neighbour.booking.event.all_day:
        return False
    later = view.came_later(neighbour)
    if later is False and neighbour.booking.event.created is not None:
        return False  # it was there before the interview
    slack = _SLACK if later else _UNSURE_SLACK
    return span.start - block.start <= slack and block.end - span.end <= slack
