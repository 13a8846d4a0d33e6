"""One draft: what happened, the days around it, the letter to change, and the decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import abort, g, render_template, request
from werkzeug.wrappers import Response

from calwatch.approve.binding import objection
from calwatch.model.booking import Booking
from calwatch.model.case import DraftState, Intent, RequestKind, Situation
from calwatch.model.draft import Draft, Finding, Level, ZoneGuess
from calwatch.model.plain import one_line
from calwatch.model.span import Span
from calwatch.model.workdays import urgency
from calwatch.store import overview
from calwatch.web.pages import blueprint, posting
from calwatch.web.pages.home import meaning
from calwatch.web.pages.picture import picture
from calwatch.web.pages.questions import asked

DISMISSALS = ("handled", "cover", "not-interview", "later")
_UNDER_WAY = (DraftState.APPROVED, DraftState.SENDING, DraftState.SENT)


@dataclass(frozen=True, slots=True)
class Time:
    """One time to offer. ``value`` is what the form sends; ``badge`` its number in the picture, 0 for none."""

    value: str
    mine: str
    theirs: str
    offered: bool
    badge: int


@blueprint.get("/d/<int:number>")
def draft(number: int) -> str:
    site, tell = g.site, g.tell
    found: Draft = site.store.drafts.get(number)
    around = overview.around(site.store, found)
    case, about, letter = around.case, around.about, found.letter
    waiting = found.state is DraftState.WAITING
    return render_template(
        "draft.html",
        word=posting.taken(),
        draft=found,
        letter=letter,
        case=case,
        about=about,
        event=about.lead.event,
        unnamed=_unnamed(around),
        name=overview.name_of(about),
        title=one_line(about.lead.event.summary) or tell("frame.untitled"),
        urgency=urgency(case.start, found.respond_by, site.now(), site.zone),
        meaning=meaning(letter.intent, case),
        explanation=_explanation(letter.intent),
        others=[variant for variant in letter.variants if variant is not letter.intent],
        keep=waiting and case.situation is Situation.CONFLICT,
        times=_times(found),
        windows=any(slot.duration > about.span.duration for slot in letter.slots),
        picture=picture(found, around),
        blocks=_findings(found, Level.BLOCK),
        remarks=_findings(found, Level.WARN),
        steps=overview.steps(found, around.effects),
        cannot=_objection(found) if waiting else None,
        may_send=site.settings.replies.delivery == "send",
        token=posting.draft_token(found),
        dismissals=DISMISSALS if case.situation is Situation.CONFLICT else [d for d in DISMISSALS if d != "cover"],
        questions=asked(number),
        why=list(dict.fromkeys((*case.why[1:], *letter.why))),
        stands=overview.still_stands(site.store, case, site.now()) and found.state is DraftState.SENT,
        seconds=max(int((found.due_at - site.now()).total_seconds()) + 1, 0) if found.due_at is not None else 0,
        states=DraftState,
    )


def _unnamed(around: overview.Around) -> list[Booking]:
    """What is in the way and not yet named by the sentence that says what happened."""
    told = one_line(around.case.why[0]) if around.case.why else ""
    return [b for b in around.clashes if not b.event.summary or one_line(b.event.summary) not in told]


def _times(found: Draft) -> list[Time]:
    """Offered and other free times, in their order in time."""
    tell, letter = g.tell, found.letter
    numbers = {span: number for number, span in enumerate(letter.slots, 1)}
    return [
        Time(
            value=_named(span),
            mine=tell.stretch(span.start, span.end),
            theirs=_theirs(span, letter.recipient_timezone),
            offered=span in numbers,
            badge=numbers.get(span, 0),
        )
        for span in sorted({*letter.slots, *letter.alternatives})
    ]


def _theirs(span: Span, zone: ZoneGuess | None) -> str:
    """The same time as the recipient's clock shows it; "" when that is the person's own, or unknown."""
    if zone is None or zone.name == g.tell.zone:
        return ""
    return str(g.tell.elsewhere(span.start, span.end, zone.name))


def _named(span: Span) -> str:
    return f"{span.start.isoformat()}/{span.end.isoformat()}"


def _findings(found: Draft, level: Level) -> list[Finding]:
    return [finding for finding in found.letter.etiquette if finding.level is level]


def _objection(found: Draft) -> str | None:
    delivery = g.site.settings.replies.delivery
    return objection(found, now=g.site.now(), delivery=delivery, transmits=g.site.transmits(found.account))


def _explanation(intent: Intent) -> str:
    undo = _lasting(g.site.settings.approval.undo.of(intent))
    kind = intent.value if intent in (Intent.RESCHEDULE, Intent.WITHDRAW) else "other"
    return str(g.tell(f"explain.{kind}", undo=undo))


def _lasting(length: timedelta) -> str:
    seconds = int(length.total_seconds())
    if seconds % 60 or not seconds:
        return str(g.tell.count("explain.seconds", seconds))
    return str(g.tell.count("explain.minutes", seconds // 60))


# -- clicks ----------------------------------------------------------------------------------------------------------


@blueprint.post("/d/<int:number>/save")
def save(number: int) -> Response:
    """Keeps what was changed: words, times, recipients."""
    found = _shown(number)
    if found is not None and not _saved(found, "said.saved"):
        posting.leave("good", g.tell("said.unchanged"))
    return posting.back("draft", number=number, _anchor="letter")


@blueprint.post("/d/<int:number>/approve")
def approve(number: int) -> Response:
    """Approves exactly what was shown; what was changed on the page is only saved, to be read once more."""
    present: Draft = g.site.store.drafts.get(number)
    if present.state in _UNDER_WAY:
        return posting.back("draft", number=number)  # a second click
    found = _shown(number)
    if found is None:
        return posting.back("draft", number=number)
    if _saved(found, "said.saved_first"):
        return posting.back("draft", number=number, _anchor="letter")
    posting.ask(RequestKind.APPROVE, number, {"version": found.version, "hash": found.hash}, done="said.approved")
    return posting.back("draft", number=number)


@blueprint.post("/d/<int:number>/become")
def become(number: int) -> Response:
    """Writes the letter anew with the other intent."""
    found = _shown(number)
    intent = request.form.get("intent", "")
    if found is not None:
        if intent not in [variant.value for variant in found.letter.variants]:
            abort(400)
        posting.ask(RequestKind.EDIT, number, {"version": found.version, "intent": intent}, done="said.saved")
    return posting.back("draft", number=number, _anchor="letter")


@blueprint.post("/d/<int:number>/dismiss")
def dismiss(number: int) -> Response:
    """Puts it aside, with what that means."""
    because = request.form.get("because", "")
    if because not in ("keep", *DISMISSALS):
        abort(400)
    found = _shown(number)
    if found is not None:
        payload = {"version": found.version, "because": because}
        posting.ask(RequestKind.DISMISS, number, payload, done="said.dismissed")
    return posting.back("draft", number=number)


@blueprint.post("/d/<int:number>/undo")
def undo(number: int) -> Response:
    """Calls an approved letter back."""
    return _moved(number, RequestKind.UNDO, "said.undone")


@blueprint.post("/d/<int:number>/retry")
def retry(number: int) -> Response:
    """Makes a letter that could not be sent ready again."""
    return _moved(number, RequestKind.RETRY, "said.reopened")


@blueprint.post("/d/<int:number>/reopen")
def reopen(number: int) -> Response:
    """Brings back what was put aside."""
    return _moved(number, RequestKind.REOPEN, "said.reopened")


def _moved(number: int, kind: RequestKind, done: str) -> Response:
    if _shown(number) is not None:
        posting.ask(kind, number, {}, done=done)
    return posting.back("draft", number=number)


def _shown(number: int) -> Draft | None:
    """The draft as it was shown; ``None``, and a word about it, when it is not like that any more."""
    found: Draft = g.site.store.drafts.get(number)
    if posting.is_as_shown(found):
        return found
    posting.stale()
    return None


def _saved(found: Draft, done: str) -> bool:
    """Whether the form differs from what was shown; then that is asked for."""
    form, letter = request.form, found.letter
    payload: dict[str, object] = {}
    text = form.get("text")
    if text is not None and _lines(text) != _lines(letter.content.text):
        payload["body"] = "\n".join(_lines(text))
    to = [address.strip() for address in form.get("to", "").replace(";", ",").split(",") if address.strip()]
    if to and to != [person.email for person in letter.content.to]:
        payload["to"] = to
    if "times" in form or "has_times" in form:
        ticked = form.getlist("times")
        if set(ticked) != {_named(span) for span in letter.slots}:
            payload["times"] = ticked
    if not payload:
        return False
    posting.ask(RequestKind.EDIT, found.id, {**payload, "version": found.version}, done=done)
    return True


def _lines(text: str) -> list[str]:
    """Browsers send CRLF, and leave no trailing blanks alone."""
    return [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").strip().split("\n")]
