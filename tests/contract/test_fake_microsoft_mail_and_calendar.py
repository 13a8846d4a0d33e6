"""The fake Outlook's mail and calendar know of each other: what happens in one shows in the other."""

from __future__ import annotations

from datetime import timedelta

import pytest

from builders import ALEX, DANA, NOW
from calwatch.model.event import Response
from contract.fake_outlook_mail_caller import SCOPES, Ask, caller
from fakes.clock import ManualClock
from fakes.microsoft.calendar import CalendarState
from fakes.microsoft.mail import MailState

EVENT = {"$expand": "microsoft.graph.eventMessage/event"}
START = NOW + timedelta(days=3)


@pytest.fixture
def calendar(clock: ManualClock) -> CalendarState:
    return CalendarState(clock=clock, owner=ALEX.email)


@pytest.fixture
def ask(calendar: CalendarState, clock: ManualClock) -> Ask:
    mail = MailState(clock, ALEX.email, linked_event=calendar.linked_event)
    calendar.mail = mail
    return caller(mail, scopes=SCOPES | {"Calendars.Read"})


def test_an_invitation_is_mailed_and_leads_to_its_event(calendar: CalendarState, ask: Ask) -> None:
    ref = calendar.add(START, "Interview")
    (request,) = ask("messages.list", query=EVENT)["value"]
    assert (request["meetingMessageType"], request["event"]["id"]) == ("meetingRequest", ref)
    calendar.move(ref, START + timedelta(hours=1))
    calendar.cancel(ref)
    kinds = [m["meetingMessageType"] for m in ask("messages.list")["value"]]
    assert kinds == ["meetingCancelled", "meetingRequest", "meetingRequest"]


@pytest.mark.parametrize("leaves", [False, True])
def test_a_declined_event_is_gone_from_its_request_and_the_answer_is_in_sent_items(
    calendar: CalendarState, ask: Ask, leaves: bool
) -> None:
    ref = calendar.add(START, "Interview")
    assert isinstance(calendar.mail, MailState)
    calendar.mail.answer_leaves_inbox = leaves
    calendar.answer(ref, Response.DECLINED)
    (request,) = ask("messages.list", folder="deleteditems" if leaves else "inbox", query=EVENT)["value"]
    assert "event" not in request
    (answer,) = ask("messages.list", folder="sentitems")["value"]
    assert (answer["meetingMessageType"], answer["subject"]) == ("meetingDeclined", "Declined: Interview")
    assert answer["toRecipients"][0]["emailAddress"]["address"] == DANA.email


def test_a_request_for_one_occurrence_leads_to_it(calendar: CalendarState, ask: Ask) -> None:
    series = calendar.add(START, "Weekly", weeks=4)
    second = calendar.occurrence(series, START + timedelta(days=7))
    calendar.move(second, START + timedelta(days=7, hours=2))
    newest, _ = ask("messages.list", query=EVENT)["value"]
    assert newest["event"]["id"] == second
