"""Whatever strangers wrote, wherever it is kept, is text on every page, on one line, in its own direction."""

from __future__ import annotations

import re
import unicodedata

from builders import DANA, NOW, a_recognition, an_event, an_invitation
from calwatch.model.booking import Contact
from calwatch.model.case import DraftState, Situation
from calwatch.model.draft import Action, Draft, Finding, Level, PhoneCard, Recipient
from calwatch.model.event import Person
from calwatch.model.message import Content
from calwatch.pipeline.parts import AccountState, Health
from calwatch.web.sessions import Kind, accept, invite
from stories import a_case_in, a_draft_in, an_interview_in, put
from unit.web.test_pages_render import Document, a_full_letter, brought
from visits import Visit
from worlds import World

EVIL = (
    "\"'></title></textarea></select></svg><script>alert(1)</script><img src=x onerror=alert(2)>"
    "{{7*7}}\u202ex\x1b[2J\x00"
)
NAMED = Person("x@evil.example", f"Dana {EVIL}")
TURNING = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


def hostile(world: World, state: DraftState) -> Draft:
    """A draft about an interview of which strangers wrote every word there is."""
    event = an_invitation(summary=f"Interview {EVIL}", organizer=NAMED, location=EVIL, description=EVIL)
    (clash,) = put(world.store, an_event(event.start, 60, summary=EVIL))
    interview = an_interview_in(world.store, event)
    known = a_recognition(
        company=EVIL, contact=Contact(person=NAMED, evidence=EVIL), evidence=(EVIL, f"the title says {EVIL}")
    )
    world.store.bookings.set_recognition(interview.id, known)
    case = a_case_in(
        world.store,
        interview=interview,
        key=f"{state}",
        clashing_ids=(clash,),
        why=(f"it overlaps with “{EVIL}”", EVIL),
        situation=Situation.CONFLICT,
    )
    letter = a_full_letter(
        content=Content(
            to=(NAMED,), cc=(NAMED,), subject=f"Re: {EVIL}", text="</textarea><script>alert(3)</script>{{7*7}}"
        ),
        recipient=Recipient(to=(NAMED,), evidence=EVIL, in_reply_to=EVIL),
        phone=PhoneCard(EVIL, f"javascript:alert(1)//+1 555 {EVIL}", EVIL, "<script>", "<script>"),
        reschedule_link=f"javascript:alert(4)//{EVIL}",
        actions=(Action("send", EVIL),),
        etiquette=(Finding("x", Level.BLOCK, EVIL, EVIL), Finding("x", Level.WARN, EVIL, EVIL)),
        why=(EVIL,),
    )
    draft = a_draft_in(world.store, case, letter, notice=EVIL)
    world.store.questions.ask(
        "x",
        f"Is it {EVIL}?",
        ("dropped", "they-cancelled"),
        key=f"{state}",
        now=NOW,
        case_id=case.id,
        draft_id=draft.id,
    )
    return brought(world.store, draft, state)


def test_a_strangers_words_are_text_wherever_they_are_shown(visit: Visit, world: World) -> None:
    drafts = [hostile(world, state) for state in DraftState]
    world.store.quarantine.put(EVIL.replace("\x00", ""), EVIL, now=NOW)
    world.pipeline.parts.health["personal"] = Health(state=AccountState.ERROR, detail=EVIL)
    world.store.history.add(at=NOW, who=EVIL, kind="x", what=EVIL, draft_id=drafts[0].id, case_id=drafts[0].case_id)
    accept(world.store, NOW, Kind.LOOPBACK, invite(world.store, NOW, Kind.LOOPBACK), EVIL)
    paths = ["/", "/interviews", "/history", "/accounts", "/history?draft=1", *(f"/d/{one.id}" for one in drafts)]
    for path in paths:
        for language in ("en", "de"):
            text = visit.text(path, language=language)
            assert Document(text).wrong == [], path
            assert re.findall(r"<script[^>]*>", text) == [f'<script src="/k/{visit.key}/static/page.js" defer>']
            assert "<img" not in text
            assert [text[at - 160 : at + 5] for at, c in enumerate(text) if c in TURNING] == [], path
            assert [c for c in text if unicodedata.category(c) == "Cc" and c != "\n"] == [], path
            assert not re.search(r'(?:href|src|action|formaction)="(?!/k/|tel:|#)', text), path
        assert "&lt;script&gt;alert(1)" in text, path
        assert "{{7*7}}" in text, path


def test_a_strangers_words_are_text_for_who_is_not_let_in_as_well(visit: Visit, world: World) -> None:
    for path in ("/o/%3Cscript%3Ealert(1)%3C/script%3E", "/%3Cscript%3E", "/d/1%3Cscript%3E", "/static/%3Cscript%3E"):
        for base in ("", "https://calwatch.example.org"):
            answer = visit.ask(path, base=base, headers={"Accept-Language": "<script>", "User-Agent": "<script>"})
            assert "<script" not in answer.get_data(as_text=True)
    assert DANA.email not in visit.ask("/").get_data(as_text=True)
