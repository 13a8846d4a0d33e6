"""Numbers for programs on this machine: in Prometheus' own format, true, and about nobody."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from calwatch.model.case import RequestKind
from calwatch.pipeline.parts import AccountState, Health
from calwatch.web.app import make_app
from calwatch.web.metrics import NOTIFICATIONS, POLLS, SENDS
from stories import a_draft_in
from visits import PUBLIC, Visit, the_settings
from worlds import World, a_waiting_draft

HOSTILE = 'Interview "Zaphod"\n# HELP evil\nevil{x="y"} 7'


def numbers(visit: Visit) -> dict[tuple[str, tuple[str, ...]], float]:
    """Every sample by its name and the values of its labels."""
    answer = visit.ask("/metrics")
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.get_data(as_text=True))
    return {
        (one.name, tuple(value for _, value in sorted(one.labels.items()))): one.value
        for family in families
        for one in family.samples
    }


def test_the_numbers_need_no_session_and_are_for_this_machine_only(visit: Visit) -> None:
    answer = visit.ask("/metrics")
    assert answer.status_code == 200
    assert answer.mimetype == "text/plain"
    assert visit.ask("/metrics", base=PUBLIC).status_code == 404


def test_the_numbers_are_those_of_the_service(visit: Visit, world: World) -> None:
    world.clock.advance(timedelta(hours=1))
    draft = a_waiting_draft(world).draft
    world.clock.advance(timedelta(minutes=30))
    visit.site.tallies.update({"poll:complete": 3, "poll:partial": 1, "send:accepted": 2})
    found = numbers(visit)
    assert found["calwatch_start_time_seconds", ()] == visit.site.started.timestamp()
    assert found["calwatch_account_up", ("1", "local")] == 1
    assert (
        found["calwatch_last_sync_timestamp_seconds", ("1", "local")]
        == (world.clock.now() - timedelta(minutes=30)).timestamp()
    )
    assert found["calwatch_drafts", ("waiting",)] == 1
    assert found["calwatch_drafts", ("sent",)] == 0
    assert found["calwatch_oldest_waiting_draft_age_seconds", ()] == 1800
    assert found["calwatch_questions_open", ()] == 0
    assert found["calwatch_sends_total", ("accepted",)] == 2
    world.approve(draft)
    assert numbers(visit)["calwatch_drafts", ("waiting",)] == 0
    assert numbers(visit)["calwatch_oldest_waiting_draft_age_seconds", ()] == 0


def test_every_number_is_there_before_anything_happened(visit: Visit) -> None:
    found = numbers(visit)
    assert found["calwatch_account_up", ("1", "local")] == 0
    assert not any(name == "calwatch_last_sync_timestamp_seconds" for name, _ in found)
    for result in POLLS:
        assert found["calwatch_polls_total", (result,)] == 0
    for outcome in SENDS:
        assert found["calwatch_sends_total", (outcome,)] == 0
    for result in NOTIFICATIONS:
        assert found["calwatch_notifications_total", (result,)] == 0


def test_a_day_in_the_life(visit: Visit, world: World) -> None:
    hour = timedelta(hours=1)
    world.phone.down = True
    first = a_waiting_draft(world).draft
    world.live(timedelta(minutes=10), step=timedelta(minutes=10))
    world.phone.down = False
    world.live(timedelta(minutes=10), step=timedelta(minutes=10))
    assert world.approve(first).ok
    world.live(hour, step=timedelta(minutes=1))
    second = a_waiting_draft(world, "2026-05-12 10:00", uid="another@acme.example").draft
    world.ask(RequestKind.DISMISS, second)
    a_waiting_draft(world, "2026-05-19 10:00", uid="a-third@acme.example")
    world.live(5 * hour, step=hour)
    found = numbers(visit)
    states = {labels[0]: n for (name, labels), n in found.items() if name == "calwatch_drafts" and n}
    assert states == {"waiting": 1, "sent": 1, "dismissed": 1}
    assert found["calwatch_oldest_waiting_draft_age_seconds", ()] == 5 * 3600
    assert {labels[0]: n for (name, labels), n in found.items() if name == "calwatch_sends_total" and n} == {
        "accepted": 1
    }
    assert found["calwatch_notifications_total", ("failed",)] >= 1
    assert found["calwatch_notifications_total", ("delivered",)] == len(world.said)
    assert found["calwatch_polls_total", ("complete",)] >= 67
    assert found["calwatch_polls_total", ("partial",)] == 0
    assert found["calwatch_last_sync_timestamp_seconds", ("1", "local")] == world.clock.now().timestamp()


@pytest.mark.parametrize("state", [state for state in AccountState if state is not AccountState.OK])
def test_an_account_that_cannot_be_read_is_down(world: World, visit: Visit, state: AccountState) -> None:
    world.pipeline.parts.health["personal"] = Health(state=state, detail=HOSTILE)
    assert numbers(visit)["calwatch_account_up", ("1", "local")] == 0


def test_what_is_counted_tells_nothing_about_anybody(visit: Visit, world: World) -> None:
    a_waiting_draft(world, summary="Technical interview with Zaphod", location="Milliways")
    world.store.quarantine.put("zaphod.ics", HOSTILE, now=world.clock.now())
    world.pipeline.parts.health["personal"].detail = HOSTILE
    told = visit.ask("/metrics").get_data(as_text=True) + visit.ask("/healthz").get_data(as_text=True)
    for word in (
        "Zaphod",
        "zaphod",
        "evil",
        "Acme",
        "Dana",
        "Alex",
        "personal",
        "example",
        "@",
        "Milliways",
        "Parents",
    ):
        assert word not in told, word


def without_values(metrics: str) -> list[str]:
    return [re.sub(r" [-+.\de]+$", "", line) for line in metrics.splitlines()]


def test_whatever_there_is_only_the_values_differ(visit: Visit, world: World, tmp_path: Path) -> None:
    """No word of a stranger, of the configuration or of an error is in any line, and there are no more lines."""
    world.look()
    empty = without_values(visit.ask("/metrics").get_data(as_text=True))
    a_waiting_draft(world, summary=f"Technical {HOSTILE}", location=HOSTILE, uid="evil@acme.example")
    world.pipeline.parts.tallies.update({f"send:{HOSTILE}": 3, "poll:Zaphod": 1})
    world.pipeline.parts.health["Zaphod"] = Health(state=AccountState.ERROR, detail=HOSTILE)
    assert without_values(visit.ask("/metrics").get_data(as_text=True)) == empty
    more = 'name = "Zaphod"\nprovider = "google"\nemail = "alex.rivera@example.com"\nclient_file = "zaphod.json"\n'
    two = Visit(world, the_settings(tmp_path / "two", more=f"[[accounts]]\n{more}"))
    added = set(without_values(two.ask("/metrics").get_data(as_text=True))) - set(empty)
    assert added == {'calwatch_account_up{account="2",provider="google"}'}


def test_two_hundred_letters_cost_as_little_as_one(visit: Visit, world: World) -> None:
    costs = []
    for more in (1, 199):
        for _ in range(more):
            a_draft_in(world.store)
        before = world.store.counters.statements
        found = numbers(visit)
        costs.append(world.store.counters.statements - before)
        assert visit.ask("/healthz").status_code == 200
    assert found["calwatch_drafts", ("waiting",)] == 200
    assert costs == [3, 3]


def test_numbers_and_health_write_nothing(visit: Visit, world: World) -> None:
    a_waiting_draft(world)
    before = world.store.counters.rows_written
    numbers(visit)
    visit.ask("/healthz")
    assert world.store.counters.rows_written == before


def test_a_service_that_gets_nowhere_is_not_well(visit: Visit) -> None:
    visit.app = make_app(replace(visit.site, alive=lambda: False))
    answer = visit.ask("/healthz")
    assert (answer.status_code, answer.get_json()) == (503, {"status": "stalled"})
    assert visit.ask("/metrics").status_code == 200


def test_accounts_that_cannot_be_read_are_no_reason_to_start_the_service_anew(visit: Visit, world: World) -> None:
    world.pipeline.parts.health["personal"] = Health(state=AccountState.ERROR, detail=HOSTILE)
    assert visit.ask("/healthz").status_code == 200


def test_a_service_whose_store_answers_is_well(visit: Visit) -> None:
    answer = visit.ask("/healthz")
    assert (answer.status_code, answer.get_json()) == (200, {"status": "ok"})
    assert visit.ask("/healthz", method="HEAD").status_code == 200
    assert visit.ask("/healthz", base=PUBLIC).get_json() == {"status": "ok"}


def test_a_service_whose_store_is_damaged_is_not(visit: Visit, world: World) -> None:
    world.stop()
    (world.folder / "calwatch.db").write_bytes(b"no database" * 1000)
    assert visit.ask("/healthz").get_json() == {"status": "store"}
    for path in ("/healthz", "/metrics", f"/k/{visit.key}/"):
        answer = visit.ask(path)
        assert answer.status_code == 503, path
        assert "database" not in answer.get_data(as_text=True)
