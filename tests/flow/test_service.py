"""``calwatch run`` as a real process: files change under it, commands act through it, signals and reloads reach it."""

from __future__ import annotations

from pathlib import Path

import pytest

from flow.program import eventually
from flow.world import World, assert_is_what_was_shown

QUICK = '[watch]\nevery = "1s"\nsettle = "0s"\n'


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, undo="1s", more=QUICK)


def test_the_service_follows_files_as_they_appear_change_and_vanish_and_sends_on_approval(world: World) -> None:
    start = world.acme()
    with world.service() as service:
        eventually(lambda: "found, none needs you" in service.log, "no interview is found", service)
        assert world.waiting() == []
        # A half-written file is nothing yet: no draft, and no complaint as long as it may still be written.
        path = world.event("dentist", "Dentist", start)
        path.write_bytes(path.read_bytes()[:-60])
        path.rename(path.with_suffix(".half"))
        whole = world.event("dentist", "Dentist", start)
        eventually(world.waiting, "no draft appears", service)
        draft = world.draft()
        assert draft["situation"] == "conflict"
        # It moves away: the draft goes. It comes back: a new draft.
        world.event("dentist", "Dentist", world.at(9, "14:00"))
        eventually(lambda: not world.waiting(), "the draft stays", service)
        world.event("dentist", "Dentist", start)
        eventually(world.waiting, "no second draft appears", service)
        whole.unlink()
        eventually(lambda: not world.waiting(), "the draft stays although nothing clashes", service)
        world.globex()
        eventually(world.waiting, "no draft for the declined one", service)
        draft = world.draft()
        assert draft["situation"] == "declined"

        said = world.calwatch("approve", draft["id"], "--yes", "--wait", "--version", draft["version"])
        assert "is sent" in said.err
        (mail,) = world.sent()
        assert_is_what_was_shown(mail, draft)
        assert world.waiting() == []

        took = service.stop()
        assert took < 2.0
    assert "stopped" in service.log
    assert not (world.state / "calwatch.sock").exists()
    assert sorted(d["state"] for d in world.drafts("--all")) == ["sent", "withdrawn", "withdrawn"]
    assert len(world.sent()) == 1


def test_a_half_written_file_is_read_when_it_is_whole_and_named_when_it_stays_broken(world: World) -> None:
    start = world.acme()
    with world.service() as service:
        eventually(lambda: "found, none needs you" in service.log, "no interview is found", service)
        whole = world.event("dentist", "Dentist", start)
        data = whole.read_bytes()
        whole.write_bytes(data[: len(data) // 2])
        broken = eventually(lambda: world.status()["quarantine"], "the broken file is not named", service, pause=0.5)
        assert broken[0]["source"] == "personal/calendar/dentist.ics"
        assert world.waiting() == []
        whole.write_bytes(data)
        eventually(world.waiting, "the whole file is not read", service)
        assert world.status()["quarantine"] == []


def test_an_approved_letter_can_be_called_back_from_the_running_service(world: World) -> None:
    world.undo = "60s"
    world.configure()
    world.globex()
    with world.service() as service:
        eventually(world.waiting, "no draft appears", service)
        said = world.calwatch("approve", 1, "--yes")
        assert "unless you take it back with: calwatch undo 1" in said.err
        assert world.draft()["state"] == "approved"
        assert "nothing was sent" in world.calwatch("undo", 1).out
        assert world.draft()["state"] == "waiting"
        assert world.calwatch("undo", 1, code=5).err
        world.calwatch("dismiss", 1, "--because", "keep")
        eventually(lambda: not world.waiting(), "the mailbox keeps the draft", service)
        assert service.stop() < 2.0
    assert world.sent() == []


def test_a_second_service_is_refused_and_says_who_runs(world: World) -> None:
    with world.service() as service:
        second = world.calwatch("run", code=1)
        assert f"process {service.process.pid}" in second.err
        assert "stop it first" in second.err
        once = world.calwatch("run", "--once", code=1)
        assert f"process {service.process.pid}" in once.err
        assert service.process.poll() is None
        service.stop()
    world.look()


def test_reload_takes_a_right_configuration_and_refuses_a_wrong_one(world: World) -> None:
    world.acme()
    with world.service() as service:
        right = world.config.read_text("utf-8")
        world.config.write_text(right + "\n[slots]\nbufer = '5m'\n", "utf-8")
        refused = world.calwatch("reload", code=2)
        assert "slots.bufer" in refused.err
        assert "did you mean buffer?" in refused.err
        world.globex()
        eventually(lambda: len(world.waiting()) == 1, "the old configuration is not watched any more", service)
        world.config.write_text(right + '\n[replies]\ndelivery = "drafts"\n', "utf-8")
        assert "reread" in world.calwatch("reload").out
        assert "send it from your Drafts folder" in world.calwatch("approve", 1, "--yes", code=5).err
        # storage.path is where the service lives.
        world.config.write_text(right.replace('"state/"', '"elsewhere/"'), "utf-8")
        world.calwatch("reload", code=75)
        assert not (world.folder / "elsewhere" / "calwatch.db").exists()
        world.config.write_text(right, "utf-8")
        service.stop()
    assert world.sent() == []
    assert "no calwatch service" in world.calwatch("reload", code=75).err


def test_a_missing_folder_is_an_account_in_error_until_it_is_back(world: World) -> None:
    start = world.acme()
    world.event("dentist", "Dentist", start)
    with world.service() as service:
        eventually(world.waiting, "no draft appears", service)
        away = world.calendar.rename(world.folder / "unmounted")
        eventually(lambda: world.health()["state"] == "error", "nobody is told", service)
        (account,) = world.status()["accounts"]
        assert account["state"] == "error"
        assert str(world.calendar) in account["detail"]
        assert "Create it" in account["detail"]
        assert world.draft()["state"] == "waiting"  # an outage is no trouble that went away
        away.rename(world.calendar)
        eventually(lambda: world.health()["state"] == "ok", "it does not recover", service)
        # Emptied at once, as by a half-finished synchronisation: not believed.
        for number in range(3):
            world.event(f"lunch-{number}", "Lunch", world.at(10 + number, "12:00"))
        eventually(lambda: len(_known(world)) >= 5, "the new files are not read", service)
        kept = {path: path.read_bytes() for path in world.calendar.iterdir()}
        for path in kept:
            path.unlink()
        eventually(lambda: world.health()["state"] == "degraded", "it is believed", service)
        assert "suddenly almost empty" in world.status()["accounts"][0]["detail"]
        assert world.draft()["state"] == "waiting"
        for path, data in kept.items():
            path.write_bytes(data)
        eventually(lambda: world.health()["state"] == "ok", "it does not recover", service)
        assert world.draft()["state"] == "waiting"
        assert service.stop() < 2.0
    assert world.sent() == []


def _known(world: World) -> list[str]:
    return [row for row in world.rows() if row.startswith('INSERT INTO "resources"')]
