"""Reading goes on through what passes, within bounds; writing is one attempt that says what is certain."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from calwatch.errors import CalwatchError, Doubt, NeedsSignIn, Retry, Stop
from calwatch.providers.outlook.api.connection import Connection
from calwatch.providers.outlook.scopes import Feature
from calwatch.providers.remote.faults import Refusal
from fakes.microsoft.faults import CLAIMS
from fakes.microsoft.server import Fault
from unit.providers.outlook.conftest import Line

CALENDARS, CREATE, SEND, TOKEN = "calendars.list", "events.create", "messages.send", "identity.token"
HOUR = {
    "subject": "Busy",
    "start": {"dateTime": "2026-05-04T10:00:00", "timeZone": "UTC"},
    "end": {"dateTime": "2026-05-04T11:00:00", "timeZone": "UTC"},
}
PASSING = [Fault.LOST, Fault.UNDONE, Fault.DOWN, Fault.HTML_504, Fault.EMPTY_504, Fault.TRUNCATED, Fault.BROKEN_OFF]
BUSY = [Fault.TOO_MANY, Fault.CONCURRENCY]


def read(connection: Connection) -> dict[str, Any]:
    return connection.read("/me/calendars")


def write(connection: Connection) -> dict[str, Any]:
    return connection.write("POST", "/me/events", HOUR)


def failure(act: Callable[[], Any]) -> CalwatchError:
    with pytest.raises(CalwatchError) as caught:
        act()
    return caught.value


def test_every_request_says_which_ids_and_which_zone_it_wants(signed_in: Line) -> None:
    connection = signed_in.open()
    read(connection)
    connection.read("/me/calendars", {"$top": "1"}, prefer='outlook.body-content-type="text", odata.maxpagesize=7')
    write(connection)
    first, second, third = (seen.headers for seen in signed_in.microsoft.seen)
    plain = 'IdType="ImmutableId", outlook.timezone="UTC", odata.maxpagesize=50'
    assert (first["prefer"], third["prefer"]) == (plain, plain)
    text = 'IdType="ImmutableId", outlook.timezone="UTC", outlook.body-content-type="text", odata.maxpagesize=7'
    assert second["prefer"] == text
    assert first["accept"] == "application/json"
    assert len({headers["client-request-id"] for headers in (first, second, third)}) == 3


@pytest.mark.parametrize("fault", [*PASSING, *BUSY, Fault.UNAUTHORIZED])
def test_reading_goes_on_through_what_passes(signed_in: Line, fault: Fault) -> None:
    signed_in.microsoft.faults.retry_after = "absent"
    signed_in.microsoft.faults.plan(CALENDARS, fault)
    assert read(signed_in.open())["value"]
    assert signed_in.asked(CALENDARS) == 2


def test_reading_gives_up_after_four_attempts_with_growing_pauses(signed_in: Line) -> None:
    signed_in.microsoft.faults.plan(CALENDARS, *[Fault.HTML_504] * 9)
    connection = signed_in.open()
    assert isinstance(failure(lambda: read(connection)), Retry)
    assert signed_in.asked(CALENDARS) == 4
    assert signed_in.paused == [1.0, 2.0, 4.0]


def test_graph_is_left_alone_when_whole_calls_keep_failing_and_comes_back(signed_in: Line) -> None:
    connection = signed_in.open()
    signed_in.microsoft.faults.plan(CALENDARS, *[Fault.DOWN] * 8)
    for _ in range(2):
        failure(lambda: read(connection))
    assert isinstance(failure(lambda: read(connection)), Retry)
    assert signed_in.asked(CALENDARS) == 8
    signed_in.clock.advance(3)
    assert read(connection)["value"]


@pytest.mark.parametrize("fault", BUSY)
@pytest.mark.parametrize(("form", "least"), [("seconds", 300.0), ("fraction", 300.128), ("date", 300.0)])
def test_a_wait_that_is_asked_for_is_kept_for_the_whole_mailbox(
    signed_in: Line, fault: Fault, form: Any, least: float
) -> None:
    signed_in.microsoft.faults.wait = timedelta(minutes=5)
    signed_in.microsoft.faults.retry_after = form
    signed_in.microsoft.faults.plan(CALENDARS, fault)
    connection = signed_in.open()
    asked_to_wait = failure(lambda: read(connection))
    assert isinstance(asked_to_wait, Retry)
    assert asked_to_wait.after == pytest.approx(least, abs=1e-6)
    for act in (read, write, lambda c: c.read("/me/mailFolders/inbox")):
        assert isinstance(failure(lambda act=act: act(connection)), Retry)  # type: ignore[misc]  # a lambda's default
    assert len(signed_in.microsoft.seen) == 1
    assert signed_in.paused == []
    signed_in.clock.advance(least + 0.01)
    assert read(connection)["value"]


def test_a_wait_that_is_not_named_grows_like_any_pause(signed_in: Line) -> None:
    signed_in.microsoft.faults.retry_after = "absent"
    signed_in.microsoft.faults.plan(CALENDARS, *[Fault.CONCURRENCY] * 3)
    assert read(signed_in.open())["value"]
    assert signed_in.paused == [1.0, 2.0, 4.0]


def test_while_one_thread_waits_briefly_because_it_was_too_fast_no_other_asks(signed_in: Line) -> None:
    signed_in.microsoft.faults.retry_after = "absent"
    signed_in.microsoft.faults.plan(CALENDARS, Fault.TOO_MANY)
    asked_meanwhile: list[int] = []
    others: list[threading.Thread] = []
    connection: Connection

    def pause(_: float) -> None:
        others.append(threading.Thread(target=lambda: connection.read("/me/mailFolders/inbox")))
        others[-1].start()
        others[-1].join(timeout=0.1)
        asked_meanwhile.append(signed_in.asked("mailFolders.get"))

    connection = Connection(signed_in.account(), signed_in.around(), pause=pause)
    read(connection)
    for other in others:
        other.join()
    assert asked_meanwhile == [0]
    assert signed_in.asked("mailFolders.get") == 1


def test_a_wait_of_days_is_cut_to_fifteen_minutes(signed_in: Line) -> None:
    signed_in.microsoft.faults.wait = timedelta(days=3)
    signed_in.microsoft.faults.plan(CALENDARS, Fault.TOO_MANY)
    connection = signed_in.open()
    asked_to_wait = failure(lambda: read(connection))
    assert isinstance(asked_to_wait, Retry)
    assert asked_to_wait.after == 900


def test_never_more_than_four_requests_are_under_way(signed_in: Line) -> None:
    connection = signed_in.open()
    signed_in.microsoft.faults.plan(CALENDARS, *[Fault.SLOW] * 4)
    threads = [threading.Thread(target=read, args=(connection,)) for _ in range(12)]
    for thread in threads:
        thread.start()
    threads[-1].join(timeout=0.3)
    signed_in.microsoft.faults.release_slow()
    for thread in threads:
        thread.join()
    assert max(seen.in_flight for seen in signed_in.microsoft.seen) == 4
    assert signed_in.asked(CALENDARS) == 12


def test_a_look_before_writing_is_part_of_its_turn_also_when_four_write_at_once(signed_in: Line) -> None:
    connection = signed_in.open()
    ready = threading.Barrier(4)

    def look() -> None:
        ready.wait(timeout=20)
        read(connection)

    def careful() -> None:
        connection.write("POST", "/me/events", HOUR, look=look)

    threads = [threading.Thread(target=careful) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (signed_in.asked(CREATE), signed_in.asked(CALENDARS)) == (4, 4)


def test_what_a_look_finds_keeps_it_from_being_written(signed_in: Line) -> None:
    def look() -> None:
        raise Stop("the draft was changed")

    connection = signed_in.open()
    assert str(failure(lambda: connection.write("POST", "/me/events", HOUR, look=look))) == "the draft was changed"
    assert signed_in.asked(CREATE) == 0
    assert read(connection)["value"]


def test_a_token_that_died_is_renewed_once_and_the_request_repeated_once(signed_in: Line) -> None:
    connection = signed_in.open()
    signed_in.microsoft.identity.expire_access()
    assert read(connection)["value"]
    assert (signed_in.asked(CALENDARS), signed_in.asked(TOKEN)) == (2, 1)


def test_a_second_refusal_needs_a_person(signed_in: Line) -> None:
    signed_in.microsoft.faults.plan(CALENDARS, *[Fault.UNAUTHORIZED] * 2)
    connection = signed_in.open()
    refused = failure(lambda: read(connection))
    assert isinstance(refused, NeedsSignIn)
    assert "run: calwatch auth outlook" in str(refused)
    assert (signed_in.asked(CALENDARS), signed_in.asked(TOKEN)) == (2, 1)


def test_claims_a_token_must_carry_are_asked_for(signed_in: Line) -> None:
    signed_in.microsoft.faults.plan(CALENDARS, Fault.INSUFFICIENT_CLAIMS)
    assert read(signed_in.open())["value"]
    (asked,) = [seen.params for seen in signed_in.microsoft.seen if seen.operation == TOKEN]
    assert asked["claims"] == CLAIMS


def test_a_sign_in_that_is_over_makes_no_request_to_graph_until_it_is_new(signed_in: Line) -> None:
    connection = signed_in.open()
    signed_in.microsoft.identity.revoke()
    first = failure(lambda: read(connection))
    graph = signed_in.asked(CALENDARS)
    again = failure(lambda: read(connection))
    assert isinstance(first, NeedsSignIn)
    assert str(first) == str(again)
    assert (signed_in.asked(CALENDARS), signed_in.asked(TOKEN)) == (graph, 1)
    signed_in.sign_in()
    assert read(connection)["value"]


def test_a_sign_in_service_that_is_down_is_read_through_like_graph_itself(signed_in: Line) -> None:
    connection = signed_in.open()
    signed_in.clock.advance(timedelta(hours=1))
    signed_in.microsoft.identity.down = 2
    assert read(connection)["value"]
    signed_in.clock.advance(timedelta(hours=1))
    signed_in.microsoft.identity.down = 9
    assert isinstance(failure(lambda: read(connection)), Retry)
    assert isinstance(failure(lambda: write(connection)), Retry)
    assert signed_in.asked(CREATE) == 0


def test_a_restart_with_a_valid_sign_in_asks_microsoft_for_none(signed_in: Line) -> None:
    for _ in range(3):
        read(signed_in.open())
    assert not [seen for seen in signed_in.microsoft.seen if seen.operation.startswith("identity.")]


@pytest.mark.parametrize(
    ("path", "operation", "feature"),
    [
        ("/me/calendars", CALENDARS, Feature.READ_EVENTS),
        ("/me/mailFolders/inbox", "mailFolders.get", Feature.READ_MAIL),
    ],
)
def test_a_permission_that_is_missing_is_named_and_not_tried_again(
    signed_in: Line, path: str, operation: str, feature: Feature
) -> None:
    signed_in.microsoft.faults.plan(operation, Fault.FORBIDDEN_SCOPE)
    connection = signed_in.open()
    missing = failure(lambda: connection.read(path))
    assert isinstance(missing, NeedsSignIn)
    assert feature in str(missing)
    assert "calwatch auth outlook" in str(missing)
    assert signed_in.asked(operation) == 1


def test_what_a_sign_in_does_not_cover_is_known_without_asking(line: Line) -> None:
    line.sign_in("User.Read", "Calendars.ReadWrite", "Mail.ReadWrite")
    connection = line.open()
    connection.require(Feature.WRITE_DRAFTS)
    missing = failure(lambda: connection.require(Feature.SEND_MAIL))
    assert isinstance(missing, NeedsSignIn)
    assert "sending a draft when you approve it" in str(missing)
    assert line.microsoft.seen == []


def test_sending_without_the_permission_is_refused_by_microsoft_itself(line: Line) -> None:
    line.sign_in("User.Read", "Calendars.ReadWrite", "Mail.ReadWrite")
    connection = line.open()
    refused = failure(lambda: connection.write("POST", "/me/messages/x/send"))
    assert isinstance(refused, NeedsSignIn)
    assert Feature.SEND_MAIL in str(refused)


def test_somebody_elses_calendar_that_is_closed_is_no_reason_to_sign_in(signed_in: Line) -> None:
    signed_in.microsoft.faults.plan("calendars.get", Fault.FORBIDDEN_SCOPE)
    connection = signed_in.open()
    refused = failure(lambda: connection.read("/me/calendars/theirs"))
    assert isinstance(refused, Refusal)
    assert (refused.status, refused.reason) == (403, "ErrorAccessDenied")


@pytest.mark.parametrize(
    ("fault", "status", "reason"),
    [
        (Fault.GONE_410, 410, "SyncStateNotFound"),
        (Fault.SYNC_STATE_NOT_FOUND, 400, "SyncStateNotFound"),
        (Fault.RESYNC_REQUIRED, 404, "resyncRequired"),
        (Fault.BARE_400, 400, "BadRequest"),
        (Fault.REFUSED, 400, "ErrorInvalidRequest"),
        (Fault.CONFLICT, 412, "ErrorIrresolvableConflict"),
    ],
)
def test_a_lasting_no_is_a_refusal_with_graphs_own_word(
    signed_in: Line, fault: Fault, status: int, reason: str
) -> None:
    signed_in.microsoft.faults.plan(CALENDARS, fault)
    connection = signed_in.open()
    refusal = failure(lambda: read(connection))
    assert isinstance(refusal, Refusal)
    assert (refusal.status, refusal.reason) == (status, reason)
    assert "request-id" in str(refusal)
    assert signed_in.asked(CALENDARS) == 1


def test_an_account_without_a_mailbox_is_told_so_and_is_nothing_that_is_gone(signed_in: Line) -> None:
    signed_in.microsoft.faults.plan(CALENDARS, Fault.NO_MAILBOX)
    connection = signed_in.open()
    stopped = failure(lambda: read(connection))
    assert not isinstance(stopped, Refusal)
    assert isinstance(stopped, Stop)
    assert "has no mailbox" in str(stopped)


@pytest.mark.parametrize("fault", PASSING)
def test_writing_is_never_repeated_and_leaves_doubt_when_the_answer_is_lost(signed_in: Line, fault: Fault) -> None:
    connection = signed_in.open()
    read(connection)  # a connection is open, and could be stale
    signed_in.microsoft.faults.plan(CREATE, fault)
    assert isinstance(failure(lambda: write(connection)), Doubt)
    assert signed_in.asked(CREATE) == 1
    assert signed_in.paused == []


@pytest.mark.parametrize("fault", [*BUSY, Fault.UNAUTHORIZED])
def test_writing_may_be_tried_later_when_graph_said_that_nothing_happened(signed_in: Line, fault: Fault) -> None:
    signed_in.microsoft.faults.plan(CREATE, fault)
    connection = signed_in.open()
    assert isinstance(failure(lambda: write(connection)), Retry)
    assert signed_in.asked(CREATE) == 1


def test_writing_refused_with_a_fresh_token_needs_a_person(signed_in: Line) -> None:
    signed_in.microsoft.faults.plan(CREATE, *[Fault.UNAUTHORIZED] * 2)
    connection = signed_in.open()
    assert [type(failure(lambda: write(connection))) for _ in range(2)] == [Retry, NeedsSignIn]
    assert write(connection)["id"]


def test_writing_says_which_version_it_is_about(signed_in: Line) -> None:
    connection = signed_in.open()
    created = write(connection)
    connection.write("PATCH", f"/me/events/{created['id']}", {"subject": "x"}, if_match=created["@odata.etag"])
    assert signed_in.microsoft.seen[-1].if_match == created["@odata.etag"]
    assert connection.write("DELETE", f"/me/events/{created['id']}") == {}


def test_writing_goes_over_a_connection_of_its_own(signed_in: Line) -> None:
    connection = signed_in.open()
    for act in (read, write, write, read):
        act(connection)
    first, second, third, fourth = (seen.connection for seen in signed_in.microsoft.seen)
    assert first == fourth
    assert len({first, second, third}) == 3


def test_nobody_listening_is_certain_to_have_done_nothing(signed_in: Line) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        connection = signed_in.open(api_root=f"http://127.0.0.1:{taken.getsockname()[1]}/v1.0")
        assert isinstance(failure(lambda: write(connection)), Retry)


def test_pages_are_followed_to_the_end(signed_in: Line) -> None:
    connection = signed_in.open()
    for _ in range(5):
        write(connection)
    window = {"startDateTime": "2026-05-01T00:00:00Z", "endDateTime": "2026-06-01T00:00:00Z"}
    pages = list(connection.pages("/me/calendarView", window, prefer="odata.maxpagesize=2"))
    assert [len(page["value"]) for page in pages] == [2, 2, 1]
    assert {seen.prefer["odata.maxpagesize"] for seen in signed_in.microsoft.seen if "View" in seen.operation} == {"2"}
    assert connection.counters.requests["GET /me/calendarView"] == 3


@pytest.mark.parametrize("root", ["https://graph.evil.example/v1.0", "http://localhost:1/v1.0"])
def test_a_link_to_anywhere_else_gets_no_request_and_no_token(signed_in: Line, root: str) -> None:
    connection = signed_in.open()
    assert isinstance(failure(lambda: connection.follow(f"{root}/me/calendarView/delta?$deltatoken=x")), Refusal)
    assert signed_in.microsoft.seen == []
    assert connection.counters.connections == 0


def test_neither_tokens_nor_bodies_nor_addresses_are_logged(signed_in: Line, caplog: pytest.LogCaptureFixture) -> None:
    signed_in.microsoft.faults.plan(CREATE, Fault.HTML_504)
    connection = signed_in.open()
    secrets = ("EwB4fake", "M.C5_fake", "confidential-subject", "nobody-else@example.com")
    with caplog.at_level(logging.DEBUG, logger="calwatch"):
        signed_in.microsoft.identity.expire_access()
        signed_in.microsoft.faults.plan("messages.list", Fault.REFUSED, Fault.REFUSED)
        body = {**HOUR, "subject": "confidential-subject"}
        said = [failure(lambda: connection.read("/me/messages", {"$filter": "from eq 'nobody-else@example.com'"}))]
        said.append(failure(lambda: connection.write("POST", "/me/events", body)))
    shown = caplog.text + "".join(map(str, said))
    assert "GET /me/messages: HTTP 400" in caplog.text
    assert not [secret for secret in secrets if secret in shown]


def test_graph_is_asked_no_faster_than_it_allows(signed_in: Line) -> None:
    connection = signed_in.open()
    for _ in range(160):
        read(connection)
    assert signed_in.paused == []
    read(connection)
    assert signed_in.paused == [pytest.approx(60 / 800)]
