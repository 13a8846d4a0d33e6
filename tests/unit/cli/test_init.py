"""``init`` asks for little, says at once what is wrong, and leaves a configuration that loads and the next step."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from calwatch.cli.commands import parser
from calwatch.cli.setup import init
from calwatch.errors import ConfigError, UsageError
from calwatch.providers.google.options import GoogleAccount
from calwatch.providers.local.options import LocalAccount
from calwatch.providers.outlook.options import OutlookAccount
from calwatch.settings import Settings, load

CLIENT = {
    "client_id": "1-a.apps.googleusercontent.com",
    "client_secret": "not-really-secret",
    "auth_uri": "https://accounts.google.com/o/oauth2/auth",
    "token_uri": "https://oauth2.googleapis.com/token",
}
ID = "11111111-2222-3333-4444-555555555555"
PERSON = ("--name", "Alex Rivera", "--email", "alex@gmail.example", "--timezone", "Europe/Berlin")


class Typing(io.StringIO):
    """Standard input at a terminal, with what the person types, line by line."""

    def isatty(self) -> bool:
        return True


class Person:
    """Somebody who runs ``init`` for the configuration ``file``."""

    def __init__(self, file: Path, monkeypatch: pytest.MonkeyPatch, said: pytest.CaptureFixture[str]) -> None:
        self.file = file
        self._monkeypatch = monkeypatch
        self._said = said

    def runs(self, *flags: str, types: str | None = None) -> tuple[str, str]:
        """What it prints on stdout and stderr. ``types`` ``None``: nobody is there to ask."""
        self._monkeypatch.setattr(sys, "stdin", io.StringIO() if types is None else Typing(types))
        init(parser().parse_args(["--config", str(self.file), "init", *flags]))
        said = self._said.readouterr()
        return said.out, said.err

    def settings(self) -> Settings:
        return load(self.file, {"HOME": str(self.file.parent)})

    def google(self) -> GoogleAccount:
        (account,) = self.settings().accounts
        assert isinstance(account, GoogleAccount)
        return account

    def outlook(self) -> OutlookAccount:
        (account,) = self.settings().accounts
        assert isinstance(account, OutlookAccount)
        return account


@pytest.fixture
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Person:
    return Person(tmp_path / "calwatch" / "calwatch.toml", monkeypatch, capsys)


def client_file(person: Person, kind: str = "installed", mode: int = 0o600) -> Path:
    """What Google gives for a client of that kind, where ``init`` looks for it."""
    path = person.file.parent / "google-client.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({kind: CLIENT}), encoding="utf-8")
    path.chmod(mode)
    return path


def test_flags_for_google_write_a_private_configuration_that_loads(person: Person) -> None:
    client = client_file(person)
    person.runs("--provider", "google", *PERSON)
    account = person.google()
    assert (account.name, account.email, account.use) == ("personal", "alex@gmail.example", "full")
    assert account.client_file == client
    assert account.calendars == ("primary",)
    assert person.file.stat().st_mode & 0o777 == 0o600


def test_the_configuration_explains_every_key_of_a_google_account(person: Person) -> None:
    person.runs("--provider", "google", *PERSON)
    text = person.file.read_text("utf-8")
    assert text.count("\n[[accounts]]\n") == 1
    assert '\nprovider = "google"  # ' in text
    assert '\n# calendars = ["primary"]  # ' in text
    assert "outgoing" not in text


def test_the_next_step_for_google_is_the_sign_in(person: Person) -> None:
    client_file(person)
    said, remarks = person.runs("--provider", "google", *PERSON)
    command = f"calwatch --config {person.file}"
    assert f"{command} auth personal" in said
    assert said.index("auth personal") < said.index(f"{command} check") < said.index(f"{command} run")
    assert "Note" not in remarks


def test_files_on_disk_need_no_sign_in(person: Person) -> None:
    said, _ = person.runs("--calendar", str(person.file.parent), *PERSON)
    assert "auth" not in said
    assert isinstance(person.settings().accounts[0], LocalAccount)


def test_a_client_file_that_is_not_there_yet_is_noted_with_the_page_that_leads_to_it(person: Person) -> None:
    _, remarks = person.runs("--client-file", str(person.file.parent / "from-google.json"), *PERSON)
    assert "from-google.json is not there yet" in remarks
    assert "docs/google.md" in remarks
    assert person.google().client_file == person.file.parent / "from-google.json"


def test_a_client_file_that_others_can_read_is_noted(person: Person) -> None:
    client = client_file(person, mode=0o644)
    _, remarks = person.runs("--provider", "google", *PERSON)
    assert f"chmod 600 {client}" in remarks


def test_a_client_of_another_type_is_told_before_the_browser_opens(person: Person) -> None:
    client_file(person, "web")
    _, remarks = person.runs("--provider", "google", *PERSON)
    assert "a client of the type Web application" in remarks
    assert "Desktop app" in remarks


def test_an_account_for_taken_time_only_says_that_nothing_is_watched_with_it_alone(person: Person) -> None:
    said, remarks = person.runs("--provider", "google", "--use", "busy", *PERSON)
    assert person.google().use == "busy"
    assert "auth work" in said
    assert "nothing is watched" in remarks


def test_a_client_id_is_all_that_outlook_needs_besides_the_person(person: Person) -> None:
    said, remarks = person.runs("--client-id", ID.upper(), "--email", "alex@outlook.com", *PERSON[:2], *PERSON[4:])
    account = person.outlook()
    assert (account.name, account.email, account.use) == ("personal", "alex@outlook.com", "full")
    assert (account.client_id, account.tenant, account.sign_in) == (ID, "common", "device-code")
    assert account.calendars == ("primary",)
    assert said.index("auth personal") < said.index("check") < said.index("run")
    assert "Note" not in remarks
    text = person.file.read_text("utf-8")
    assert '\n# calendars = ["primary"]  # ' in text
    assert "client_file" not in text


def test_flags_for_an_organization_are_written_down(person: Person) -> None:
    flags = ("--provider", "outlook", "--client-id", ID, "--tenant", "contoso.com", "--sign-in", "browser")
    person.runs(*flags, *PERSON)
    account = person.outlook()
    assert (account.tenant, account.sign_in) == ("contoso.com", "browser")


@pytest.mark.parametrize(("email", "tenant"), [("alex@contoso.com", "common"), ("alex@outlook.com", "organizations")])
def test_what_an_administrator_may_see_is_told_before_anybody_signs_in(person: Person, email: str, tenant: str) -> None:
    flags = ("--client-id", ID, "--tenant", tenant, "--use", "busy", "--email", email)
    said, remarks = person.runs(*flags, *PERSON[:2], *PERSON[4:])
    assert "administrator may see that calwatch signs in" in remarks
    assert "docs/outlook.md" in remarks
    assert "auth work" in said


def test_the_questions_for_outlook_lead_to_the_page_and_name_what_is_usual(person: Person) -> None:
    _, asked = person.runs(types=f"outlook\nAlex\nalex@outlook.com\nEurope/Berlin\n{ID}\n\n\n")
    assert "docs/outlook.md" in asked
    assert "[common]" in asked
    assert "[device-code]" in asked
    assert person.outlook().client_id == ID


def test_an_object_id_mistyped_or_a_way_to_sign_in_there_is_not_is_asked_again(person: Person) -> None:
    typed = f"microsoft\nAlex\nalex@outlook.com\nEurope/Berlin\ncalwatch\n{ID}\nmy company\nconsumers\nphone\nbrowser\n"
    _, asked = person.runs(types=typed)
    assert "'calwatch' is not the \"Application (client) ID\"" in asked
    assert "'my company' is no tenant" in asked
    account = person.outlook()
    assert (account.tenant, account.sign_in) == ("consumers", "browser")


def test_a_client_id_that_is_none_writes_nothing(person: Person) -> None:
    with pytest.raises(ConfigError, match="is not the"):
        person.runs("--client-id", "calwatch", *PERSON)
    assert not person.file.exists()


def test_the_first_question_is_where_the_calendar_is(person: Person) -> None:
    _, asked = person.runs(types="google\nAlex Rivera\nalex@gmail.example, a@rivera.example\nEurope/Berlin\n\n")
    assert asked.startswith("Where is your calendar")
    assert "Maildir" not in asked
    account = person.google()
    assert account.email == "alex@gmail.example"
    assert account.client_file == person.file.parent / "google-client.json"


def test_files_are_what_an_empty_answer_means(person: Person) -> None:
    _, asked = person.runs(types="\nAlex Rivera\nalex@rivera.example\nEurope/Berlin\ncalendar\n\n\n")
    assert "Maildir" in asked
    assert isinstance(person.settings().accounts[0], LocalAccount)


def test_a_wrong_answer_is_told_at_once_and_asked_again(person: Person) -> None:
    _, asked = person.runs(types="icloud\ngoogle\nAlex\nnobody\nalex@gmail.example\nBerlin\nEurope/Berlin\n\n")
    assert 'write "files", "google" or "outlook"' in asked
    assert "'nobody' is not a mail address" in asked
    assert 'did you mean "Europe/Berlin"?' in asked
    assert person.google().email == "alex@gmail.example"


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        ((), "--calendar"),
        (("--name", "Alex"), "--provider google"),
        (("--provider", "google", "--name", "Alex"), "--email"),
        (("--provider", "google", "--calendar", "c", *PERSON), "--calendar"),
        (("--provider", "local", "--client-file", "c", *PERSON), "--client-file"),
        (("--calendar", "c", "--client-file", "c", *PERSON), "--client-file"),
        (("--provider", "outlook", *PERSON), "--client-id"),
        (("--client-id", " ", *PERSON), "--client-id must not be empty"),
        (("--provider", "google", "--client-id", ID, *PERSON), "--client-id"),
        (("--client-file", "c", "--tenant", "common", *PERSON), "--tenant"),
    ],
)
def test_with_nobody_to_ask_the_flag_in_question_is_named_and_nothing_written(
    person: Person, flags: tuple[str, ...], named: str
) -> None:
    with pytest.raises(UsageError, match=named):
        person.runs(*flags)
    assert not person.file.exists()


def test_an_end_of_input_writes_nothing(person: Person) -> None:
    with pytest.raises(UsageError, match="nothing was written"):
        person.runs(types="google\nAlex\n")
    assert not person.file.exists()
