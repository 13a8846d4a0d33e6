"""Messages as they leave the real service, and what ``check`` and ``status`` say of the ways they take."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from calwatch.notify.topics import FORBIDDEN
from fakes.receiver import Receiver
from flow.program import eventually
from flow.world import World


@pytest.fixture
def phone() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def desk() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


def notifying(folder: Path, *receivers: Receiver, more: str = "") -> World:
    urls = json.dumps([receiver.url for receiver in receivers])
    quick = '[watch]\nevery = "1s"\nsettle = "0s"\n'
    return World(folder, undo="1s", more=f'{quick}[notify]\nurls = {urls}\nquiet = ""\n{more}')


def test_the_service_tells_of_a_trouble_and_of_what_still_stands(tmp_path: Path, phone: Receiver) -> None:
    world = notifying(tmp_path, phone)
    start = world.acme()
    with world.service() as service:
        eventually(lambda: phone.texts, "nobody is greeted", service)
        assert phone.texts == ["1 appointment found, none needs you"]
        world.event("dentist", "Dentist", start)
        eventually(lambda: len(phone.texts) == 2, "nobody hears of the draft", service)
        assert "needs a decision" in phone.texts[1]
        assert "In Drafts of your personal mail." in phone.texts[1]
        world.calwatch("approve", 1, "--yes", "--wait")
        eventually(lambda: len(phone.texts) == 3, "nobody hears that the old time stands", service)
        assert "still stands" in phone.texts[2]
        (notifier,) = world.status()["notifiers"]
        assert notifier == {"label": "json", "state": "ok", "detail": None, "since": None}
        assert service.stop() < 2.0
    told = json.dumps(phone.bodies).lower()
    assert [word for word in (*FORBIDDEN, "acme", "dana", "dentist", "127.0.0.1", "localhost") if word in told] == []
    assert "hidden" not in service.log
    assert "Ready for you" not in service.log


def test_a_channel_that_fails_is_shown_and_keeps_nobody_from_hearing(
    tmp_path: Path, phone: Receiver, desk: Receiver
) -> None:
    desk.status = 503
    world = notifying(tmp_path, phone, desk)
    start = world.acme()
    world.event("dentist", "Dentist", start)
    with world.service() as service:
        eventually(lambda: phone.texts and desk.texts, "nobody is told", service)
        eventually(lambda: world.status()["notifiers"][1]["state"] == "failing", "the failure is not shown", service)
        first, second = world.status()["notifiers"]
        assert first["state"] == "ok"
        assert (second["label"], second["detail"]) == ("json (2)", "it answered 503")
        assert second["since"]
        said = world.calwatch("status")
        assert "Messages do not arrive by json (2): it answered 503 (since " in said.out
        assert service.stop() < 2.0
    assert len(phone.texts) == len(desk.texts) == 1, "the one does not hear it twice; the other is tried in a minute"
    assert "hidden" not in service.log + said.out + said.err


def test_a_notifier_that_hangs_keeps_neither_an_approval_nor_the_end_waiting(tmp_path: Path, phone: Receiver) -> None:
    phone.silent = True
    world = notifying(tmp_path, phone)
    world.globex()
    with world.service() as service:
        eventually(world.waiting, "no draft appears", service)
        assert phone.came.wait(20)
        said = world.calwatch("approve", 1, "--yes", "--wait")
        assert "is sent" in said.err
        assert service.stop() < 2.0
    assert len(world.sent()) == 1


def test_one_pass_tells_too_and_leaves_for_later_what_did_not_arrive(tmp_path: Path, phone: Receiver) -> None:
    phone.status = 500
    world = notifying(tmp_path, phone)
    world.globex()
    world.look()
    assert phone.texts == ["1 appointment found, 1 needs you | `calwatch drafts` shows more."]
    (notifier,) = world.status()["notifiers"]
    assert notifier["state"] == "failing"
    phone.status = 200
    world.look()
    assert len(phone.texts) == 1, "its minute is not over"


def test_check_sends_a_test_message_to_each_and_says_how_it_went(
    tmp_path: Path, phone: Receiver, desk: Receiver
) -> None:
    desk.status = 401
    world = notifying(tmp_path, phone, desk)
    quiet = world.calwatch("check")
    assert "not tried" in quiet.out
    assert phone.texts == []
    said = world.calwatch("check", "--notify", code=1)
    assert phone.texts == desk.texts == ["A test message | This way works."]
    rows = {row["what"]: row for row in world.calwatch("check", "--notify", "--json", code=1).json}
    assert rows["notify json"]["result"] == "ok"
    assert (rows["notify json (2)"]["result"], rows["notify json (2)"]["detail"]) == ("fails", "it answered 401")
    assert "hidden" not in said.out + said.err


def test_check_warns_of_a_way_that_leads_to_the_employer(tmp_path: Path) -> None:
    listed = tmp_path / "urls"
    listed.write_text("json://chat.contoso.example/hidden\n", "utf-8")
    listed.chmod(0o644)
    world = World(tmp_path, more='[notify]\nurls_file = "urls"\n')
    world.configure()
    text = world.config.read_text("utf-8")
    world.configure(text.replace("[you]\n", '[you]\nemployer = ["contoso.example"]\n'))
    said = world.calwatch("check").out
    assert "at your employer's domain" in said
    assert "chmod 600" in said
    assert "hidden" not in said


def test_messages_speak_german_to_who_writes_german_first(tmp_path: Path, phone: Receiver) -> None:
    world = notifying(tmp_path, phone)
    world.configure()
    text = world.config.read_text("utf-8")
    world.configure(
        text.replace('timezone = "Europe/Berlin"\n', 'timezone = "Europe/Berlin"\nlanguages = ["de", "en"]\n')
    )
    world.globex()
    world.look()
    assert phone.texts == ["1 Termin gefunden, 1 braucht eine Entscheidung | `calwatch drafts` zeigt mehr."]


def test_a_file_of_urls_that_cannot_be_read_is_shown_and_stops_nothing(tmp_path: Path) -> None:
    world = World(tmp_path, more='[notify]\nurls_file = "nowhere"\n')
    world.globex()
    world.look()
    (notifier,) = world.status()["notifiers"]
    assert (notifier["label"], notifier["state"]) == ("urls_file", "failing")
    assert "cannot be read" in notifier["detail"]
    assert world.draft()["state"] == "waiting"
