"""``run`` and ``demo``: the service in the foreground, one pass, a rehearsal, and the embedded world."""

from __future__ import annotations

import argparse
import gc
import shutil
import sys
from pathlib import Path

from calwatch import logs
from calwatch.cli import context, letter, out, words
from calwatch.model.case import DraftState, Situation
from calwatch.model.draft import Draft
from calwatch.model.plain import one_line
from calwatch.settings import Settings, load, verified
from calwatch.store.overview import around


def run(args: argparse.Namespace) -> int:
    """Watches until told to stop; or one pass; or one pass that leaves no trace."""
    from calwatch import daemon

    settings = verified(context.settings_of(args))
    logs.configure()
    gc.enable()  # off for short commands, see __main__
    if args.dry_run:
        return _rehearse(settings)
    return daemon.run(settings, once=args.once, dry_run=False, reread=lambda: verified(load(settings.source)))


def _rehearse(settings: Settings) -> int:
    """Decides on a copy of the store and shows the drafts that would be new; nothing of it remains."""
    from calwatch.daemon import rehearse
    from calwatch.wiring import rehearsal

    with context.reading(settings) as store:
        known = {(draft.id, draft.version) for draft in store.drafts.all()}
    with rehearsal(settings) as world:
        complete = rehearse(world)
        fresh = [d for d in world.store.drafts.open_drafts() if (d.id, d.version) not in known]
        for draft in fresh:
            out.say(letter.text(draft, *around(world.store, draft), settings.you.timezone))
            out.say()
        for name, health in world.pipeline.parts.health.items():
            if health.detail:
                out.remark(f"{name}: {health.detail}")
    new = "no new draft" if not fresh else "1 new draft" if len(fresh) == 1 else f"{len(fresh)} new drafts"
    out.say(f"Dry run: {new}; nothing was stored, drafted in a mailbox or sent.")
    return 0 if complete else 75


def demo(args: argparse.Namespace) -> int:
    """Builds the embedded world, runs one pass on it, and shows around."""
    from calwatch import daemon
    from calwatch.demo.world import build

    world = build(args.folder, context.now())
    settings = load(world.config, {"HOME": str(world.folder)})
    logs.configure("WARNING")
    code = daemon.run(settings, once=True, dry_run=False, reread=lambda: settings)
    _tour(settings, args.folder, serve=args.serve)
    if code == 0 and args.serve:
        logs.configure()
        gc.enable()
        code = daemon.run(settings, once=False, dry_run=False, reread=lambda: verified(load(world.config)))
    return code


def _tour(settings: Settings, folder: Path, *, serve: bool) -> None:
    zone = settings.you.timezone
    with context.reading(settings) as store:
        interviews = context.upcoming(store, settings, context.now())
        drafts = store.drafts.open_drafts()
        rows = [(draft, *around(store, draft)) for draft in drafts]
    out.say(f"The demo world is in {folder}: a calendar folder, a Maildir, a configuration, and calwatch's state.\n")
    out.say(f"calwatch found {len(interviews)} interviews ahead:")
    for interview in interviews:
        span, event = interview.span, interview.lead.event
        out.say(f"  {out.stretch(span.start, span.end, zone)}  {one_line(event.summary, 70)}")
    out.say(f"\n{len(drafts)} of them cannot take place as booked, and a reply is ready in Maildir/.Drafts:")
    for draft, case, about, _, _ in rows:
        to = ", ".join(p.email for p in draft.letter.content.to) or "nobody yet"
        company = about.recognition.company or about.lead.event.summary
        reply = words.reply(draft.letter.intent, case)
        out.say(f"  draft {draft.id}: {company}: {words.TROUBLE[case.situation]}; the reply: {reply}; to {to}")
    if rows:
        chosen = next((row for row in rows if row[1].situation is Situation.CONFLICT), rows[0])
        out.say("\nOne of them, whole:\n")
        out.say("\n".join(f"    {line}".rstrip() for line in letter.text(*chosen, zone).split("\n")))
    _next_steps(drafts, settings, serve=serve)


def _next_steps(drafts: list[Draft], settings: Settings, *, serve: bool) -> None:
    waiting = [draft.id for draft in drafts if draft.state is DraftState.WAITING]
    calwatch = f"{_program()} --config {_near(settings.source or Path())}"
    out.say(f"\nNothing was sent. Commands find this world with --config, or after: export {_variable(settings)}")
    out.say("Try next:")
    if serve:
        out.say(f"  {calwatch} open        (the approval page, from another terminal; the service goes on here)")
    else:
        out.say(f"  {calwatch} run         (watches on, and serves the approval page; Ctrl-C ends it)")
        out.say(f"  {calwatch} open        (opens that page, from another terminal)")
    if waiting:
        out.say(f"  {calwatch} show {waiting[-1]}")
        out.say(f"  {calwatch} approve {waiting[0]}        (only files the letter into Maildir/.Sent)")
        out.say(f"  {calwatch} history")
    out.say(f"  {calwatch} interviews")
    out.say(f"  {calwatch} slots --duration 45m")
    out.say(f"  {calwatch} status")


def _variable(settings: Settings) -> str:
    return f"CALWATCH_CONFIG={_near(settings.source or Path())}"


def _program() -> str:
    """How the person can call calwatch from where they are: plainly if it is on the PATH, else by its file."""
    beside, found = Path(sys.executable).with_name("calwatch"), shutil.which("calwatch")
    return "calwatch" if found is not None and Path(found).samefile(beside) else _near(beside)


def _near(path: Path) -> str:
    """``path`` as one would type it here."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
