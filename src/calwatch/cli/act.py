"""Commands that change something: edit, approve, undo, retry, reopen, dismiss, answer, cancel, reschedule, mark."""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from calwatch.cli import context, letter, out, shapes, words
from calwatch.cli.actor import Actor
from calwatch.errors import Rejected, UsageError
from calwatch.model.case import DraftState, Intent, RequestKind
from calwatch.model.draft import Draft
from calwatch.store.overview import around

_LARGEST_BODY = 100_000  # characters
_PATIENCE = 150.0  # seconds to send after the undo time, before the command reports where it stands


def approve(args: argparse.Namespace) -> int:
    """Shows exactly what will happen, asks, and binds the approval to that."""
    settings = context.settings_of(args)
    zone = settings.you.timezone
    with Actor(settings) as actor:
        store = actor.world.store
        draft = store.drafts.get(args.id)
        if args.bound is not None and args.bound != draft.version:
            raise Rejected(
                f"draft {draft.id} is version {draft.version} now, not {args.bound}; "
                f"look at it again: calwatch show {draft.id}"
            )
        if draft.state is not DraftState.WAITING:
            raise Rejected(f"draft {draft.id} is {draft.state.value}; only a waiting draft can be approved")
        shown = around(store, draft)
        if not args.json:
            out.say(letter.text(draft, *shown, zone))
        _refuse_blocked(draft)
        meaning = words.capital(words.choice(draft.letter.intent, shown[0]))
        if not args.yes and not _confirmed(f"{meaning}: approve? [y/N] "):
            out.remark("Not approved; nothing was sent.")
            return 1
        try:
            told = actor.ask(RequestKind.APPROVE, draft.id, {"version": draft.version, "hash": draft.hash})
        except KeyboardInterrupt:
            actor.call_back(draft.id)
            raise
        if not (actor.alone or args.wait):
            out.remark(told)
            draft = store.drafts.get(draft.id)
        else:  # which counts down, so that nothing need be said before
            undo = settings.approval.undo.of(draft.letter.intent).total_seconds()
            draft = actor.finish(draft.id, patience=undo + _PATIENCE)
        if args.json:
            out.document(shapes.draft(draft, *around(store, draft), zone=zone, now=context.now()))
        return _told(draft, asked_to_wait=actor.alone or args.wait)


def _refuse_blocked(draft: Draft) -> None:
    """What code can prove wrong stops it before the person is asked; the pipeline would refuse it anyway."""
    found = letter.blocks(draft)
    if found:
        listed = "\n".join(f"  {finding.text}" for finding in found)
        how = f"calwatch edit {draft.id}" + ("" if draft.letter.content.to else " --to ADDRESS")
        raise Rejected(f"draft {draft.id} cannot go out like this; change it with {how}:\n{listed}")


def _told(draft: Draft, *, asked_to_wait: bool) -> int:
    """Says how it ended, and gives the exit code of that."""
    if draft.state is DraftState.SENT:
        stands = " Until they answer, the old appointment stands." if draft.letter.intent is Intent.RESCHEDULE else ""
        out.remark(f"Draft {draft.id} is sent.{stands}")
        return 0
    if draft.state is DraftState.APPROVED and not asked_to_wait:
        return 0
    reason = f": {draft.notice}" if draft.notice else ""
    if draft.state is DraftState.WAITING:
        out.remark(f"Draft {draft.id} was not sent and waits again{reason}")
        return 5
    if draft.state is DraftState.UNSURE:
        out.remark(f"It is unknown whether draft {draft.id} was sent. Look into Sent, then see: calwatch questions")
        return 1
    if draft.state in (DraftState.APPROVED, DraftState.SENDING):
        out.remark(f"Draft {draft.id} is still {draft.state.value}{reason}; see: calwatch show {draft.id}")
        return 75
    out.remark(f"Draft {draft.id} is {draft.state.value}{reason}")
    return 1 if draft.state is DraftState.FAILED else 5


def undo(args: argparse.Namespace) -> int:
    """Calls an approved draft back."""
    return _request(args, RequestKind.UNDO, args.id, {})


def retry(args: argparse.Namespace) -> int:
    """Makes a failed draft ready again."""
    return _request(args, RequestKind.RETRY, args.id, {})


def reopen(args: argparse.Namespace) -> int:
    """Brings a dismissed draft back."""
    return _request(args, RequestKind.REOPEN, args.id, {})


def dismiss(args: argparse.Namespace) -> int:
    """Puts a draft aside."""
    return _request(args, RequestKind.DISMISS, args.id, {"because": args.because} if args.because else {})


def answer(args: argparse.Namespace) -> int:
    """Answers a question."""
    return _request(args, RequestKind.ANSWER, None, {"question": args.id, "value": args.value})


def mark(args: argparse.Namespace) -> int:
    """Keeps the person's word on what is an interview."""
    settings = context.settings_of(args)
    with Actor(settings) as actor:
        store, zone = actor.world.store, settings.you.timezone
        booking = context.find_booking(store, args.event, zone, prefer_interviews=args.mark == "not")
        out.say(actor.ask(RequestKind.MARK, None, {"booking": booking.id, "value": args.mark}))
    return 0


def cancel(args: argparse.Namespace) -> int:
    """Opens a case by hand that withdraws."""
    return _by_hand(args, Intent.WITHDRAW)


def reschedule(args: argparse.Namespace) -> int:
    """Opens a case by hand that asks for another time."""
    return _by_hand(args, Intent.RESCHEDULE)


def _by_hand(args: argparse.Namespace, intent: Intent) -> int:
    settings = context.settings_of(args)
    with Actor(settings) as actor:
        booking = context.find_booking(actor.world.store, args.event, settings.you.timezone)
        payload = {"booking": booking.id, "occasion": args.because, "intent": intent.value}
        out.say(actor.ask(RequestKind.OPEN_CASE, None, payload))
    return 0


def edit(args: argparse.Namespace) -> int:
    """Changes a draft by flags, or in the person's editor."""
    settings = context.settings_of(args)
    payload: dict[str, Any] = {}
    if args.to:
        payload["to"] = args.to
    if args.slots is not None:
        payload["slots"] = _numbers(args.slots)
    if args.intent:
        payload["intent"] = args.intent
    if args.body_file is not None:
        payload["body"] = _body(args.body_file)
    with context.reading(settings) as store:
        draft = store.drafts.get(args.id)
    payload["version"] = draft.version
    if len(payload) == 1:
        text = _edited(draft.letter.content.text)
        if text.strip() == draft.letter.content.text.strip():
            out.say("Nothing was changed.")
            return 0
        payload["body"] = text
    with Actor(settings) as actor:
        out.say(actor.ask(RequestKind.EDIT, args.id, payload))
        draft = actor.world.store.drafts.get(args.id)
    for finding in letter.blocks(draft):
        out.say(f"  must be changed: {finding.text}")
    out.say(f"Read it again: calwatch show {draft.id}")
    return 0


def _request(args: argparse.Namespace, kind: RequestKind, draft_id: int | None, payload: dict[str, Any]) -> int:
    with Actor(context.settings_of(args)) as actor:
        if draft_id is not None:
            actor.world.store.drafts.get(draft_id)  # NotFound before anything is asked
        out.say(actor.ask(kind, draft_id, payload))
    return 0


def _confirmed(question: str) -> bool:
    if not sys.stdin.isatty():
        raise UsageError("nobody is there to confirm; read the draft with `calwatch show`, then add --yes")
    print(question, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _numbers(text: str) -> list[int]:
    try:
        numbers = [int(part) for part in text.split(",")]
    except ValueError:
        raise UsageError(f"--slots: {text!r} is not a list of numbers; write --slots 1,3") from None
    if not numbers or len(numbers) > 20 or len(set(numbers)) != len(numbers):
        raise UsageError("--slots: name each time once, by its number as `calwatch show` lists it")
    return numbers


def _body(path: Path) -> str:
    try:
        text = sys.stdin.read(_LARGEST_BODY + 1) if str(path) == "-" else path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise UsageError(f"--body-file: {path} cannot be read ({reason})") from None
    if len(text) > _LARGEST_BODY:
        raise UsageError("--body-file: this is longer than any letter should be")
    if not text.strip():
        raise UsageError("--body-file: the text is empty")
    return text


def _edited(text: str) -> str:
    """``text`` after the person's editor has closed. The file is private and removed again."""
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not editor:
        raise UsageError("set $EDITOR, or give the change: --body-file, --to, --slots, --intent")
    with tempfile.TemporaryDirectory(prefix="calwatch-") as folder:
        path = Path(folder) / "draft.txt"
        path.write_text(text, encoding="utf-8")
        try:
            # The person's own editor, as they configured it, with a file name of ours.
            done = subprocess.run([*shlex.split(editor), str(path)], check=False)  # noqa: S603 - see above
        except OSError as error:
            raise UsageError(f"$EDITOR ({editor}) could not be started: {error.strerror}") from None
        if done.returncode:
            raise UsageError(f"$EDITOR ({editor}) ended with {done.returncode}; nothing was changed")
        return _body(path)
