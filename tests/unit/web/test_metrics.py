"""Numbers for programs on this machine: in Prometheus' own format, true, and about nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from calwatch.pipeline.parts import AccountState, Health
from calwatch.web.metrics import POLLS, SENDS
from visits import PUBLIC, Visit
from worlds import World, a_waiting_draft

HOSTILE = 'Interview "Zaphod"\n# HELP evil\nevil{x="1"} 1'


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


def test_a_service_whose_store_answers_is_well(visit: Visit) -> None:
    answer = visit.ask("/healthz")
    assert (answer.status_code, answer.get_json()) == (200, {"status": "ok"})
    assert visit.ask("/healthz", method="HEAD").status_code == 200
    assert visit.ask("/healthz", base=PUBLIC).get_json() == {"status": "ok"}


def test_a_service_whose_store_is_damaged_is_not(visit: Visit, world: World) -> None:
    world.stop()
    (world.folder / "calwatch.db").write_bytes(b"no database" * 1000)
    for path in ("/healthz", "/metrics", f"/k/{visit.key}/"):
        answer = visit.ask(path)
        assert answer.status_code == 503, path
        assert "database" not in answer.get_data(as_text=True)
