"""Reading goes on through what passes, within bounds; writing is one attempt that says what is certain."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from calwatch.errors import CalwatchError, Doubt, NeedsSignIn, Retry
from calwatch.providers.google.api.connection import Connection
from calwatch.providers.remote.faults import Refusal
from fakes.google.server import Fault
from unit.providers.google.conftest import Line

EVENTS, INSERT, SEND = "calendar.events.list", "calendar.events.insert", "gmail.users.drafts.send"
PROFILE = "gmail.users.getProfile"
HOUR = {"start": {"dateTime": "2026-05-04T10:00:00Z"}, "end": {"dateTime": "2026-05-04T11:00:00Z"}}


def read_events(connection: Connection) -> Any:
    return connection.read(connection.calendar.events().list(calendarId="primary"))


def read_profile(connection: Connection) -> Any:
    return connection.read(connection.gmail.users().getProfile(userId="me"))


def insert(connection: Connection) -> Any:
    return connection.write(connection.calendar.events().insert(calendarId="primary", body=HOUR))


def failure(act: Callable[[], Any]) -> CalwatchError:
    with pytest.raises(CalwatchError) as caught:
        act()
    return caught.value


def test_both_apis_are_reached_at_the_roots_of_the_account(signed_in: Line) -> None:
    connection = signed_in.open()
    assert read_events(connection)["kind"] == "calendar#events"
    assert read_profile(connection)["emailAddress"] == "alex.rivera@example.com"
    assert connection.counters.requests == {EVENTS: 1, PROFILE: 1}


@pytest.mark.parametrize(
    "fault",
    [
        Fault.LOST,
        Fault.UNDONE,
        Fault.DOWN,
        Fault.HTML_502,
        Fault.TRUNCATED,
        Fault.BROKEN_OFF,
        Fault.RATE,
        Fault.UNAUTHORIZED,
    ],
)
def test_reading_goes_on_through_what_passes(signed_in: Line, fault: Fault) -> None:
    signed_in.google.faults.plan(EVENTS, fault)
    assert read_events(signed_in.open())["kind"] == "calendar#events"
    assert signed_in.asked(EVENTS) == 2


def test_reading_gives_up_after_four_attempts_with_growing_pauses(signed_in: Line) -> None:
    signed_in.google.faults.plan(EVENTS, *[Fault.DOWN] * 9)
    connection = signed_in.open()
    assert isinstance(failure(lambda: read_events(connection)), Retry)
    assert signed_in.asked(EVENTS) == 4
    assert signed_in.paused == [1.0, 2.0, 4.0]


@pytest.mark.parametrize(("chance", "expected"), [(0.0, [0.5, 1.0, 2.0]), (0.999, [1.499, 2.998, 5.996])])
def test_pauses_are_jittered_within_bounds(signed_in: Line, chance: float, expected: list[float]) -> None:
    signed_in.google.faults.plan(EVENTS, *[Fault.LOST] * 4)
    paused: list[float] = []
    connection = Connection(signed_in.account(), signed_in.around(), pause=paused.append, chance=lambda: chance)
    failure(lambda: read_events(connection))
    assert paused == pytest.approx(expected)


def test_an_api_whose_calls_keep_failing_is_left_alone_and_comes_back(signed_in: Line) -> None:
    connection = signed_in.open()
    signed_in.google.faults.plan(EVENTS, *[Fault.DOWN] * 8)
    for _ in range(2):
        failure(lambda: read_events(connection))
    before = signed_in.asked(EVENTS)
    shut = failure(lambda: read_events(connection))
    assert isinstance(shut, Retry)
    assert shut.after == pytest.approx(2.5)
    assert signed_in.asked(EVENTS) == before
    signed_in.clock.advance(3)
    assert read_events(connection)["kind"] == "calendar#events"


def test_an_api_that_fails_for_hours_is_asked_at_least_once_in_64_seconds(signed_in: Line) -> None:
    connection = signed_in.open()
    signed_in.google.faults.plan(EVENTS, *[Fault.DOWN] * 4 * 20)
    for _ in range(20):
        failure(lambda: read_events(connection))
        signed_in.clock.advance(64)
    assert signed_in.asked(EVENTS) == 80


@pytest.mark.parametrize("fault", [Fault.RATE_UNTIL, Fault.TOO_MANY])
def test_a_wait_that_google_asks_for_is_kept_for_that_api_only(signed_in: Line, fault: Fault) -> None:
    connection = signed_in.open()
    signed_in.google.faults.plan(PROFILE, fault)
    asked_to_wait = failure(lambda: read_profile(connection))
    assert isinstance(asked_to_wait, Retry)
    assert asked_to_wait.after == pytest.approx(300)
    assert isinstance(failure(lambda: read_profile(connection)), Retry)
    assert signed_in.asked(PROFILE) == 1
    assert read_events(connection)["kind"] == "calendar#events"
    assert signed_in.paused == []
    signed_in.clock.advance(301)
    assert read_profile(connection)["emailAddress"]


def test_a_wait_of_days_is_cut_to_fifteen_minutes(signed_in: Line) -> None:
    signed_in.google.faults.wait = timedelta(days=3)
    signed_in.google.faults.plan(PROFILE, Fault.RATE_UNTIL)
    connection = signed_in.open()
    asked_to_wait = failure(lambda: read_profile(connection))
    assert isinstance(asked_to_wait, Retry)
    assert asked_to_wait.after == 900


def test_a_wait_shorter_than_the_pause_is_just_paused(signed_in: Line) -> None:
    signed_in.google.faults.wait = timedelta(0)
    signed_in.google.faults.plan(PROFILE, Fault.TOO_MANY)
    assert read_profile(signed_in.open())["emailAddress"]


def test_a_quota_that_is_used_up_leaves_the_api_alone_for_an_hour(signed_in: Line) -> None:
    signed_in.google.faults.plan(EVENTS, Fault.DAILY_LIMIT)
    connection = signed_in.open()
    spent = failure(lambda: read_events(connection))
    assert isinstance(spent, Retry)
    assert spent.after == 3600
    failure(lambda: read_events(connection))
    assert signed_in.asked(EVENTS) == 1


def test_a_lasting_no_is_a_refusal_with_googles_own_word_and_is_not_repeated(signed_in: Line) -> None:
    signed_in.google.faults.plan(EVENTS, Fault.GONE_410)
    connection = signed_in.open()
    refusal = failure(lambda: read_events(connection))
    assert isinstance(refusal, Refusal)
    assert (refusal.status, refusal.reason) == (410, "fullSyncRequired")
    assert "fullSyncRequired" in str(refusal)
    assert signed_in.asked(EVENTS) == 1


@pytest.mark.parametrize("act", [read_events, insert])
def test_a_sign_in_without_the_permission_is_named_and_not_tried_again(
    signed_in: Line, act: Callable[[Connection], Any]
) -> None:
    method = EVENTS if act is read_events else INSERT
    signed_in.google.faults.plan(method, Fault.FORBIDDEN_SCOPE)
    connection = signed_in.open()
    missing = failure(lambda: act(connection))
    assert isinstance(missing, NeedsSignIn)
    assert "calwatch auth google" in str(missing)
    assert signed_in.asked(method) == 1


@pytest.mark.parametrize(
    "fault",
    [Fault.LOST, Fault.UNDONE, Fault.DOWN, Fault.HTML_502, Fault.TRUNCATED, Fault.BROKEN_OFF],
)
def test_writing_is_never_repeated_and_leaves_doubt_when_the_answer_is_lost(signed_in: Line, fault: Fault) -> None:
    connection = signed_in.open()
    read_events(connection)  # a connection is open, and could be stale
    signed_in.google.faults.plan(INSERT, fault)
    assert isinstance(failure(lambda: insert(connection)), Doubt)
    assert signed_in.asked(INSERT) == 1
    assert signed_in.paused == []


def test_httplib2_itself_would_send_it_twice(signed_in: Line) -> None:
    import httplib2

    signed_in.google.faults.plan(INSERT, Fault.LOST)
    request = signed_in.open().calendar.events().insert(calendarId="primary", body=HOUR)
    headers = dict(request.headers) | {"authorization": f"Bearer {json.loads(signed_in.token.read_bytes())['token']}"}
    plain = httplib2.Http(timeout=10)
    response, _ = plain.request(request.uri, method="POST", body=request.body, headers=headers)
    plain.close()
    assert response.status == 200
    assert signed_in.asked(INSERT) == 2  # which is why calwatch has a transport of its own


@pytest.mark.parametrize("fault", [Fault.RATE, Fault.RATE_UNTIL, Fault.TOO_MANY, Fault.DAILY_LIMIT, Fault.UNAUTHORIZED])
def test_writing_may_be_tried_later_when_google_said_that_nothing_happened(signed_in: Line, fault: Fault) -> None:
    signed_in.google.faults.plan(INSERT, fault)
    connection = signed_in.open()
    assert isinstance(failure(lambda: insert(connection)), Retry)
    assert signed_in.asked(INSERT) == 1


def test_writing_with_a_token_that_died_works_the_next_time(signed_in: Line) -> None:
    connection = signed_in.open()
    signed_in.google.oauth.expire_access()
    assert isinstance(failure(lambda: insert(connection)), Retry)
    assert insert(connection)["id"]
    assert signed_in.asked("oauth.token") == 1


def test_writing_refused_again_and_again_needs_a_person(signed_in: Line) -> None:
    signed_in.google.faults.plan(INSERT, *[Fault.UNAUTHORIZED] * 3)
    connection = signed_in.open()
    kinds = [type(failure(lambda: insert(connection))) for _ in range(3)]
    assert kinds == [Retry, Retry, NeedsSignIn]


def test_reading_refused_with_fresh_tokens_needs_a_person(signed_in: Line) -> None:
    signed_in.google.faults.plan(EVENTS, *[Fault.UNAUTHORIZED] * 3)
    connection = signed_in.open()
    assert isinstance(failure(lambda: read_events(connection)), NeedsSignIn)
    assert signed_in.asked(EVENTS) == 3
    assert signed_in.asked("oauth.token") == 2


def test_writing_goes_over_a_connection_of_its_own(signed_in: Line) -> None:
    connection = signed_in.open()
    read_events(connection)
    insert(connection)
    insert(connection)
    read_events(connection)
    numbers = {
        s.method_id: [t.connection for t in signed_in.google.seen if t.method_id == s.method_id]
        for s in signed_in.google.seen
    }
    assert len(set(numbers[INSERT])) == 2
    assert len(set(numbers[EVENTS])) == 1
    assert not set(numbers[INSERT]) & set(numbers[EVENTS])


def test_reading_keeps_its_connection_whatever_thread_reads(signed_in: Line) -> None:
    connection = signed_in.open()
    for _ in range(3):
        thread = threading.Thread(target=read_events, args=(connection,))
        thread.start()
        thread.join()
    assert connection.counters.connections == 1


def test_many_threads_may_read_at_once(signed_in: Line) -> None:
    connection = signed_in.open()
    threads = [threading.Thread(target=read_events, args=(connection,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert signed_in.asked(EVENTS) == 8
    assert connection.counters.requests[EVENTS] == 8


def test_nobody_listening_is_certain_to_have_done_nothing(signed_in: Line) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        connection = signed_in.open(api_root=f"http://127.0.0.1:{taken.getsockname()[1]}")
        refused = failure(lambda: insert(connection))
    assert isinstance(refused, Retry)
    assert "refused" in str(refused)


def test_a_handshake_that_breaks_is_certain_to_have_done_nothing(signed_in: Line) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def hang_up() -> None:
            peer, _ = listener.accept()
            peer.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        connection = signed_in.open(api_root=f"https://127.0.0.1:{listener.getsockname()[1]}")
        broken = failure(lambda: insert(connection))
        thread.join()
    assert isinstance(broken, Retry)


def test_a_server_that_hangs_up_after_the_request_leaves_doubt(signed_in: Line) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def take_and_hang_up() -> None:
            peer, _ = listener.accept()
            with peer:
                peer.recv(65536)

        thread = threading.Thread(target=take_and_hang_up)
        thread.start()
        connection = signed_in.open(api_root=f"http://127.0.0.1:{listener.getsockname()[1]}")
        broken = failure(lambda: insert(connection))
        thread.join()
    assert isinstance(broken, Doubt)


def test_redirects_are_not_followed(signed_in: Line) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def lead_away() -> None:
            peer, _ = listener.accept()
            with peer:
                peer.recv(65536)
                peer.sendall(
                    f"HTTP/1.1 307 x\r\nLocation: {signed_in.google.url}/calendar/v3/calendars/primary/events\r\n"
                    "Content-Length: 0\r\nConnection: close\r\n\r\n".encode()
                )

        thread = threading.Thread(target=lead_away)
        thread.start()
        connection = signed_in.open(api_root=f"http://127.0.0.1:{listener.getsockname()[1]}")
        assert isinstance(failure(lambda: insert(connection)), Doubt)
        thread.join()
    assert signed_in.asked(INSERT) == 0


def test_the_token_is_ours_whatever_netrc_says(signed_in: Line, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    assert read_events(signed_in.open())["kind"] == "calendar#events"
    assert signed_in.asked(EVENTS) == 1


def test_no_proxy_leads_to_this_machine(signed_in: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert read_events(signed_in.open())["kind"] == "calendar#events"


def test_certificates_are_taken_from_the_file_the_person_names(
    signed_in: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/company.pem")
    connection = signed_in.open()
    assert "$SSL_CERT_FILE names /nowhere/company.pem, which is not there" in str(
        failure(lambda: read_events(connection))
    )


def test_gmail_is_asked_no_faster_than_its_quota(signed_in: Line) -> None:
    connection = signed_in.open()
    request = connection.gmail.users().messages().list(userId="me")
    for _ in range(200):
        connection.read(request)
    assert signed_in.paused == []  # a burst of 1,000 units is free
    connection.read(request)
    assert signed_in.paused == [pytest.approx(5 / (5000 / 60))]
    signed_in.clock.advance(60)
    signed_in.paused.clear()
    connection.read(request)
    assert signed_in.paused == []


def test_an_address_longer_than_googles_limit_is_sent_as_a_form(signed_in: Line) -> None:
    connection = signed_in.open()
    query = " OR ".join(f"from:somebody{n}@example.com" for n in range(100))
    assert "resultSizeEstimate" in connection.read(connection.gmail.users().messages().list(userId="me", q=query))


def test_a_wait_google_asked_another_thread_for_is_kept_between_attempts(signed_in: Line) -> None:
    google = signed_in.google
    connection: Connection

    def meanwhile(_: float) -> None:
        google.faults.plan(PROFILE, Fault.RATE_UNTIL)
        failure(lambda: read_profile(connection))

    connection = Connection(signed_in.account(), signed_in.around(), pause=meanwhile)
    google.faults.plan(PROFILE, Fault.DOWN)
    assert isinstance(failure(lambda: read_profile(connection)), Retry)
    assert signed_in.asked(PROFILE) == 2
