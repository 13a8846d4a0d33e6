"""From what there is to tell to one message: discreet by default, so that a glance at a locked phone tells nothing.

A discreet message never contains interview, job, recruiter, candidate, reply, a company, a person or an event title.
Both kinds say where to act: the page if it is public, else the Drafts folder, else the command.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from calwatch.model.case import Urgency
from calwatch.notify.harmless import foreign
from calwatch.notify.texts import Texts, texts
from calwatch.notify.topics import ACCOUNT, ACT, DECIDE, FORBIDDEN, Detail, Item, Topic
from calwatch.ports import Notice

_NEAR = 6
"""Within so many days a weekday names the day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How the person wants to be told: wall times of ``zone`` (IANA), ``public_url`` only if the page has one."""

    detail: Detail
    zone: str
    language: str = "en"
    public_url: str = ""


def compose(items: Sequence[Item], wish: Wish, now: datetime) -> Notice:
    """One message about all ``items`` (at least one), the most urgent first."""
    if not items:
        raise ValueError("a message needs something to say")
    ranked = sorted(items, key=lambda i: (-list(Urgency).index(i.urgency), i.start is None, i.start or now))
    told = [_told(item, wish, now) for item in ranked]
    urgent = any(item.urgency is Urgency.NOW and item.topic in DECIDE for item in items)
    where = _where(ranked, wish)
    if len(told) == 1:
        ((title, rest),) = told
        return Notice(title=title, body=" ".join(filter(None, (rest, where))), urgent=urgent)
    lines = [f"{title}{'.' if wish.detail == 'discreet' else ':'} {rest}" if rest else title for title, rest in told]
    title = texts(wish.language).words["several"].format(n=len(lines))
    return Notice(title=title, body="\n".join(filter(None, (*lines, where))), urgent=urgent)


def probe(language: str) -> Notice:
    """What ``check --notify`` sends; it says nothing about anything."""
    title, body = texts(language).words["test"]
    return Notice(title=title, body=body)


def when(start: datetime, *, zone: str, now: datetime, language: str = "en") -> str:
    """``Thu 14:00`` within six days, else ``Thu 30 Apr 14:00``; wall time in ``zone``."""
    dates = texts(language).dates
    local, today = start.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone)).date()
    near = 0 <= (local.date() - today).days <= _NEAR
    return str(
        dates["near" if near else "far"].format(
            day=dates["days"][local.weekday()],
            date=local.day,
            month=dates["months"][local.month - 1],
            clock=f"{local:%H:%M}",
        )
    )


def _told(item: Item, wish: Wish, now: datetime) -> tuple[str, str]:
    """A title and what follows it."""
    said = texts(wish.language)
    if item.topic is Topic.WELCOME:
        return _welcome(item, said), ""
    moments = {
        name: when(moment, zone=wish.zone, now=now, language=wish.language) if moment else said.words["something"]
        for name, moment in (("when", item.start), ("at", item.at))
    }
    if wish.detail == "discreet":
        title, rest = said.discreet[item.topic]
        return title.format(**moments), rest.format(**moments)
    text = said.full["call-unknown" if item.topic is Topic.CALL and not item.phone else item.topic]
    reason = foreign(item.text, 200).rstrip(".") or said.words["no_reason"]
    account = foreign(item.account, 40)
    body = text.format(
        **moments,
        situation=said.situation[item.situation] if item.situation else said.words["something"],
        text=reason,
        person=foreign(item.person, 60),
        phone=foreign(item.phone, 30),
        account=account,
    )
    return _heading(item, moments["when"], said, account), body[:1].upper() + body[1:]


def _welcome(item: Item, said: Texts) -> str:
    """The numbers of the first look; discreet in either detail."""
    found = said.welcome["found_one" if item.found == 1 else "found_many"].format(n=item.found)
    need = {0: "need_none", 1: "need_one"}.get(item.need, "need_many")
    return f"{found}, {said.welcome[need].format(n=item.need)}"


def _heading(item: Item, moment: str, said: Texts, account: str) -> str:
    if item.topic in ACCOUNT:
        return str(said.words["account"]).format(account=account)
    title, company = foreign(item.title, 80), foreign(item.company, 60)
    name = title if not company or company in title else f"{title} ({company})" if title else company
    return ", ".join(filter(None, (moment if item.start else "", name))) or moment


def _where(items: Sequence[Item], wish: Wish) -> str:
    """Where to act. Never a loopback link: on another device it would lead nowhere, and it would name the page."""
    where, page = texts(wish.language).where, wish.public_url.rstrip("/")
    if any(item.topic is Topic.WELCOME and item.need for item in items):
        return page or where["more"]
    about = [item for item in items if item.topic in ACT]
    numbers = sorted({item.number for item in about if item.number is not None})
    only = len({item.number for item in about}) == 1
    if not about:
        return ""
    if page:
        return f"{page}/d/{numbers[0]}" if only and numbers else page
    if only and (not numbers or any(item.topic is Topic.UNSURE for item in about)):
        return where["questions"]
    if all(item.topic in DECIDE - {Topic.CALL} and item.account for item in about):
        return _drafts(sorted({item.account for item in about}), wish)
    if only:
        return where["show"].format(number=numbers[0])
    return where["list" if all(item.topic in DECIDE and item.number for item in about) else "status"]


def _drafts(accounts: Sequence[str], wish: Wish) -> str:
    said = texts(wish.language)
    if wish.detail == "discreet" and any(word in name.lower() for word in FORBIDDEN for name in accounts):
        return said.where["some_drafts"]
    joined = f" {said.words['and']} ".join(foreign(name, 40) for name in accounts)
    return said.where["drafts"].format(accounts=joined)
