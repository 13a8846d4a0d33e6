"""Loading the configuration: every problem at once, each with its path and the nearest valid key."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from calwatch.errors import ConfigError
from calwatch.providers import PROVIDERS
from calwatch.providers.google.options import GoogleAccount
from calwatch.providers.local.options import LocalAccount
from calwatch.settings import Settings, load
from calwatch.settings.tree import ACCOUNTS

GOOD = """
[you]
name = "Alex Rivera"
emails = ["Alex.Rivera@example.com"]
timezone = "Europe/Berlin"

[[accounts]]
name = "files"
provider = "local"
calendar = "calendar/"
"""

ENV = {"HOME": "/home/alex"}


def loaded(folder: Path, text: str, **env: str) -> Settings:
    path = folder / "calwatch.toml"
    path.write_text(text, encoding="utf-8")
    return load(path, ENV | env)


def problems(folder: Path, text: str, **env: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        loaded(folder, text, **env)
    return list(caught.value.problems)


def test_the_shortest_configuration_has_every_default(tmp_path: Path) -> None:
    settings = loaded(tmp_path, GOOD)
    assert settings.watch.every == timedelta(seconds=60)
    assert settings.you.emails == ("alex.rivera@example.com",)
    assert settings.accounts[0].email == "alex.rivera@example.com"
    assert settings.state == Path("/home/alex/.local/state/calwatch")


def test_every_problem_is_told_at_once_with_the_nearest_key(tmp_path: Path) -> None:
    text = GOOD.replace("calendar =", "calender =") + '[watch]\nevry = "1m"\n[replies]\ndelivery = "snd"\n'
    found = problems(tmp_path, text)
    assert "calwatch.toml: accounts[0].calender: unknown key; did you mean calendar?" in found
    assert "calwatch.toml: watch.evry: unknown key; did you mean every?" in found
    assert """calwatch.toml: replies.delivery: 'snd' is not one of "send" or "drafts\"""" in found
    assert any(p.startswith("calwatch.toml: accounts[0].calendar: missing: ") for p in found)
    assert len(found) == 4


def test_a_key_in_the_wrong_table_is_told_where_it_belongs(tmp_path: Path) -> None:
    assert problems(tmp_path, GOOD + '[watch]\nbuffer = "1m"\n') == [
        "calwatch.toml: watch.buffer: unknown key; did you mean slots.buffer?"
    ]


@pytest.mark.parametrize(
    ("zone", "meant"),
    [
        ("Europe/Berlinn", "Europe/Berlin"),
        ("Berlin", "Europe/Berlin"),
        ("america/new york", "America/New_York"),
        ("europe/berlin", "Europe/Berlin"),
    ],
)
def test_a_wrong_zone_is_answered_with_the_nearest(tmp_path: Path, zone: str, meant: str) -> None:
    (found,) = problems(tmp_path, GOOD.replace("Europe/Berlin", zone))
    assert found == f"calwatch.toml: you.timezone: '{zone}' is not a time zone; did you mean \"{meant}\"?"


@pytest.mark.parametrize("zone", ["", "../../etc/passwd", "/etc/localtime", "x" * 3000, "Nowhere"])
def test_a_hopeless_zone_is_a_problem_and_not_a_crash(tmp_path: Path, zone: str) -> None:
    (found,) = problems(tmp_path, GOOD.replace("Europe/Berlin", zone))
    assert "is not a time zone" in found


def test_broken_toml_names_line_and_column(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, "[you]\nname = \n")
    assert found == "calwatch.toml: line 2, column 8: invalid value"


def test_a_file_that_is_not_utf8_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "calwatch.toml"
    path.write_bytes(b"[you]\nname = 'J\xfcrgen'\n")
    with pytest.raises(ConfigError, match="line 2: not UTF-8"):
        load(path, ENV)


def test_a_provider_nobody_knows_is_told_with_those_there_are(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, GOOD.replace('"local"', '"gogle"'))
    there = 'this version has "local", "google" and "outlook"'
    assert found == f"calwatch.toml: accounts[0].provider: 'gogle' is not a provider; {there}"


def test_an_account_without_a_provider_is_told_which_there_are(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, GOOD.replace('provider = "local"\n', ""))
    assert found == 'calwatch.toml: accounts[0].provider: missing: "local", "google" or "outlook"'


def test_problems_of_an_account_are_told_by_the_keys_of_its_provider(tmp_path: Path) -> None:
    text = (
        GOOD + '[[accounts]]\nname = "g"\nprovider = "google"\nclient_fil = "c.json"\napi_root = "http://example.com"\n'
    )
    found = problems(tmp_path, text)
    assert "calwatch.toml: accounts[1].client_fil: unknown key; did you mean client_file?" in found
    assert any(p.startswith("calwatch.toml: accounts[1].client_file: missing: the OAuth client") for p in found)
    assert any(p.startswith("calwatch.toml: accounts[1].api_root: 'http://example.com' is not an https") for p in found)
    assert len(found) == 3


def test_a_key_of_another_provider_is_told_whose_it_is(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, GOOD + 'client_file = "c.json"\n')
    assert found == (
        'calwatch.toml: accounts[0].client_file: unknown key; that is a key of accounts with provider = "google"'
    )


def test_an_unknown_key_named_like_a_provider_is_just_unknown(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, GOOD + "local = 1\n")
    assert found.startswith("calwatch.toml: accounts[0].local: unknown key")


def test_an_empty_client_file_is_a_missing_one(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, GOOD + '[[accounts]]\nname = "g"\nprovider = "google"\nclient_file = ""\n')
    assert found.startswith("calwatch.toml: accounts[1].client_file: missing: ")


def test_a_calendar_is_watched_or_only_busy_time(tmp_path: Path) -> None:
    text = (
        GOOD + '[[accounts]]\nname = "g"\nprovider = "google"\nclient_file = "c.json"\nbusy_calendars = ["primary"]\n'
    )
    (found,) = problems(tmp_path, text)
    assert (
        found == 'calwatch.toml: accounts[1]: "primary" is in calendars and in busy_calendars; leave it in one of them'
    )


def test_a_google_account_has_its_own_calendar_unless_others_are_named(tmp_path: Path) -> None:
    text = GOOD + '[[accounts]]\nname = "g"\nprovider = "google"\nclient_file = "c.json"\n'
    account = loaded(tmp_path, text).account("g")
    assert isinstance(account, GoogleAccount)
    assert account.calendars == ("primary",)
    assert account.client_file == tmp_path / "c.json"
    assert account.email == "alex.rivera@example.com"


def test_the_settings_know_the_options_of_every_provider() -> None:
    assert {name: provider.options for name, provider in PROVIDERS.items()} == ACCOUNTS


def test_two_accounts_need_two_names(tmp_path: Path) -> None:
    again = GOOD[GOOD.index("[[accounts]]") :]
    (found,) = problems(tmp_path, GOOD + again)
    assert '"files" is the name of more than one account' in found


def test_the_environment_overrides_the_file(tmp_path: Path) -> None:
    settings = loaded(
        tmp_path,
        GOOD + '[watch]\nevery = "5m"\n',
        CALWATCH_WATCH__EVERY="30s",
        CALWATCH_SLOTS__COUNT="2",
        CALWATCH_REPLIES__HOLD="true",
        CALWATCH_INTERVIEWS__IGNORE='["book club"]',
        CALWATCH_WATCH__SETTLE="1m",
        CALWATCH_APPROVAL__UNDO__WITHDRAW="2m",
    )
    assert settings.watch.every == timedelta(seconds=30)
    assert settings.slots.count == 2
    assert settings.replies.hold is True
    assert settings.interviews.ignore == ("book club",)
    assert settings.watch.settle.default == timedelta(minutes=1)
    assert settings.approval.undo.withdraw == timedelta(minutes=2)


def test_a_wrong_override_names_its_variable(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        GOOD,
        CALWATCH_WATCH__EVERY="often",
        CALWATCH_WACH__EVERY="1m",
        CALWATCH_ACCOUNTS__0__NAME="x",
        CALWATCH_WATCH__EVRY="1m",
        CALWATCH_INTERVIEWS__IGNORE="[broken",
    )
    assert any(p.startswith("CALWATCH_WATCH__EVERY: 'often' is not a duration") for p in found)
    assert "CALWATCH_WACH__EVERY: no such part of the configuration; did you mean CALWATCH_WATCH__EVERY?" in found
    assert "CALWATCH_ACCOUNTS__0__NAME: accounts are set in the file only" in found
    assert "CALWATCH_WATCH__EVRY: unknown key; did you mean every?" in found
    assert any(p.startswith("CALWATCH_INTERVIEWS__IGNORE: needs a list") for p in found)
    assert len(found) == 5


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("WATCH__", "1m", "unknown key; here one can set every, settle, horizon"),
        ("WATCH____EVERY", "1m", "unknown key; here one can set every, settle, horizon"),
        ("WATCH__EVERY__X", "1m", "{'x': '1m'} is not a duration"),
        ("WATCH__SETTLE", "10", "'10' is not a duration"),
        ("YOU__AWAY__0__FROM", "2026-05-04", "needs a list in [ ]"),
        ("NOTIFY__URLS", "[" * 100_000, "needs a list in [ ]"),
        ("SOURCE__X", "y", "no such part of the configuration"),
        ("ACCOUNTS__FILES", "[]", "accounts are set in the file only"),
        ("SLOTS__COUNT", "[1]", "input should be a valid integer"),
    ],
)
def test_a_senseless_override_is_one_sentence_that_names_it(tmp_path: Path, key: str, value: str, said: str) -> None:
    (found,) = problems(tmp_path, GOOD, **{f"CALWATCH_{key}": value})
    assert found.startswith(f"CALWATCH_{key}: {said}")


def test_the_problem_of_a_table_is_told_of_the_file_when_the_variable_set_another_key(tmp_path: Path) -> None:
    found = problems(tmp_path, GOOD + '[watch]\nhorizon = "far"\n', CALWATCH_WATCH__EVERY="1m")
    assert [p.partition(": '")[0] for p in found] == ["calwatch.toml: watch.horizon"]


def test_an_override_replaces_what_it_names_and_nothing_beside_it(tmp_path: Path) -> None:
    settings = loaded(
        tmp_path,
        GOOD + '[interviews]\nignore = ["a", "b"]\ntreat_as = ["c"]\n[slots.hours]\nmon = "09:00-12:00"\n',
        CALWATCH_INTERVIEWS__IGNORE='["d"]',
        CALWATCH_SLOTS__HOURS__SAT="10:00-12:00",
        CALWATCH_YOU__AWAY='[{"from": "2026-05-04", "to": "2026-05-08", "timezone": "America/New_York"}]',
        CALWATCH_YOU__PHONE="[030] 901820",
        CALWATCH_NOTIFY__QUIET="",
        calwatch_watch__every="1h",
    )
    assert settings.interviews.ignore == ("d",)
    assert settings.interviews.treat_as == ("c",)
    assert set(settings.slots.hours) == {"mon", "sat"}
    assert settings.you.timezone_on(date(2026, 5, 5)) == "America/New_York"
    assert settings.you.phone == "[030] 901820"
    assert settings.notify.quiet is None
    assert settings.watch.every == timedelta(seconds=60)


def test_variables_that_are_not_overrides_are_left_alone(tmp_path: Path) -> None:
    assert loaded(tmp_path, GOOD, CALWATCH_CONFIG="/nowhere", CALWATCH_EDITOR="x").you.name == "Alex Rivera"


def test_relative_paths_start_at_the_file_and_empty_ones_are_none(tmp_path: Path) -> None:
    settings = loaded(
        tmp_path, GOOD + 'mail = ""\n[storage]\npath = "state"\n[replies]\ntemplates = ""\n[notify]\nurls_file = "u"\n'
    )
    (account,) = settings.accounts
    assert isinstance(account, LocalAccount)
    assert account.calendar == tmp_path / "calendar"
    assert account.mail is None
    assert settings.state == tmp_path / "state"
    assert settings.replies.templates is None
    assert settings.notify.urls_file == tmp_path / "u"


def test_a_short_form_is_told_once(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, GOOD + '[watch]\nsettle = "10"\n')
    assert found.startswith("calwatch.toml: watch.settle: '10' is not a duration")


def test_secrets_are_not_repeated_in_a_problem(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, GOOD + '[notify]\nurls = "ntfy://ntfy.sh/hidden-topic"\n')
    assert "hidden-topic" not in found
    assert "notify.urls" in found


@pytest.mark.parametrize("key", ["source", "state", "(source"])
def test_what_load_adds_itself_cannot_be_set_from_the_file(tmp_path: Path, key: str) -> None:
    (found,) = problems(tmp_path, f'"{key}" = "x"\n' + GOOD)
    assert "unknown key" in found


def test_the_zone_of_a_day_follows_where_the_person_is(tmp_path: Path) -> None:
    stay = '[[you.away]]\nfrom = "2026-05-04"\nto = 2026-05-08\ntimezone = "America/New_York"\n'
    you = loaded(tmp_path, GOOD + stay).you
    assert you.timezone_on(date(2026, 5, 8)) == "America/New_York"
    assert you.timezone_on(date(2026, 5, 9)) == "Europe/Berlin"
    (found,) = problems(tmp_path, GOOD + stay.replace("2026-05-08", "2026-05-01"))
    assert "ends (2026-05-01) before it starts (2026-05-04)" in found


def test_no_configuration_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="calwatch init"):
        load(None, {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config")})


def test_the_first_place_wins(tmp_path: Path) -> None:
    for place in ("a/calwatch/calwatch.toml", "b.toml", "c.toml"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text(GOOD.replace("Alex Rivera", place), encoding="utf-8")
    env = {"HOME": "/h", "XDG_CONFIG_HOME": str(tmp_path / "a")}
    assert load(None, env).you.name.startswith("a/")
    env["CALWATCH_CONFIG"] = str(tmp_path / "b.toml")
    assert load(None, env).you.name == "b.toml"
    assert load(tmp_path / "c.toml", env).you.name == "c.toml"


@pytest.mark.parametrize("text", ["you = 3", "accounts = 3", "accounts = [3]", "[you]\nemails = 3", "watch = []", ""])
def test_values_of_the_wrong_shape_are_sentences(tmp_path: Path, text: str) -> None:
    assert all(p.startswith("calwatch.toml: ") for p in problems(tmp_path, text))


@pytest.mark.parametrize("address", ["alex", "a b@example.com", "a@b\r\nBcc: x@y", "Alex <a@example.com>", "a@"])
def test_an_address_of_yours_is_an_address(tmp_path: Path, address: str) -> None:
    escaped = address.replace("\r", "\\r").replace("\n", "\\n")
    (found,) = problems(tmp_path, GOOD.replace("Alex.Rivera@example.com", escaped))
    assert found.startswith("calwatch.toml: you.emails[0]: ")
    assert "\n" not in found
