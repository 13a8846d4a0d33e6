"""Commands that only look: interviews, drafts, show, questions, history, why, slots."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from calwatch.cli import context, letter, out, shapes, words
from calwatch.errors import NotFound, UsageError
from calwatch.model.booking import Interview
from calwatch.model.case import DraftState
from calwatch.model.duration import parse_duration
from calwatch.model.ledger import HistoryEntry, Question
from calwatch.model.plain import one_line
from calwatch.settings import verified
from calwatch.store.overview import around, case_interview, interview_of, name_of

if TYPE_CHECKING:
    from calwatch.store import Store


def interviews(args: argparse.Namespace) -> int:
    """Upcoming interviews with company, stage, contact, evidence."""
    settings = context.settings_of(args)
    zone = settings.you.timezone
    with context.reading(settings) as store:
        found = context.upcoming(store, settings, context.now())
    if args.json:
        out.document([shapes.interview_listed(i, zone) for i in found])
        return 0
    if not found:
        out.say("No interviews ahead.")
        return 0
    rows = []
    for i in found:
        known = i.recognition
        contact = str(known.contact.person) if known.contact is not None else "–"
        when = out.stretch(i.span.start, i.span.end, zone)
        event, stage = i.lead.event, words.stage(known.stage)
        answer = words.ANSWER[event.response]
        rows.append((str(i.id), when, event.summary, known.company or "–", stage, contact, answer))
    out.table(("id", "when", "title", "company", "stage", "contact", "your answer"), rows)
    out.say("`calwatch why ID` tells how calwatch knows.")
    return 0


def drafts(args: argparse.Namespace) -> int:
    """Open drafts, or all, the most urgent first."""
    settings = context.settings_of(args)
    zone = settings.you.timezone
    with context.reading(settings) as store:
        found = store.drafts.all() if args.all else store.drafts.open_drafts()
        rows = [(draft, *around(store, draft)) for draft in found]
    rows.sort(key=lambda row: (row[0].respond_by, row[0].id))
    if args.json:
        moment = context.now()
        out.document([shapes.draft(*row, zone=zone, now=moment) for row in rows])
        return 0
    if not rows:
        out.say("No drafts." if args.all else "No open drafts; nothing needs you.")
        return 0
    out.table(
        ("id", "when", "company", "trouble", "reply", "best by", "state"),
        [
            (
                str(draft.id),
                out.wall(case.start, zone),
                name_of(about),
                words.TROUBLE[case.situation],
                words.reply(draft.letter.intent, case),
                out.deadline(draft.respond_by, zone) if draft.state is DraftState.WAITING else "–",
                draft.state.value,
            )
            for draft, case, about, _, _ in rows
        ],
    )
    out.say("`calwatch show ID` shows one whole; `calwatch approve ID` sends it after asking.")
    return 0


def show(args: argparse.Namespace) -> int:
    """One draft, whole."""
    settings = context.settings_of(args)
    zone = settings.you.timezone
    with context.reading(settings) as store:
        draft = store.drafts.get(args.id)
        found = around(store, draft)
    if args.json:
        out.document(shapes.draft(draft, *found, zone=zone, now=context.now()))
    else:
        out.say(letter.text(draft, *found, zone))
    return 0


def questions(args: argparse.Namespace) -> int:
    """Open questions with their choices."""
    settings = context.settings_of(args)
    zone = settings.you.timezone
    with context.reading(settings) as store:
        rows = [(q, interview_of(store, q.case_id)) for q in store.questions.open_questions()]
    if args.json:
        out.document([shapes.question(q, about, zone) for q, about in rows])
        return 0
    for q, about in rows:
        ask(q, about, zone)
    if not rows:
        out.say("No questions.")
    return 0


def history(args: argparse.Namespace) -> int:
    """The audit trail, newest last."""
    settings = context.settings_of(args)
    zone = settings.you.timezone
    with context.reading(settings) as store:
        if args.id is None:
            found = store.history.all()
        else:
            store.drafts.get(args.id)
            found = store.history.of_draft(args.id)
        names = _case_names(store, found) if not args.json else {}
    found = sorted(found, key=lambda entry: (entry.at, entry.id))
    if args.json:
        out.document([shapes.history(entry, zone) for entry in found])
        return 0
    rows = [
        (
            (shapes.moment(entry.at, zone) or "")[:19].replace("T", " "),
            entry.who,
            _about_entry(entry, names),
            entry.what,
        )
        for entry in found
    ]
    if rows:
        out.table(("when", "who", "about", "what"), rows)
    else:
        out.say("Nothing has happened yet.")
    return 0


def why(args: argparse.Namespace) -> int:
    """Why an event is or is not an interview, and why there is or is not a draft."""
    from calwatch.wiring import open_world

    settings = context.settings_of(args)
    zone = settings.you.timezone
    with closing(open_world(settings, read_only=True)) as world:
        booking = context.find_booking(world.store, args.event, zone)
        told = world.pipeline.why(booking.id)
    event = booking.event
    if args.json:
        when = {"start": shapes.moment(event.start, zone), "end": shapes.moment(event.end, zone)}
        out.document({"id": booking.id, "uid": event.uid, "title": event.summary, **when, "why": list(told)})
        return 0
    out.say(f"{booking.id}  {one_line(event.summary) or 'busy'}, {out.stretch(event.start, event.end, zone)}")
    for line in told:
        out.say(f"  {words.capital(one_line(line, 500))}")
    return 0


def slots(args: argparse.Namespace) -> int:
    """The times it would offer now."""
    from calwatch.cli.actor import Actor
    from calwatch.wiring import open_world

    settings = verified(context.settings_of(args))
    zone = settings.you.timezone
    try:
        duration: timedelta = parse_duration(args.duration)
    except ValueError as error:
        raise UsageError(f"--duration: {error}") from None
    if not timedelta(minutes=5) <= duration <= timedelta(hours=12):
        raise UsageError("--duration: an appointment is 5m to 12h long")
    if args.count is not None and not 1 <= args.count <= 50:
        raise UsageError("--count: 1 to 50 times")
    if context.service_runs(settings):
        with closing(open_world(settings, read_only=True)) as world:
            offer = world.pipeline.slots(duration, args.count)
    else:
        with Actor(settings) as actor:  # nobody keeps the calendars fresh, so this command reads them itself
            actor.world.pipeline.pull_all()
            offer = actor.world.pipeline.slots(duration, args.count)
    if args.json:
        document = {"slots": shapes.spans(offer.slots, zone), "alternatives": shapes.spans(offer.alternatives, zone)}
        out.document({**document, "windows": offer.windows, "why": list(offer.why)})
        return 0
    for span in offer.slots:
        out.say(out.stretch(span.start, span.end, zone))
    for line in offer.why:
        out.remark(one_line(line, 300))
    if not offer.slots and not offer.why:
        out.say("No free time within the limits of [slots].")
    return 0


def _case_names(store: Store, entries: Sequence[HistoryEntry]) -> dict[int, str]:
    """What each case is about; a case that is no longer kept has no name."""
    names = {}
    for number in {entry.case_id for entry in entries if entry.case_id}:
        with suppress(NotFound):
            names[number] = name_of(case_interview(store, store.cases.get(number)))
    return names


def _about_entry(entry: HistoryEntry, names: Mapping[int, str]) -> str:
    """``draft 12, Acme``."""
    number = f"draft {entry.draft_id}" if entry.draft_id else f"case {entry.case_id}" if entry.case_id else ""
    return ", ".join(part for part in (number, names.get(entry.case_id or 0, "")) if part)


def ask(question: Question, about: Interview | None, zone: str) -> None:
    """One question: what it is about, the question, and how to answer."""
    out.say(f"Question {question.id}: {one_line(question.text, 500)}")
    title = one_line(about.lead.event.summary) if about is not None else ""
    if about is not None and (not title or title not in question.text):
        out.say(f"  about: {title or name_of(about)}, {out.stretch(about.span.start, about.span.end, zone)}")
    out.say("  " + "   or   ".join(f"calwatch answer {question.id} {choice}" for choice in question.choices))
