"""A folder of .ics files: work as small as the change, trouble named, nothing lost."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from builders import ALEX, at, knowing
from calwatch.errors import Retry, Stop, Touched
from calwatch.model.event import Event, Response, Series
from calwatch.model.span import Span
from calwatch.ports import Found, Note, Unknown, nothing_known
from calwatch.providers.local.calendar import LocalCalendar
from contract.calendar_suite import START, WINDOW, Ledger
from contract.local_calendar_world import LocalCalendarWorld
from fakes.clock import ManualClock

HOUR_AGO = 3600.0


@pytest.fixture
def world(tmp_path: Path) -> LocalCalendarWorld:
    return LocalCalendarWorld(tmp_path)


def age(path: Path, seconds: float = HOUR_AGO) -> None:
    """As if it had been written a while ago."""
    now = path.stat().st_mtime
    os.utime(path, (now - seconds, now - seconds))


def reading(folder: Path, **options: object) -> LocalCalendar:
    return LocalCalendar(
        folder,
        me=ALEX,
        addresses=frozenset({ALEX.email}),
        viewer_zone="Europe/Berlin",
        clock=ManualClock(),
        **options,  # type: ignore[arg-type] # only what a test names
    )


def test_an_unchanged_folder_opens_and_parses_nothing(world: LocalCalendarWorld) -> None:
    for day in range(20):
        world.add(START + timedelta(days=day))
    ledger = Ledger(world)
    ledger.pull()
    assert (world.local.counters.files_opened, world.local.counters.events_parsed) == (20, 20)
    changes = ledger.pull()
    assert (world.local.counters.files_opened, world.local.counters.events_parsed) == (20, 20)
    assert not changes.items
    assert not changes.etags


def test_after_a_restart_the_store_is_asked_and_unchanged_files_stay_closed(world: LocalCalendarWorld) -> None:
    for day in range(5):
        world.add(START + timedelta(days=day))
    ledger = Ledger(world)
    ledger.pull()
    world.restart()
    world.add(START + timedelta(days=9))
    ledger.pull()
    assert world.local.counters.files_opened == 1


def test_known_is_asked_only_when_the_cursor_is_not_ours(world: LocalCalendarWorld) -> None:
    world.add(START)
    ledger = Ledger(world)
    ledger.pull()

    def never(prefix: str = "") -> dict[str, str]:
        raise AssertionError("the store was asked")

    world.calendar.changes(world.name, ledger.cursor, WINDOW, never)


def test_a_change_of_equal_length_in_the_same_moment_is_seen(world: LocalCalendarWorld) -> None:
    ref = world.add(START, "one")
    ledger = Ledger(world)
    ledger.pull()
    for title in ("two", "six", "ten"):
        old = ledger.events()[0].summary
        world.replace(ref, (f"SUMMARY:{old}", f"SUMMARY:{title}"))
        ledger.pull()
        assert ledger.events()[0].summary == title


def test_a_broken_file_is_named_and_the_rest_goes_on(world: LocalCalendarWorld) -> None:
    world.add(START)
    bad = world.folder / "bad.ics"
    bad.write_text("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:x\nSUMMARY:no start\nEND:VEVENT\nEND:VCALENDAR\n")
    age(bad)
    ledger = Ledger(world)
    changes = ledger.pull()
    assert len(ledger.events()) == 1
    (problem,) = changes.problems
    assert problem.ref == "bad.ics"
    assert "DTSTART" in problem.reason
    assert not ledger.pull().problems


def test_a_file_being_written_is_waited_for_and_its_old_state_stands(world: LocalCalendarWorld) -> None:
    ref = world.add(START)
    ledger = Ledger(world)
    ledger.pull()
    whole = (world.folder / ref).read_text()
    (world.folder / ref).write_text(whole[: len(whole) // 2])
    half = ledger.pull()
    assert not half.problems
    assert not half.gone
    assert len(ledger.events()) == 1
    (world.folder / ref).write_text(whole.replace("Interview", "Moved"))
    ledger.pull()
    assert ledger.events()[0].summary == "Moved"


def test_a_first_look_says_what_it_waits_for_and_the_next_one_takes_it_back(world: LocalCalendarWorld) -> None:
    kept, half = world.add(START), world.add(START + timedelta(days=1))
    ledger = Ledger(world)
    ledger.pull()
    whole = (world.folder / half).read_bytes()
    (world.folder / half).write_bytes(whole[:150])
    (world.folder / "new.ics").write_bytes(whole[:150])
    world.restart()
    changes = ledger.pull()
    assert sorted(p.ref for p in changes.problems) == [half, "new.ics"]
    assert all("will be read again" in p.reason for p in changes.problems)
    assert (half in changes.etags, changes.gone) == (False, ())
    assert {event.ref for event in ledger.events()} == {kept, half}
    assert not ledger.pull().problems  # a service has said it, and goes on waiting
    (world.folder / half).write_bytes(whole)
    (world.folder / "new.ics").unlink()
    after = ledger.pull()
    assert (half in after.etags, after.gone) == (True, ("new.ics",))


def test_an_unknown_zone_is_named_once_with_the_event_that_stays(world: LocalCalendarWorld) -> None:
    ref = world.add(START)
    path = world.folder / ref
    timed = re.sub(r"(DTSTART|DTEND):(\w+)Z", r"\1;TZID=Arda/Shire:\2", path.read_text())
    path.write_text(timed)
    changes = Ledger(world).pull()
    (problem,) = changes.problems
    assert (problem.ref, problem.etag) == (ref, changes.etags[ref])
    assert problem.reason == "event-1@acme.example: time zone 'Arda/Shire' is not known; read in your own zone"
    assert [item.ref for item in changes.items] == [ref]


def test_everything_wrong_with_one_file_is_one_problem(world: LocalCalendarWorld) -> None:
    events = "".join(f"BEGIN:VEVENT\nUID:{n}@x\nEND:VEVENT\n" for n in range(7))
    bad = world.folder / "bad.ics"
    bad.write_text(f"BEGIN:VCALENDAR\n{events}END:VCALENDAR\n")
    age(bad)
    (problem,) = Ledger(world).pull().problems
    assert "0@x: DTSTART" in problem.reason
    assert "4@x: DTSTART" in problem.reason
    assert problem.reason.endswith("; 2 more")


def test_a_half_file_that_nobody_finishes_is_named(world: LocalCalendarWorld) -> None:
    ref = world.add(START)
    path = world.folder / ref
    path.write_text(path.read_text()[:150])
    age(path)
    assert Ledger(world).pull().problems[0].ref == ref


def test_foreign_files_and_links_out_of_the_folder_are_left_alone(world: LocalCalendarWorld, tmp_path: Path) -> None:
    outside = tmp_path / "secret.ics"
    outside.write_text("BEGIN:VCALENDAR\nEND:VCALENDAR\n")
    (world.folder / "link.ics").symlink_to(outside)
    (world.folder / "notes.txt").write_text("no calendar")
    (world.folder / ".hidden.ics").write_text("no calendar")
    (world.folder / "folder.ics").mkdir()
    inside = world.add(START)
    (world.folder / "alias.ics").symlink_to(world.folder / inside)
    ledger = Ledger(world)
    assert not ledger.pull().problems
    assert set(ledger.etags) == {inside, "alias.ics"}


def test_a_huge_file_is_named_without_being_opened(world: LocalCalendarWorld) -> None:
    with (world.folder / "huge.ics").open("wb") as file:
        file.truncate(60_000_000)
    age(world.folder / "huge.ics")
    changes = Ledger(world).pull()
    assert "larger than 50 MB" in changes.problems[0].reason
    assert world.local.counters.files_opened == 0


def test_a_missing_folder_says_what_to_do(tmp_path: Path) -> None:
    calendar = reading(tmp_path / "nowhere")
    assert calendar.calendars() == ("nowhere",)
    with pytest.raises(Stop, match="Create it"):
        calendar.changes("nowhere", None, WINDOW, nothing_known)
    assert isinstance(calendar.busy(["nowhere"], WINDOW)["nowhere"], Unknown)


def test_a_folder_of_folders_is_a_calendar_each(world: LocalCalendarWorld, tmp_path: Path) -> None:
    ref = world.add(START)
    root = tmp_path / "all"
    for name in ("home", "work"):
        (root / name).mkdir(parents=True)
        (root / name / ref).write_bytes((world.folder / ref).read_bytes())
    calendar = reading(root)
    assert calendar.calendars() == ("home", "work")
    assert len(calendar.changes("work", None, WINDOW, nothing_known).items) == 1


def test_busy_calendars_keep_time_and_nothing_else(world: LocalCalendarWorld, tmp_path: Path) -> None:
    world.add(START, "Secret title")
    empty = tmp_path / "mine"
    empty.mkdir()
    calendar = reading(empty, busy=(world.folder,))
    assert calendar.calendars() == ("mine", "calendar")
    assert calendar.busy_calendars() == {"calendar"}
    (event,) = calendar.changes("calendar", None, WINDOW, nothing_known).items
    assert isinstance(event, Event)
    assert (event.busy_only, event.summary, event.organizer, event.attendees) == (True, "", None, ())
    assert event.span == Span(START, START + timedelta(hours=1))
    with pytest.raises(Stop, match="only read"):
        calendar.hold("calendar", "key", event.span)


def test_a_busy_account_is_never_written_to(world: LocalCalendarWorld) -> None:
    ref = world.add(START)
    calendar = reading(world.folder, busy_only=True)
    etag = calendar.changes("calendar", None, WINDOW, nothing_known).etags[ref]
    before = (world.folder / ref).read_bytes()
    with pytest.raises(Stop, match="nothing is written"):
        calendar.respond("calendar", ref, None, Response.DECLINED, etag)
    assert (world.folder / ref).read_bytes() == before


def test_an_answer_keeps_everything_else_in_the_file(world: LocalCalendarWorld) -> None:
    ref = world.add(START)
    ledger = Ledger(world)
    ledger.pull()
    world.calendar.respond(world.name, ref, None, Response.DECLINED, ledger.etags[ref])
    text = (world.folder / ref).read_bytes().replace(b"\r\n ", b"").decode()
    assert "X-UNKNOWN;X-P=1:kept" in text
    assert "X-KEEP=yes" in text
    assert "PARTSTAT=ACCEPTED" in text  # Dana's
    assert "PARTSTAT=DECLINED" in text
    assert not [p for p in world.folder.iterdir() if p.name.startswith(".")]


def test_an_answer_whose_file_could_not_be_written_is_not_mailed_twice(world: LocalCalendarWorld) -> None:
    ref = world.add(START)
    ledger = Ledger(world)
    ledger.pull()
    path = world.folder / ref
    before = path.read_bytes()
    world.calendar.respond(world.name, ref, None, Response.DECLINED, ledger.etags[ref])
    path.write_bytes(before)  # as if the crash had come between the mail and the file
    world.restart()
    ledger.pull()
    world.calendar.respond(world.name, ref, None, Response.DECLINED, ledger.etags[ref])
    assert world.told() == [Response.DECLINED]
    found = world.calendar.get(world.name, ref, WINDOW)
    assert isinstance(found, Found)
    assert isinstance(found.item, Event)
    assert found.item.response is Response.DECLINED


def test_one_occurrence_of_a_zoned_series_gets_an_override_at_its_wall_time(world: LocalCalendarWorld) -> None:
    ref = world.add(START, weekly=3)
    world.replace(
        ref,
        ("DTSTART:20260505T130000Z", "DTSTART;TZID=Europe/Berlin:20260505T150000"),
        ("DTEND:20260505T140000Z", "DTEND;TZID=Europe/Berlin:20260505T160000"),
    )
    ledger = Ledger(world)
    ledger.pull()
    third = ledger.events()[2]
    world.calendar.respond(world.name, ref, third.recurrence_id, Response.DECLINED, third.etag)
    text = (world.folder / ref).read_bytes().replace(b"\r\n ", b"").decode()
    assert "RECURRENCE-ID;TZID=Europe/Berlin:20260519T150000" in text
    assert text.count("RRULE") == 1
    ledger.pull()
    assert [e.response for e in ledger.events()] == [Response.ACCEPTED, Response.ACCEPTED, Response.DECLINED]


def test_the_reply_names_the_occurrence_in_utc_and_only_the_one_who_answers(world: LocalCalendarWorld) -> None:
    ref = world.add(START, weekly=3)
    world.replace(ref, ("DTSTART:20260505T130000Z", "DTSTART;TZID=W. Europe Standard Time:20260505T150000"))
    ledger = Ledger(world)
    ledger.pull()
    second = ledger.events()[1]
    world.calendar.respond(world.name, ref, second.recurrence_id, Response.DECLINED, second.etag)
    (path,) = (world.maildir / ".Sent" / "cur").iterdir()
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    part = next(p for p in mail.walk() if p.get_content_type() == "text/calendar")
    assert part.get_param("method") == "REPLY"
    text = str(part.get_content())
    assert "RECURRENCE-ID:20260512T130000Z" in text
    assert "TZID" not in text
    assert text.count("ATTENDEE") == 1
    assert mail["Subject"] == "Declined: Interview"
    assert "calwatch" not in path.read_text().lower()


def test_a_file_that_cannot_be_changed_is_left_as_it_is(world: LocalCalendarWorld) -> None:
    ref = world.add(START)
    world.replace(ref, ("BEGIN:VEVENT", "BEGIN:VEVENT\r\nRECURRENCE-ID:not a time"))
    before = (world.folder / ref).read_bytes()
    etag = world.calendar.changes(world.name, None, WINDOW, nothing_known).etags.get(ref, "")
    with pytest.raises((Stop, Touched)):
        world.calendar.respond(world.name, ref, None, Response.DECLINED, etag)
    assert (world.folder / ref).read_bytes() == before
    assert not world.told()


def test_a_hold_says_busy_and_names_nothing(world: LocalCalendarWorld) -> None:
    ref = world.calendar.hold(world.name, "draft-12-slot-1", Span(START, START + timedelta(hours=1)))
    text = (world.folder / ref).read_text()
    assert "SUMMARY:Busy" in text
    assert "CLASS:PRIVATE" in text
    assert "calwatch" not in text.lower()
    assert "draft" not in text.lower()


def test_an_entry_of_somebody_else_is_never_released(world: LocalCalendarWorld) -> None:
    ref = world.add(START)
    with pytest.raises(Touched):
        world.calendar.release(world.name, ref)
    for evil in ("../secret.ics", "/etc/passwd", ".hidden"):
        with pytest.raises(Stop):
            world.calendar.release(world.name, evil)
    assert (world.folder / ref).exists()


# -- one big file ------------------------------------------------------------------------------------------------


def one_file(tmp_path: Path, *titles: str) -> Path:
    events = "".join(
        f"BEGIN:VEVENT\r\nUID:{n}@x\r\nDTSTAMP:20260401T080000Z\r\nDTSTART:2026050{n + 1}T130000Z\r\n"
        f"DTEND:2026050{n + 1}T140000Z\r\nSUMMARY:{title}\r\nEND:VEVENT\r\n"
        for n, title in enumerate(titles)
    )
    path = tmp_path / "all.ics"
    path.write_text(f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{events}END:VCALENDAR\r\n", newline="")
    return path


def test_one_file_is_read_by_uid_and_only_what_changed_is_parsed(tmp_path: Path) -> None:
    path = one_file(tmp_path, "a", "b", "c")
    calendar = reading(path)
    assert calendar.calendars() == ("all.ics",)
    first = calendar.changes("all.ics", None, WINDOW, nothing_known)
    assert {i.ref for i in first.items} == {"0@x", "1@x", "2@x"}
    known = dict(first.etags)
    assert calendar.changes("all.ics", first.cursor, WINDOW, knowing(known)).cursor == first.cursor
    assert calendar.counters.files_opened == 1
    one_file(tmp_path, "a", "changed")
    second = calendar.changes("all.ics", first.cursor, WINDOW, knowing(known))
    assert [i.ref for i in second.items] == ["1@x"]
    assert second.gone == ("2@x",)
    assert calendar.counters.events_parsed == 4


def test_one_file_that_breaks_off_loses_nothing(tmp_path: Path) -> None:
    path = one_file(tmp_path, "a", "b", "c")
    calendar = reading(path)
    first = calendar.changes("all.ics", None, WINDOW, nothing_known)
    path.write_bytes(path.read_bytes()[:-120])
    with pytest.raises(Retry, match="being written"):
        calendar.changes("all.ics", first.cursor, WINDOW, nothing_known)
    age(path)
    later = calendar.changes("all.ics", first.cursor, WINDOW, knowing(first.etags))
    assert not later.gone
    assert not later.complete
    assert "END:VCALENDAR" in later.problems[-1].reason
    assert isinstance(calendar.busy(["all.ics"], WINDOW)["all.ics"], Unknown)


def test_one_file_is_never_written_to(tmp_path: Path) -> None:
    calendar = reading(one_file(tmp_path, "a"))
    etag = calendar.changes("all.ics", None, WINDOW, nothing_known).etags["0@x"]
    with pytest.raises(Stop, match="only read"):
        calendar.respond("all.ics", "0@x", None, Response.DECLINED, etag)
    with pytest.raises(Stop, match="only read"):
        calendar.hold("all.ics", "key", Span(START, START + timedelta(hours=1)))


def test_one_file_that_is_missing_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Stop, match="no calendar file"):
        reading(tmp_path / "gone.ics").changes("gone.ics", None, WINDOW, nothing_known)


def test_taken_time_includes_every_occurrence_of_a_series(world: LocalCalendarWorld) -> None:
    world.add(START, weekly=3)
    taken = world.calendar.busy(["calendar"], Span(at("2026-05-10 00:00"), at("2026-06-01 00:00")))["calendar"]
    assert not isinstance(taken, Unknown)
    assert [s.start for s in taken] == [START + timedelta(weeks=1), START + timedelta(weeks=2)]
    ledger = Ledger(world)
    ledger.pull()
    assert isinstance(next(iter(ledger.items.values())), Series)


def test_a_file_full_of_endless_series_is_cut_and_named_and_the_rest_goes_on(world: LocalCalendarWorld) -> None:
    fine = world.add(START)
    events = "".join(
        f"BEGIN:VEVENT\nUID:{n}@x\nDTSTART:20200101T090000Z\nRRULE:FREQ=SECONDLY\nEND:VEVENT\n" for n in range(500)
    )
    bad = world.folder / "bad.ics"
    bad.write_text(f"BEGIN:VCALENDAR\n{events}END:VCALENDAR\n")
    changes = Ledger(world).pull()
    (problem,) = changes.problems
    assert (problem.ref, problem.etag) == ("bad.ics", changes.etags["bad.ics"])
    assert "repeats beyond all measure" in problem.reason
    assert fine in {item.ref for item in changes.items}
    assert len([item for item in changes.items if isinstance(item, Series) and item.rrules]) < 50


def test_a_line_for_the_organizer_stands_in_the_reply_and_in_the_mail(world: LocalCalendarWorld) -> None:
    ref = world.add(START)
    ledger = Ledger(world)
    ledger.pull()
    note = Note("I have asked for another time by mail.")
    world.calendar.respond(world.name, ref, None, Response.DECLINED, ledger.events()[0].etag, note)
    (path,) = (world.maildir / ".Sent" / "cur").iterdir()
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    text, reply = (str(part.get_content()) for part in mail.walk() if not part.is_multipart())
    assert text.split("\r\n") == ["Alex Rivera: declined.", "", note.comment, ""]
    assert f"COMMENT:{note.comment}" in reply
