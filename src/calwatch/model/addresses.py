"""What a mail address tells by itself: whether anybody reads it, and which organisation it belongs to."""

from __future__ import annotations

import re
from functools import lru_cache

_ADDRESS = re.compile(
    r"[^\s@<>\"(),:;\[\]\\\x00-\x1f\x7f]{1,64}@[a-z0-9\u0080-\uffff](?:[a-z0-9.\u0080-\uffff-]{0,252})"
)

# Whole words of the local part, after '.', '_', '-' and '+' became spaces and before they are dropped.
_NOBODY = re.compile(
    r"(?:^|\W)(?:no ?repl(?:y|ies)|(?:do ?not|dont|dnt|never|cannot) ?reply|not ?monitored|unmonitored|unattended|"
    r"auto ?(?:reply|responder|mailer|matic|mated|notify|confirm|generated)|autom(?:ated|atic|atico|ation)|"
    r"mailer ?daemon|postmaster|bounces?|return ?path|undeliverable|devnull|dev ?null|blackhole|"
    r"unknown ?organi[sz]er|calendar ?(?:notifications?|server|invites?|sync|bot|system)|"
    r"notifications?|notify|notifier|notices?|alerts?|reminders?|mailer|workflow|system|robot|bot|daemon|"
    r"keine ?antwort(?:en)?|nicht ?antworten|bitte ?nicht ?antworten|ne ?pas ?repondre|nepasrepondre|sans ?reponse|"
    r"no ?(?:responder|contestar|responda|conteste)|nao ?respond(?:a|er)|"
    r"non ?rispond(?:ere|i)|niet ?(?:be)?antwoorden|geen ?(?:antwoord|reply)|svar ?ikke|inte ?svara|ej ?svara)(?:\W|$)"
)
_SEPARATORS = re.compile(r"[._+\-=]+")

_CALENDAR_DOMAINS = (
    "calendar.google.com",  # group., resource., import. and their v. relatives: ids of calendars, not mailboxes
    "myworkday.com",
    "myworkdaysite.com",
    "calendar.yahoo.com",
    "calendar.live.com",
    "calendar.zoho.com",
    "imip.me.com",
    "bounces.google.com",
)
_LIST_DOMAINS = ("googlegroups.com", "groups.io", "groups.outlook.com", "listserv.net")
_LIST_LABELS = frozenset({"lists", "list", "listserv", "groups", "mailman", "resource", "rooms"})
_LIST_LOCALS = re.compile(
    r"^(?:all|everyone|all ?staff|all ?hands|staff ?all|everybody|.{1,60} list|list .{1,60}|.{1,60} all)$"
)
_ROOM_LOCALS = re.compile(
    r"^(?:(?:meeting|conference|conf|board|interview|sitzungs|besprechungs|meet) ?(?:rooms?|raum)|rooms?|"
    r"raum|salle|sala|zaal|resource|ressource|equipment|projector)(?: .{0,60}|\d{0,6})?$"
)

_FREEMAIL_TEXT = """
gmail.com googlemail.com outlook.com outlook.de outlook.fr outlook.es outlook.it hotmail.com hotmail.co.uk hotmail.de
hotmail.fr hotmail.es hotmail.it live.com live.de live.fr live.nl msn.com yahoo.com yahoo.co.uk yahoo.de yahoo.fr
yahoo.es yahoo.it yahoo.com.br ymail.com icloud.com me.com mac.com aol.com gmx.de gmx.net gmx.at gmx.ch gmx.com web.de
t-online.de freenet.de posteo.de posteo.net mailbox.org proton.me protonmail.com pm.me tutanota.com tuta.io
fastmail.com fastmail.fm hey.com zoho.com mail.com mail.ru yandex.ru yandex.com orange.fr free.fr laposte.net
wanadoo.fr sfr.fr libero.it virgilio.it tiscali.it alice.it uol.com.br bol.com.br terra.com.br sapo.pt ziggo.nl
kpnmail.nl xs4all.nl planet.nl telenet.be skynet.be bluewin.ch qq.com 163.com 126.com naver.com comcast.net
verizon.net att.net sbcglobal.net cox.net btinternet.com virginmedia.com sky.com
"""
_SECOND_LEVEL_TEXT = "co com org net ac gov edu or ne gob gouv nom mil sch ltd plc me go gv ed asso k12 nhs"
_FREEMAIL = frozenset(_FREEMAIL_TEXT.split())
_FREEMAIL_LABELS = frozenset({"mail", "email", "webmail", "freemail", "mailbox", "postfach", "inbox"})
_SECOND_LEVEL = frozenset(_SECOND_LEVEL_TEXT.split())


def is_unreadable(address: str) -> bool:
    """Whether a mail to ``address`` reaches no person: no-reply, system, calendar, room, list, not an address.

    Reply-token relays of applicant tracking systems (``reply+token@…``) are readable: their answers reach people.
    """
    return _unreadable(address.strip().lower())


@lru_cache(maxsize=4096)
def _unreadable(address: str) -> bool:
    if len(address) > 254 or not _ADDRESS.fullmatch(address):
        return True
    local, _, domain = address.rpartition("@")
    if any(domain == known or domain.endswith("." + known) for known in (*_CALENDAR_DOMAINS, *_LIST_DOMAINS)):
        return True
    if not _LIST_LABELS.isdisjoint(domain.split(".")[:-2]):
        return True
    words = _SEPARATORS.sub(" ", local).strip()
    if _NOBODY.search(words) or _NOBODY.search(words.rstrip("0123456789 ")):
        return True
    return _LIST_LOCALS.match(words) is not None or _ROOM_LOCALS.match(words) is not None


def plain_address(text: str) -> str | None:
    """The one bare mail address ``text`` is, lower-case; ``None`` for anything else, headers and lists included."""
    address = text.strip().strip("<>").lower()
    return address if _ADDRESS.fullmatch(address) else None


@lru_cache(maxsize=4096)
def domain_of(address: str) -> str:
    """The lower-case domain of an address, ``""`` when it has none; a bare domain is its own."""
    text = address.strip().lower().rstrip(".>")
    _, _, domain = text.rpartition("@")
    return domain if "." in domain and " " not in domain else ""


@lru_cache(maxsize=4096)
def organisation_of(domain: str) -> str:
    """The registrable part of a domain (``mail.acme.co.uk`` → ``acme.co.uk``); a heuristic, without a suffix list."""
    labels = domain.strip().lower().strip(".").split(".")
    if len(labels) <= 2:
        return ".".join(labels)
    keep = 3 if len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL else 2
    return ".".join(labels[-keep:])


def is_freemail(address: str) -> bool:
    """Whether an address or domain belongs to a public mail service, where a shared domain means nothing."""
    domain = domain_of(address)
    return domain in _FREEMAIL or organisation_of(domain).split(".")[0] in _FREEMAIL_LABELS


def same_organisation(first: str, second: str) -> bool:
    """Whether two addresses belong to one organisation; at public mail services only the same address does."""
    one, two = domain_of(first), domain_of(second)
    if not one or not two:
        return False
    if is_freemail(one) or is_freemail(two):
        return without_tag(first) == without_tag(second)
    return organisation_of(one) == organisation_of(two)


@lru_cache(maxsize=4096)
def without_tag(address: str) -> str:
    """The address without the ``+tag`` of its local part, lower-case."""
    local, at, domain = address.strip().lower().rpartition("@")
    return f"{local.split('+', 1)[0] or local}{at}{domain}"
