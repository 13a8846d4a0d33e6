"""Sending by SMTP: every way it can break is told apart by whether the mail may have been delivered."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from calwatch.errors import Doubt, Retry
from calwatch.ports import Accepted, Refused
from calwatch.providers.local.server import Server
from calwatch.providers.local.smtp import transmit
from fakes.smtp_server import Cut, SmtpServer

MAIL = b"From: alex@example.com\r\nTo: dana@acme.example\r\nSubject: Hi\r\n\r\nfirst\r\n.second\r\nthird\r\n"


@pytest.fixture(scope="module")
def running() -> Iterator[SmtpServer]:
    with SmtpServer() as server:
        yield server


@pytest.fixture
def server(running: SmtpServer) -> SmtpServer:
    running.cut = Cut.NONE
    running.accepted.clear()
    return running


def send(server: SmtpServer, committed: list[int]) -> Accepted | Refused:
    return transmit(
        Server.of(server.url),
        sender="alex@example.com",
        recipients=("dana@acme.example", "cc@acme.example"),
        data=MAIL,
        commit=lambda: committed.append(server.seen),
        timeout=5.0,
        final_wait=5.0,
    )


def test_a_mail_arrives_byte_for_byte_at_all_its_recipients(server: SmtpServer) -> None:
    assert send(server, []) == Accepted()
    assert server.accepted[0].content == MAIL
    assert server.accepted[0].rcpt_tos == ["dana@acme.example", "cc@acme.example"]


@pytest.mark.parametrize("cut", [Cut.HELLO, Cut.MAIL, Cut.RCPT, Cut.DATA, Cut.GREYLISTED])
def test_before_the_mail_was_handed_over_nothing_is_in_doubt(server: SmtpServer, cut: Cut) -> None:
    server.cut = cut
    committed: list[int] = []
    with pytest.raises(Retry):
        send(server, committed)
    assert not committed
    assert not server.accepted


def test_a_connection_lost_in_the_body_never_delivers(server: SmtpServer) -> None:
    server.cut = Cut.BODY
    with pytest.raises((Retry, Doubt)):
        send(server, [])
    assert not server.accepted


def test_the_commit_comes_before_the_dot_and_only_then(server: SmtpServer) -> None:
    before = server.seen
    committed: list[int] = []
    send(server, committed)
    assert committed == [before]


@pytest.mark.parametrize("cut", [Cut.TAKEN, Cut.DROPPED])
def test_a_lost_answer_to_the_dot_is_a_doubt_whatever_happened(server: SmtpServer, cut: Cut) -> None:
    server.cut = cut
    with pytest.raises(Doubt):
        send(server, [])


def test_a_temporary_no_to_the_dot_is_certain(server: SmtpServer) -> None:
    server.cut = Cut.LATER
    with pytest.raises(Retry):
        send(server, [])


@pytest.mark.parametrize("cut", [Cut.NO_SUCH_USER, Cut.SPAM])
def test_a_lasting_no_is_a_refusal_with_the_servers_words(server: SmtpServer, cut: Cut) -> None:
    server.cut = cut
    answer = send(server, [])
    assert isinstance(answer, Refused)
    assert cut.value in answer.reason


def test_a_server_that_is_not_there_is_tried_again_later() -> None:
    with pytest.raises(Retry):
        transmit(Server("127.0.0.1", 1), sender="a@b.example", recipients=("c@d.example",), data=MAIL, commit=print)


def test_what_stops_the_commit_stops_the_mail(server: SmtpServer) -> None:
    def refuse() -> None:
        raise Retry("the draft is gone")

    with pytest.raises(Retry, match="the draft is gone"):
        transmit(Server.of(server.url), sender="a@b.example", recipients=("c@d.example",), data=MAIL, commit=refuse)
    assert not server.accepted


@pytest.mark.parametrize(
    "url", ["smtp://", "http://mail.example", "mail.example:25", "smtp://u:secret@mail.example", "smtp://h:99999"]
)
def test_what_is_no_mail_server_is_said_in_words(url: str) -> None:
    with pytest.raises(ValueError, match=r"mail server|password|port"):
        Server.of(url)
