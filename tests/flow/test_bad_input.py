"""Bad input of every kind: a clear word that says what to do, nothing lost, nothing sent, and the rest goes on."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest

from calwatch.demo.files import a_calendar, an_event
from calwatch.demo.people import DANA, MARTA
from flow.program import BERLIN
from flow.world import ACME, INITECH, World, assert_is_what_was_shown, spans

OLD = timedelta(minutes=5)
"""Files that lie there for so long are not half-written any more."""

AS_ANYBODY = (
    ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search"]
    if os.geteuid() == 0
    else []
)
"""Root may read and write everything; without these capabilities it obeys permissions like anybody else."""


# --- the configuration ------------------------------------------------------------------------------------------------


def test_wrong_toml_is_told_by_line_and_the_service_ends_with_78(world: World) -> None:
    world.config.write_text('[you]\nname = "Alex\n', "utf-8")
    said = world.calwatch("status", code=2).err
    assert "calwatch.toml" in said
    assert "line 2" in said
    assert world.calwatch("run", code=78).err == said
    assert not world.state.exists()


def test_unknown_keys_and_bad_zone_names_are_all_told_at_once_with_the_nearest_right_one(world: World) -> None:
    right = world.config.read_text("utf-8")
    wrong = right.replace("Europe/Berlin", "Europe/Berlim").replace("calendar =", "calender =")
    world.config.write_text(wrong + '\n[slots]\nbufer = "15m"\n\n[watch]\nevery = "soon"\n', "utf-8")
    said = world.calwatch("check", code=2).err
    for words in (
        "you.timezone",
        'did you mean "Europe/Berlin"?',
        "accounts[0].calender: unknown key; did you mean calendar?",
        "slots.bufer: unknown key; did you mean buffer?",
        "watch.every",
    ):
        assert words in said
    assert len(said.strip().split("\n")) >= 4
    assert world.calwatch("run", "--once", code=78).err == said
    assert not world.state.exists()


def test_a_missing_folder_is_named_with_what_to_do(world: World) -> None:
    world.acme()
    world.calendar.rename(world.folder / "elsewhere")
    said = world.calwatch("check", code=1).out
    assert f"There is no calendar folder {world.calendar}. Create it, or correct the account's calendar." in said
    world.look(code=1)
    (account,) = world.status()["accounts"]
    assert account["state"] == "error"
    assert str(world.calendar) in account["detail"]
    assert not world.calendar.exists()  # a folder that is not mounted must not be made
    (world.folder / "elsewhere").rename(world.calendar)
    world.look()
    assert world.status()["accounts"][0]["state"] == "ok"
    assert [i["uid"] for i in world.calwatch("interviews", "--json").json] == [ACME]


def test_a_state_folder_that_cannot_be_written_is_named_with_what_to_do(world: World) -> None:
    start = world.acme()
    world.event("dentist", "Dentist", start)
    world.look()
    rows = world.rows()
    for path in (world.state, *world.state.iterdir()):
        path.chmod(0o500 if path.is_dir() else 0o400)
    for words in (["run"], ["run", "--once"], ["approve", "1", "--yes"]):
        said = world.calwatch(*words, code=1, before=AS_ANYBODY).err
        assert str(world.state) in said
    assert "set storage.path" in world.calwatch("check", code=1, before=AS_ANYBODY).out
    for path in (world.state, *world.state.iterdir()):
        path.chmod(0o700 if path.is_dir() else 0o600)
    assert world.rows() == rows
    assert world.sent() == []
    world.calwatch("approve", 1, "--yes")
    assert len(world.sent()) == 1


# --- files that cannot be read, or should not be believed ------------------------------------------------------------


@dataclass
class Seen:
    """What one pass made of a world full of bad files."""

    world: World
    log: str
    status: dict[str, Any]
    drafts: dict[str, dict[str, Any]]
    before: dict[Path, bytes]

    def reason(self, name: str) -> str:
        """Why a file is in quarantine, as ``status`` tells it."""
        found = [q["reason"] for q in self.status["quarantine"] if q["source"].endswith(f"/{name}")]
        assert len(found) == 1, self.status["quarantine"]
        return str(found[0])

    def start(self, title: str) -> datetime:
        """When the one event with this title is, as ``why`` tells it."""
        return datetime.fromisoformat(self.world.calwatch("why", title, "--json").json["start"])


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """One pass over all of it, and beside it two interviews that need a letter."""
    world = World(tmp_path_factory.mktemp("bad"))
    start = world.acme()
    world.event("dentist", "Dentist", start)
    for fill in (_files, _events, _hostile_organizer, _mails):
        fill(world)
    for path in world.calendar.iterdir():
        moment = (world.now - OLD).timestamp()
        os.utime(path, (moment, moment))
    (world.calendar / "forbidden.ics").chmod(0)
    before = {p: p.read_bytes() for root in (world.calendar, world.maildir) for p in root.rglob("*") if p.is_file()}
    log = world.calwatch("run", "--once", before=AS_ANYBODY).err
    drafts = {draft["interview"]["uid"]: draft for draft in world.drafts()}
    return Seen(world, log, world.status(), drafts, before)


def _files(world: World) -> None:
    (world.calendar / "garbage.ics").write_bytes(b"\x00\xff\xfeBEGIN:VCALENDAR\r\nnonsense")
    world.event("forbidden", "Secret", world.at(9, "10:00"))
    with (world.calendar / "huge.ics").open("wb") as file:
        file.truncate(51_000_000)
    halved = world.event("halved", "Halved", world.at(9, "10:00"))
    halved.write_bytes(halved.read_bytes()[:-30])


def _events(world: World) -> None:
    without = "\r\n".join(
        ["BEGIN:VEVENT", "UID:no-start@example.com", "DTSTAMP:20260101T000000Z", "SUMMARY:No start", "END:VEVENT"]
    )
    lunch = world.at(9, "12:30")
    fine = an_event("fine@example.com", "Lunch with Noor", lunch, lunch + timedelta(hours=1), stamp=world.now)
    world.put("no-start", without, fine)
    old, new = world.at(9, "15:00"), world.at(10, "15:00")
    hour = timedelta(hours=1)
    one = an_event("twice@example.com", "Piano before", old, old + hour, stamp=world.now - timedelta(days=3))
    two = an_event("twice@example.com", "Piano after", new, new + hour, stamp=world.now, sequence=1)
    world.put("twice", one, two)
    daily = datetime(2015, 1, 5, 12, 0, tzinfo=BERLIN)
    world.event("endless", "Stand-up", daily, 30, lines=["RRULE:FREQ=DAILY"])
    world.event("seconds", "Tick", datetime(2020, 1, 1, 3, 0, tzinfo=BERLIN), 0, lines=["RRULE:FREQ=SECONDLY"])
    zone = world.event("zone", "Choir in the Shire", world.at(10, "11:00"))
    zone.write_text(zone.read_text("utf-8").replace("TZID=Europe/Berlin", "TZID=Arda/Shire"), "utf-8", newline="")


def _hostile_organizer(world: World) -> None:
    start = world.at(11, "14:00", MARTA)
    name = "<script>alert(1)</script>\\nBcc: victim@example.net"
    line = f'ORGANIZER;CN="{name}":mailto:{MARTA.email}%0D%0ABcc:victim@example.net'
    evil = world.initech_event(start).replace(f'ORGANIZER;CN="{MARTA.name}":mailto:{MARTA.email}', line)
    assert "victim" in evil
    world.put("organizer", evil)
    world.event("choir", "Choir", start)


def _mails(world: World) -> None:
    inbox = world.maildir / "new"
    html = EmailMessage()
    html["From"], html["To"] = f"Dana Fox <{DANA.email}>", "alex.rivera@example.com"
    html["Subject"], html["Message-ID"] = "Re: Next step: technical interview at Acme", "<html@acme.example>"
    html["Date"] = world.now - timedelta(days=3)
    html.set_content("<html><body>" + "<div><p>The team looks <b>forward</b> to it." * 27_000, subtype="html")
    data = html.as_bytes(policy=SMTP)
    assert len(data) > 1_000_000
    (inbox / "html").write_bytes(data)
    date = (world.now - timedelta(days=2)).strftime("%a, %d %b %Y %H:%M:%S %z").encode()
    (inbox / "charset").write_bytes(
        b"From: =?klingon?Q?D=FFna?= <dana.fox@acme.example>\r\nTo: alex.rivera@example.com\r\n"
        b"Subject: =?utf-8?B?!!!?= \xff\xfe interview\r\nMessage-ID: <broken@acme.example>\r\nDate: " + date + b"\r\n"
        b'MIME-Version: 1.0\r\nContent-Type: text/plain; charset="x-klingon"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\n%%%\xff\xfe not base64\r\n"
    )
    (inbox / "noise").write_bytes(b"\xff" * 3000)
    (inbox / "nothing").write_bytes(b"")
    (inbox / "folder").mkdir()


def test_an_unreadable_file_is_named_with_what_to_do(seen: Seen) -> None:
    assert seen.reason("forbidden.ics") == "the file cannot be read; give this user access to it"
    assert "END:VCALENDAR" in seen.reason("garbage.ics")
    assert "half-written" in seen.reason("halved.ics")
    shown = seen.world.calwatch("status").out
    assert "Could not be read: personal/calendar/forbidden.ics: the file cannot be read" in shown


def test_a_file_of_more_than_50_mb_in_a_folder_of_events_is_named_and_left_out(seen: Seen) -> None:
    assert "larger than 50 MB" in seen.reason("huge.ics")


def test_an_event_without_a_start_is_named_by_its_uid_and_the_rest_of_its_file_counts(seen: Seen) -> None:
    assert "no-start@example.com" in seen.reason("no-start.ics")
    assert "DTSTART" in seen.reason("no-start.ics")
    assert seen.start("Lunch with Noor") == seen.world.at(9, "12:30")


def test_of_two_events_with_one_uid_the_newer_counts(seen: Seen) -> None:
    assert seen.start("Piano") == seen.world.at(10, "15:00")


def test_rules_without_end_are_cut_and_the_one_without_measure_is_named(seen: Seen) -> None:
    assert "correct its RRULE" in seen.reason("seconds.ics")
    assert not any("endless.ics" in q["source"] for q in seen.status["quarantine"])
    for start, end in (span for draft in seen.drafts.values() for span in spans(draft["slots"])):
        noon = start.astimezone(BERLIN).replace(hour=12, minute=0)
        assert end <= noon - timedelta(minutes=15) or start >= noon + timedelta(minutes=45)


def test_a_zone_nobody_knows_is_taken_as_the_persons_own(seen: Seen) -> None:
    assert seen.start("Choir in the Shire") == seen.world.at(10, "11:00")
    assert "time zone 'Arda/Shire' is not known; read in your own zone" in seen.reason("zone.ics")


def test_an_organizer_with_line_ends_and_script_puts_nothing_into_a_mail(seen: Seen) -> None:
    draft = seen.drafts[INITECH]
    assert draft["to"] in ([MARTA.email], [])
    for text in (str(draft["to"]), draft["body"], draft["subject"], *(m.as_string() for m in seen.world.waiting())):
        assert "victim" not in text
        assert "<script" not in text
    for mail in seen.world.waiting():
        assert mail["Bcc"] is None
    assert "\x1b" not in seen.world.calwatch("interviews").out


def test_a_megabyte_of_html_and_broken_charsets_are_read_as_well_as_can_be(seen: Seen) -> None:
    draft = seen.drafts[ACME]
    assert draft["to"] == [DANA.email]
    assert draft["in_reply_to"] == "<broken@acme.example>"  # her newest mail, whatever is wrong with it
    (waiting,) = [mail for mail in seen.world.waiting() if mail["In-Reply-To"]]
    assert_is_what_was_shown(waiting, draft)


def test_what_lies_in_the_mailbox_and_is_no_mail_is_named(seen: Seen) -> None:
    assert "it is no mail, for it has no headers" in seen.reason("noise")
    assert "the file is empty" in seen.reason("nothing")
    assert "it is a folder" in seen.reason("folder")


def test_nothing_of_it_is_changed_or_sent(seen: Seen) -> None:
    assert {path: path.read_bytes() for path in seen.before} == seen.before
    assert seen.world.sent() == []
    assert seen.status["accounts"][0]["state"] == "ok"
    assert set(seen.drafts) == {ACME, INITECH}
    assert "Traceback" not in seen.log


def test_a_calendar_of_50_mb_in_one_file_is_read_whole(tmp_path: Path) -> None:
    world = World(tmp_path)
    start = world.acme()
    one = a_calendar(world.acme_event(start))
    head, body = one.split("BEGIN:VEVENT", 1)
    event = "BEGIN:VEVENT" + body.rsplit("END:VCALENDAR", 1)[0]
    dentist = an_event("dentist@example.com", "Dentist", start, start + timedelta(hours=1), stamp=world.now)
    with (world.folder / "big.ics").open("w", encoding="utf-8", newline="") as file:
        file.write(head)
        day, notes = world.at(3, "18:00"), "Lorem ipsum dolor sit amet. " * 2300
        choir = an_event("UID@example.com", "Choir", day, day, stamp=world.now, description=notes)
        for number in range(800):
            file.write(choir.replace("UID@", f"{number}@") + "\r\n")
        file.write(event + dentist + "\r\nEND:VCALENDAR\r\n")
    assert (world.folder / "big.ics").stat().st_size > 50_000_000
    world.config.write_text(world.config.read_text("utf-8").replace('"calendar/"', '"big.ics"'), "utf-8")
    world.look()
    draft = world.draft()
    assert draft["interview"]["uid"] == ACME
    assert [clash["title"] for clash in draft["conflicts_with"]] == ["Dentist"]
    assert world.status()["quarantine"] == []


def test_one_pass_names_a_file_that_is_still_being_written_and_the_next_takes_it_back(world: World) -> None:
    start = world.acme()
    world.look()
    path = world.calendar / "acme.ics"
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    world.look()
    (entry,) = world.status()["quarantine"]
    assert entry["source"] == "personal/calendar/acme.ics"
    assert "it was written just now and will be read again" in entry["reason"]
    (interview,) = world.calwatch("interviews", "--json").json
    assert datetime.fromisoformat(interview["start"]) == start  # nothing is lost meanwhile
    path.write_bytes(data)
    world.look()
    assert world.status()["quarantine"] == []


def test_a_file_that_becomes_readable_leaves_the_quarantine(world: World) -> None:
    path = world.event("dentist", "Dentist", world.at(8, "14:00"))
    data = path.read_bytes()
    path.write_bytes(data[:100])
    moment = (world.now - OLD).timestamp()
    os.utime(path, (moment, moment))
    world.look()
    assert [q["source"] for q in world.status()["quarantine"]] == ["personal/calendar/dentist.ics"]
    path.write_bytes(data)
    world.look()
    assert world.status()["quarantine"] == []
