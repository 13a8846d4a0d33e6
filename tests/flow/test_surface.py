"""The commands as a person meets them, on the demo world: what they print, what JSON they give, how they end."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

CALWATCH = Path(sys.executable).with_name("calwatch")
DRAFT: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "docs/json.md").read_text("utf-8").split("```json\n")[1].split("```")[0]
)
"""The document of one draft as the page promises it."""


class Person:
    """Somebody at a shell, with one demo world."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = {"PATH": os.environ["PATH"], "HOME": str(folder), "TZ": "UTC"}

    def runs(
        self, *words: str, code: int = 0, config: bool = True, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """One command; its exit code must be ``code``."""
        option = ["--config", str(self.folder / "calwatch.toml")] if config else []
        done = subprocess.run(
            [CALWATCH, *option, *words],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env={**self.env, **(env or {})},
            stdin=subprocess.DEVNULL,
        )
        assert done.returncode == code, (words, done.returncode, done.stdout, done.stderr)
        return done

    def json(self, *words: str) -> Any:
        return json.loads(self.runs(*words, "--json").stdout)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    (folder / "w").mkdir()
    shutil.rmtree(folder / "w")
    Person(folder).runs("demo", str(folder / "w"), config=False)
    return folder / "w"


@pytest.fixture
def person(template: Path, tmp_path: Path) -> Person:
    """A person with a copy of the world after its first pass."""
    shutil.copytree(template, tmp_path / "w", symlinks=True)
    return Person(tmp_path / "w")


def test_the_tour_shows_the_drafts_and_what_to_try(template: Path, tmp_path: Path) -> None:
    said = Person(tmp_path).runs("demo", str(tmp_path / "new"), config=False).stdout
    assert "calwatch found 4 interviews ahead" in said
    assert "Acme: clash; the reply: new time; to dana.fox@acme.example" in said
    assert "Globex: declined" in said
    assert "Initech: cancelled; the reply: thank" in said
    assert "Nothing was sent" in said
    assert f"{tmp_path / 'new' / 'calwatch.toml'} open  " in said


def test_drafts_are_documents_with_every_promised_key(person: Person) -> None:
    drafts = person.json("drafts")
    assert {d["interview"]["company"] for d in drafts} == {"Acme", "Globex", "Initech"}
    promised = (
        "id version state situation weight intent channel account urgency created respond_by expires outcome interview "
        "conflicts_with to cc subject body language in_reply_to recipient_timezone slots alternatives phone "
        "reschedule_link actions variants etiquette why"
    )
    for draft in drafts:
        assert set(promised.split()) <= set(draft)
        assert person.json("show", str(draft["id"])) == draft
    acme = next(d for d in drafts if d["interview"]["company"] == "Acme")
    assert acme["conflicts_with"][0]["title"] == "Dentist, Dr. Kaya"
    assert "Dentist" not in acme["body"]
    assert acme["to"] == ["dana.fox@acme.example"]
    assert acme["recipient_timezone"]["name"] == "America/New_York"


def test_every_document_has_the_documented_keys_and_no_others(person: Person) -> None:
    drafts = person.json("drafts")
    for draft in drafts:
        assert_like(DRAFT, draft)
        for name in ("created", "respond_by", "expires"):
            assert datetime.fromisoformat(draft[name]).utcoffset() is not None
    interview = DRAFT["interview"] | {"account": "", "response": "", "source": "", "evidence": []}
    for listed in person.json("interviews"):
        assert_like(interview, listed)
    status = person.json("status")
    assert set(status["accounts"][0]) == {"name", "provider", "use", "state", "last_sync", "next_sync", "detail"}
    assert type(status["questions"]) is type(status["interviews_ahead"]) is int
    slots = person.json("slots", "--duration", "45m")
    assert_like({"slots": DRAFT["slots"], "alternatives": DRAFT["slots"], "windows": False, "why": []}, slots)
    assert_like(dict.fromkeys(["id", "uid", "title", "start", "end", "why"]), person.json("why", "Umbra"))
    entry = dict.fromkeys(["at", "who", "kind", "what", "draft", "case", "from", "to", "version"])
    assert_like([entry], person.json("history"))
    assert_like([dict.fromkeys(("what", "result", "detail"))], person.json("check"))
    classified = "file is_interview role stage company contact_email contact_name language score evidence"
    files = [str(path) for path in sorted((person.folder / "calendar").rglob("*.ics"))]
    found = json.loads(person.runs("classify", "--json", *files).stdout)
    assert_like([dict.fromkeys(classified.split())], found)
    assert any(one["is_interview"] for one in found)
    (person.folder / "calendar" / "umbra.ics").unlink()
    person.runs("run", "--once")
    asked = person.json("questions")
    question = dict.fromkeys(["id", "kind", "interview", "text", "choices", "asked", "expires", "default"])
    assert_like([question | {"interview": DRAFT["interview"]}], asked)
    assert asked[0]["choices"]


def assert_like(documented: Any, found: Any) -> None:
    """The same keys at every level; null may stand for a part that a case does not have, and lists may be empty."""
    if isinstance(documented, dict) and found is not None:
        assert set(found) == set(documented)
        for key, value in documented.items():
            assert_like(value, found[key])
    if isinstance(documented, list):
        assert isinstance(found, list)
        for one in found if documented else ():
            assert_like(documented[0], one)


def test_status_interviews_questions_slots_history_and_why_are_documents(person: Person) -> None:
    status = person.json("status")
    assert set(status) == {
        "accounts",
        "notifiers",
        "quarantine",
        "drafts",
        "questions",
        "interviews_ahead",
        "version",
        "page",
    }
    assert status["accounts"][0]["state"] == "ok"
    assert status["drafts"] == {"waiting": 3}
    assert status["interviews_ahead"] == 4
    interviews = person.json("interviews")
    assert {i["source"] for i in interviews} == {"calendar"}
    assert all(i["evidence"] for i in interviews)
    assert person.json("questions") == []
    assert len(person.json("slots", "--duration", "45m", "--count", "2")["slots"]) == 2
    assert person.json("history")
    assert person.json("why", "Umbra")["why"]
    assert all(c["result"] == "ok" for c in person.json("check"))


def test_nobody_there_to_confirm_means_nothing_is_sent(person: Person) -> None:
    done = person.runs("approve", "1", code=2)
    assert "If you approve:" in done.stdout
    assert "--yes" in done.stderr
    assert person.json("show", "1")["state"] == "waiting"


def test_another_version_is_refused(person: Person) -> None:
    assert "version 1 now, not 7" in person.runs("approve", "1", "--yes", "--version", "7", code=5).stderr


def test_an_edit_is_a_new_version_and_what_leaves(person: Person) -> None:
    drafts = person.json("drafts")
    acme = next(d for d in drafts if d["interview"]["company"] == "Acme")
    number = str(acme["id"])
    editor = "sed -i s/team/panel/"
    person.runs("edit", number, env={"EDITOR": editor})
    edited = person.json("show", number)
    assert edited["version"] == acme["version"] + 1
    assert edited["body"] == acme["body"].replace("team", "panel", 1) or "panel" in edited["body"]
    sent_before = set((person.folder / "Maildir/.Sent/cur").iterdir())
    done = json.loads(person.runs("approve", number, "--yes", "--json", "--version", "2").stdout)
    assert done["state"] == "sent"
    assert done["actions"][0]["state"] == "done"
    (mail,) = set((person.folder / "Maildir/.Sent/cur").iterdir()) - sent_before
    assert b"panel" in mail.read_bytes()
    assert any("approved version 2" in row["what"] for row in person.json("history", number))
    assert "is sent" in person.runs("approve", number, "--yes", code=5).stderr


def test_an_unchanged_edit_changes_nothing(person: Person) -> None:
    assert "Nothing was changed" in person.runs("edit", "1", env={"EDITOR": "true"}).stdout
    assert "$EDITOR" in person.runs("edit", "1", code=2).stderr
    assert "nothing was changed" in person.runs("edit", "1", code=2, env={"EDITOR": "false"}).stderr


def test_dismissing_and_reopening(person: Person) -> None:
    person.runs("dismiss", "1", "--because", "keep")
    assert person.json("show", "1")["outcome"] == "keep"
    assert "1" not in {str(d["id"]) for d in person.json("drafts")}
    person.runs("reopen", "1")
    assert person.json("show", "1")["state"] == "waiting"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("show", "99"), 3),
        (("approve", "99", "--yes"), 3),
        (("dismiss", "99"), 3),
        (("history", "99"), 3),
        (("answer", "99", "yes"), 3),
        (("why", "no such thing"), 3),
        (("mark", "no such thing", "not"), 3),
        (("cancel", "no such thing"), 3),
        (("undo", "1"), 5),
        (("retry", "1"), 5),
        (("edit", "1", "--slots", "99"), 2),
        (("edit", "1", "--slots", "x"), 2),
        (("edit", "1", "--to", "no-reply@acme.example"), 5),
        (("edit", "1", "--to", "a@b\r\nBcc: c@d"), 2),
        (("edit", "1", "--body-file", "/nowhere"), 2),
        (("slots", "--duration", "9y"), 2),
        (("reload",), 75),
    ],
    ids=lambda v: " ".join(v) if isinstance(v, tuple) else str(v),
)
def test_every_refusal_is_one_sentence_with_its_exit_code(person: Person, words: tuple[str, ...], code: int) -> None:
    said = person.runs(*words, code=code).stderr
    assert said.startswith("calwatch: ")
    assert "Traceback" not in said


def test_an_ambiguous_event_lists_the_candidates(person: Person) -> None:
    said = person.runs("cancel", "interview", code=2).stderr
    assert "fits 2 events" in said or "fits 3 events" in said
    assert "Umbra" in said


def test_a_title_cannot_drive_the_terminal(person: Person) -> None:
    path = person.folder / "calendar" / "umbra.ics"
    path.write_bytes(path.read_bytes().replace(b"SUMMARY:Final", "SUMMARY:\x1b]0;x\x07\u202eFinal".encode()))
    person.runs("run", "--once")
    for words in (("interviews",), ("status",), ("why", "Umbra"), ("interviews", "--json")):
        said = person.runs(*words).stdout
        assert "\x1b" not in said
        assert "\u202e" not in said


def test_a_dry_run_shows_letters_and_leaves_no_trace(template: Path, tmp_path: Path) -> None:
    shutil.copytree(template, tmp_path / "w")
    shutil.rmtree(tmp_path / "w" / "state")
    for path in (tmp_path / "w/Maildir/.Drafts").glob("*/*"):
        path.unlink()
    fresh = Person(tmp_path / "w")
    before = {p: p.stat().st_mtime_ns for p in fresh.folder.rglob("*")}
    said = fresh.runs("run", "--once", "--dry-run").stdout
    assert "3 new drafts" in said
    assert "Hi Dana" in said
    assert {p: p.stat().st_mtime_ns for p in fresh.folder.rglob("*")} == before
    assert "No open drafts" in fresh.runs("drafts").stdout


@pytest.mark.parametrize(
    ("variable", "value", "word"),
    [
        ("CALWATCH_SLOTS__HOLIDAYS", "XX-YY", "slots.holidays"),
        ("CALWATCH_REPLIES__TEMPLATES", "/nowhere", "replies.templates"),
        ("CALWATCH_WATCH__EVERY", "often", "CALWATCH_WATCH__EVERY"),
    ],
)
def test_the_service_does_not_start_on_a_wrong_configuration(
    person: Person, variable: str, value: str, word: str
) -> None:
    assert word in person.runs("slots", code=2, env={variable: value}).stderr
    assert word in person.runs("run", "--once", code=78, env={variable: value}).stderr


def test_check_tells_what_would_fail_and_what_to_do(person: Person) -> None:
    config = person.folder / "calwatch.toml"
    text = config.read_text("utf-8").replace('"Maildir/"', '"Mail/"').replace('"calendar/"', '"cal/"')
    config.write_text(text.replace("[approval]", '[slots]\nholidays = "XX"\n[approval]', 1), "utf-8")
    found = {c["what"]: c for c in json.loads(person.runs("check", "--json", code=1).stdout)}
    assert found["account personal: calendar cal"]["result"] == "fails"
    assert found["account personal: mail"]["result"] == "fails"
    assert found["slots.holidays"]["result"] == "fails"
    assert found["state folder"]["result"] == "ok"


def test_init_writes_a_private_configuration_that_works_and_never_overwrites(person: Person, tmp_path: Path) -> None:
    target = tmp_path / "new" / "calwatch.toml"
    words = ["--config", str(target), "init", "--name", "Alex Rivera", "--email", "alex@example.com"]
    words += ["--timezone", "Europe/Berlin", "--calendar", str(person.folder / "calendar")]
    person.runs(*words, "--mail", str(person.folder / "Maildir"), config=False)
    assert target.stat().st_mode & 0o777 == 0o600
    person.runs("--config", str(target), "check", config=False)
    before = target.read_bytes()
    person.runs(*words, config=False, code=5)
    assert target.read_bytes() == before
    person.runs(*words[:-4], "--timezone", "Nowhere", "--calendar", "c", "--force", config=False, code=2)
    assert target.read_bytes() == before
    assert [p.name for p in target.parent.iterdir()] == ["calwatch.toml"]
    assert "--calendar" in person.runs("init", "--name", "x", config=False, code=2).stderr


def test_init_for_google_leads_to_the_sign_in_and_so_does_check(person: Person, tmp_path: Path) -> None:
    client = tmp_path / "client.json"
    keys = ("client_id", "client_secret", "auth_uri", "token_uri")
    client.write_text(json.dumps({"installed": dict.fromkeys(keys, "https://google.example/")}), "utf-8")
    client.chmod(0o600)
    words = ["--config", str(tmp_path / "google.toml"), "init", "--name", "Alex Rivera", "--email", "alex@example.com"]
    done = person.runs(*words, "--client-file", str(client), config=False)
    assert "auth personal" in done.stdout
    assert "Note" not in done.stderr
    checked = person.runs("--config", str(tmp_path / "google.toml"), "check", "--json", config=False, code=1)
    rows = {row["what"]: row for row in json.loads(checked.stdout)}
    assert rows["account personal: sign-in"]["result"] == "fails"
    assert "calwatch auth personal" in rows["account personal: sign-in"]["detail"]


def test_classify_works_without_any_configuration(person: Person) -> None:
    done = person.runs("classify", str(person.folder / "calendar"), "--json", config=False)
    rows = {Path(row["file"]).stem: row for row in json.loads(done.stdout)}
    keys = "file is_interview role stage company contact_email contact_name language score evidence"
    assert all(set(row) == set(keys.split()) for row in rows.values())
    assert {name for name, row in rows.items() if row["is_interview"]} == {
        "acme-technical",
        "globex",
        "initech",
        "umbra",
    }
    person.runs("classify", "/nowhere.ics", config=False, code=3)
    (person.folder / "junk.ics").write_bytes(b"\xff\xfenothing\n")
    assert "junk.ics: " in person.runs("classify", str(person.folder / "junk.ics"), config=False, code=1).stderr


def test_ctrl_c_during_the_countdown_calls_the_letter_back(person: Person) -> None:
    command = [str(CALWATCH), "--config", str(person.folder / "calwatch.toml"), "approve", "1", "--yes"]
    env = {**person.env, "CALWATCH_APPROVAL__UNDO": '{"default": "60s", "withdraw": "60s"}'}
    with subprocess.Popen(
        command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL
    ) as going:
        assert going.stderr is not None
        while "Ctrl-C calls it back" not in going.stderr.readline():
            assert going.poll() is None
        going.send_signal(signal.SIGINT)
        said = going.stderr.read()
        assert going.wait(timeout=30) == 5
    assert "nothing was sent" in said
    draft = person.json("show", "1")
    assert draft["state"] == "waiting"
    assert draft["version"] == 1
