"""The part of KQL that ``$search`` over mail is asked with here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from calwatch.model.event import Person
from fakes.microsoft import mail_html
from fakes.microsoft.call import ApiError
from fakes.microsoft.mail_items import Mail

Test = Callable[[Mail], bool]
_WORD = re.compile(r'\s*([()]|[a-z]+[:<>]=?"[^"]*"|"[^"]*"|[^\s()]+)', re.IGNORECASE)
_PEOPLE: dict[str, Callable[[Mail], Iterable[Person]]] = {
    "from": lambda mail: (mail.sender,),
    "to": lambda mail: mail.to,
    "cc": lambda mail: mail.cc,
    "bcc": lambda mail: mail.bcc,
    "recipients": lambda mail: (*mail.to, *mail.cc, *mail.bcc),
    "participants": lambda mail: (mail.sender, *mail.to, *mail.cc, *mail.bcc),
}


def understood(text: str) -> Test:
    """The test a search stands for; raises the 400 for what is not written as one."""
    whole = text.strip()
    if whole.startswith('"') and whole.endswith('"') and len(whole) > 1:
        whole = whole[1:-1].replace('\\"', '"')
    elif ":" in whole:
        raise ApiError(400, "BadRequest", f"Syntax error: character ':' is not valid at position {whole.index(':')}.")
    words = _WORD.findall(whole)
    if not words:
        raise ApiError(400, "BadRequest", "The search is empty.")
    return _either(words)


def _either(words: list[str]) -> Test:
    tests = [_both(words)]
    while words and words[0] == "OR":
        words.pop(0)
        tests.append(_both(words))
    return lambda mail: any(test(mail) for test in tests)


def _both(words: list[str]) -> Test:
    tests = [_one(words)]
    while words and words[0] not in ("OR", ")"):
        if words[0] == "AND":
            words.pop(0)
        tests.append(_one(words))
    return lambda mail: all(test(mail) for test in tests)


def _one(words: list[str]) -> Test:
    word = words.pop(0) if words else ""
    if word == "NOT":
        test = _one(words)
        return lambda mail: not test(mail)
    if word == "(":
        test = _either(words)
        if words:
            words.pop(0)
        return test
    name, _, value = word.partition(":")
    low = value.strip('"').casefold()
    if name.lower() in _PEOPLE and value:
        people = _PEOPLE[name.lower()]
        return lambda mail: any(_within(low, f"{p.name} {p.email}") for p in people(mail))
    if name.lower() == "subject" and value:
        return lambda mail: _within(low, mail.subject)
    if name.lower() == "body" and value:
        return lambda mail: _within(low, mail_html.as_text(mail.body))
    dated = re.fullmatch(r"(?:received|sent)(>=|<=|>|<|:)(\d{4}-\d\d-\d\d)", word, re.IGNORECASE)
    if dated:
        return lambda mail: _on(f"{mail.received:%Y-%m-%d}", dated[1], dated[2])
    low = word.strip('"').casefold()
    return lambda mail: any(_within(low, text) for text in _texts(mail))


def _texts(mail: Mail) -> Iterable[str]:
    yield from (mail.subject, mail_html.as_text(mail.body))
    yield from (f"{p.name} {p.email}" for p in _PEOPLE["participants"](mail))


def _within(value: str, text: str) -> bool:
    """Whether the words of ``value`` occur one after the other; case and punctuation do not count."""
    wanted, there = (re.findall(r"\w+", part.casefold()) for part in (value, text))
    return any(there[i : i + len(wanted)] == wanted for i in range(len(there) - len(wanted) + 1)) if wanted else False


def _on(day: str, operator: str, wanted: str) -> bool:
    return {">=": day >= wanted, "<=": day <= wanted, ">": day > wanted, "<": day < wanted, ":": day == wanted}[
        operator
    ]
