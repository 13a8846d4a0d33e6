"""What the fake Outlook tells of its mail: changes of a folder, and messages about meetings."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest

from builders import ALEX, DANA, NOW, an_invitation
from calwatch.model.event import Attendee, Event, Response
from calwatch.model.message import Content, Invitation, Message, Method
from calwatch.model.span import Span
from contract.fake_outlook_mail_caller import Ask, caller, following, refused, rounds
from fakes.clock import ManualClock
from fakes.google.gmail_invitations import by_others
from fakes.microsoft.calendar_manners import Lost
from fakes.microsoft.call import ApiError
from fakes.microsoft.mail import MailState

EVENT = {"$expand": "microsoft.graph.eventMessage/event"}
MEETING = "{6ED8DA90-450B-101B-98DA-00AA003F1305}"


@pytest.fixture
def mail(clock: ManualClock) -> MailState:
    return MailState(clock, ALEX.email, root="https://graph.example/v1.0")


@pytest.fixture
def ask(mail: MailState) -> Ask:
    return caller(mail)


def first(ask: Ask, folder: str = "inbox", **query: str) -> tuple[list[Any], Any]:
    return rounds(ask, ask("messages.delta", folder=folder, query={f"${n}": v for n, v in query.items()}), folder)


def next_round(ask: Ask, end: Any, folder: str = "inbox") -> tuple[list[Any], Any]:
    return rounds(ask, following(ask, "messages.delta", end, folder), folder)


# -- deltas --------------------------------------------------------------------------------------------------------


def test_a_round_has_pages_and_ends_with_a_link_to_the_next(mail: MailState, ask: Ask) -> None:
    refs = [mail.receive(sender=DANA, date=NOW - timedelta(hours=n)).ref for n in range(12)]
    page = ask("messages.delta", folder="inbox")
    assert len(page["value"]) == 10
    assert page["@odata.nextLink"].startswith("https://graph.example/v1.0/me/mailFolders/")
    assert "@odata.deltaLink" not in page
    found, end = rounds(ask, page)
    assert [m["id"] for m in found] == refs
    assert {m["@odata.type"] for m in found} == {"#microsoft.graph.message"}
    quiet, _ = next_round(ask, end)
    assert quiet == []


def test_a_round_begins_with_an_empty_page_where_that_is_so(mail: MailState, ask: Ask) -> None:
    mail.receive(sender=DANA)
    mail.empty_pages = True
    page = ask("messages.delta", folder="inbox")
    assert page["value"] == []
    found, _ = rounds(ask, page)
    assert len(found) == 1


def test_the_next_round_tells_what_came_and_what_left_the_folder(mail: MailState, ask: Ask) -> None:
    old = mail.receive(sender=DANA)
    _, end = first(ask)
    new = mail.receive(sender=DANA, subject="Second")
    mail.archive(old)
    found, _ = next_round(ask, end)
    assert [m["id"] for m in found if "@removed" not in m] == [new.ref]
    (gone,) = [m for m in found if "@removed" in m]
    assert gone == {"@odata.type": "#microsoft.graph.message", "id": old.ref, "@removed": {"reason": "deleted"}}


def test_of_a_mail_that_was_only_read_little_is_told(mail: MailState, ask: Ask) -> None:
    message = mail.receive(sender=DANA)
    _, end = first(ask)
    mail.read(message)
    found, _ = next_round(ask, end)
    assert found == [{"@odata.type": "#microsoft.graph.message", "id": message.ref, "isRead": True}]
    mail.short_read_changes = False
    found, _ = next_round(ask, end)
    assert found[0]["subject"] == "Interview"


def test_a_filter_of_the_moment_is_all_it_knows(mail: MailState, ask: Ask) -> None:
    mail.receive(sender=DANA, date=NOW - timedelta(days=90))
    new = mail.receive(sender=DANA, date=NOW - timedelta(days=1))
    since = f"receivedDateTime ge {NOW - timedelta(days=30):%Y-%m-%dT%H:%M:%SZ}"
    found, end = first(ask, filter=since)
    assert [m["id"] for m in found] == [new.ref]
    late = mail.receive(sender=DANA, date=NOW - timedelta(days=80))
    assert late.ref not in [m["id"] for m in next_round(ask, end)[0]]
    for query in ({"$filter": "isRead eq false"}, {"$search": '"x"'}, {"$filter": f"{since} and isRead eq true"}):
        assert refused(ask, "messages.delta", folder="inbox", query=query)[0] == 400


@pytest.mark.parametrize("lost", list(Lost))
def test_a_link_dies_in_many_ways(mail: MailState, ask: Ask, lost: Lost) -> None:
    mail.lost = lost
    status, code, names_another = lost.value
    _, end = first(ask)
    mail.kill_cursor()
    with pytest.raises(ApiError) as caught:
        following(ask, "messages.delta", end)
    assert (caught.value.status, caught.value.code) == (status, code)
    assert ("Location" in caught.value.headers) is names_another
    assert first(ask)[0] == []


def test_rounds_repeat_double_invent_and_forget_where_told_to(mail: MailState, ask: Ask) -> None:
    one = mail.receive(sender=DANA)
    _, end = first(ask)
    two = mail.receive(sender=DANA)
    mail.duplicates = True
    found, later = next_round(ask, end)
    assert [m["id"] for m in found] == [two.ref, two.ref]
    assert "subject" not in found[0]
    mail.duplicates, mail.replays = False, True
    found, _ = next_round(ask, later)
    assert [m["id"] for m in found] == [two.ref]
    mail.replays, mail.spurious_removed = False, True
    three = mail.receive(sender=DANA)
    mail.drop_change(three)
    mail.read(one)
    found, _ = next_round(ask, later)
    assert three.ref not in [m["id"] for m in found]
    assert [m["id"] not in (one.ref, two.ref) for m in found if "@removed" in m] == [True]


def test_a_late_copy_in_sent_items_is_new_there_then(mail: MailState, ask: Ask, clock: ManualClock) -> None:
    mail.lag_calls = 100
    _, end = first(ask, "sentitems")
    made = ask("messages.create", {"subject": "x", "toRecipients": [{"emailAddress": {"address": DANA.email}}]})
    ask("messages.send", message=made["id"])
    assert next_round(ask, end, "sentitems")[0] == []
    clock.advance(60)
    (copy,) = next_round(ask, end, "sentitems")[0]
    assert (copy["subject"], copy["isDraft"]) == ("x", False)


# -- event messages ------------------------------------------------------------------------------------------------


@pytest.fixture
def event() -> Event:
    return an_invitation(dtstamp=NOW, location="Room 1", sequence=2)


@pytest.mark.parametrize(
    ("method", "answer", "kind", "meeting"),
    [
        (Method.REQUEST, None, "eventMessageRequest", "meetingRequest"),
        (Method.CANCEL, None, "eventMessage", "meetingCancelled"),
        (Method.REPLY, Response.ACCEPTED, "eventMessageResponse", "meetingAccepted"),
        (Method.REPLY, Response.TENTATIVE, "eventMessageResponse", "meetingTenativelyAccepted"),
        (Method.REPLY, Response.DECLINED, "eventMessageResponse", "meetingDeclined"),
    ],
)
def test_an_invitation_becomes_an_event_message_of_its_kind(
    mail: MailState, ask: Ask, event: Event, method: Method, answer: Response | None, kind: str, meeting: str
) -> None:
    message = mail.event_message(event, sender=DANA, method=method, answer=answer)
    shown = ask("messages.get", message=message.ref)
    assert (shown["@odata.type"], shown["meetingMessageType"]) == (f"#microsoft.graph.{kind}", meeting)
    assert shown["startDateTime"] == {"dateTime": "2026-05-05T13:00:00.0000000", "timeZone": "UTC"}
    assert shown["body"]["contentType"] == "html"
    assert shown["hasAttachments"] is False
    assert first(ask)[0][0]["@odata.type"] == f"#microsoft.graph.{kind}"
    assert message.invitations[0].method is method


def test_tentatively_accepted_is_spelt_in_two_ways(mail: MailState, ask: Ask, event: Event) -> None:
    mail.spelling = "meetingTentativelyAccepted"
    message = mail.event_message(event, sender=DANA, answer=Response.TENTATIVE)
    shown = ask("messages.get", message=message.ref)
    assert (shown["meetingMessageType"], shown["responseType"]) == ("meetingTentativelyAccepted", "tentativelyAccepted")


def test_a_selection_loses_the_kind_of_an_event_message(mail: MailState, ask: Ask, event: Event) -> None:
    message = mail.event_message(event, sender=DANA)
    assert "@odata.type" not in ask("messages.get", message=message.ref, query={"$select": "subject"})
    assert refused(ask, "messages.get", message=message.ref, query={"$select": "meetingMessageType"})[0] == 400


def test_the_calendars_event_can_be_had_with_it_while_it_is_there(mail: MailState, ask: Ask, event: Event) -> None:
    there = {event.uid: {"id": "AAMkEvent=", "iCalUId": event.uid}}
    mail.linked_event = lambda call, uid, recurrence_id: there.get(uid)
    request = mail.event_message(event, sender=DANA)
    answer = mail.event_message(event, sender=DANA, answer=Response.DECLINED)
    assert ask("messages.get", message=request.ref, query=EVENT)["event"] == there[event.uid]
    assert "event" not in ask("messages.get", message=answer.ref, query=EVENT)
    there.clear()
    assert "event" not in ask("messages.get", message=request.ref, query=EVENT)
    mail.missing_event = "empty"
    assert ask("messages.get", message=request.ref, query=EVENT)["event"] == {}
    mail.missing_event = "null"
    assert ask("messages.get", message=request.ref, query=EVENT)["event"] is None
    assert "event" not in ask("messages.get", message=mail.receive(sender=DANA).ref, query=EVENT)


def properties(ask: Ask, message: Message, *names: str) -> dict[str, str]:
    wanted = " or ".join(f"id eq '{name}'" for name in names)
    query = {"$expand": f"singleValueExtendedProperties($filter={wanted})"}
    found = ask("messages.get", message=message.ref, query=query).get("singleValueExtendedProperties", [])
    return {one["id"]: one["value"] for one in found}


def test_the_uid_is_wrapped_in_a_global_object_id(mail: MailState, ask: Ask, event: Event) -> None:
    event = replace(event, recurrence_id="20260505T130000Z")
    message = mail.event_message(event, sender=DANA)
    names = [f"Binary {MEETING} Id 0x{number}" for number in ("3", "23")]
    with_date, clean = (base64.b64decode(v) for v in properties(ask, message, *names).values())
    assert clean[16:20] == bytes(4)
    assert (with_date[16:20], with_date[20:]) == (bytes([2026 >> 8, 2026 & 255, 5, 5]), clean[20:])
    assert clean.endswith(b"vCal-Uid\x01\x00\x00\x00" + event.uid.encode() + b"\x00")


def test_mapi_knows_threads_headers_and_stamps(mail: MailState, ask: Ask, event: Event) -> None:
    asked = mail.receive(sender=DANA)
    answer = mail.receive(sender=DANA, answers=asked, Precedence="bulk")
    shown = properties(ask, answer, "String 0x1042", "String 0x1039", "String 0x007D")
    assert (shown["String 0x1042"], shown["String 0x1039"]) == (asked.message_id, asked.message_id)
    assert "Precedence: bulk\r\n" in shown["String 0x7d"]
    request = mail.event_message(event, sender=DANA)
    names = (f"SystemTime {MEETING} Id 0x1A", "Integer {00062002-0000-0000-C000-000000000046} Id 0x8201")
    stamp, sequence = properties(ask, request, *names).values()
    assert (stamp, sequence) == ("2026-04-20T08:00:00.0000000Z", "2")


def test_a_request_that_moves_a_meeting_names_the_time_before(mail: MailState, ask: Ask, event: Event) -> None:
    old = mail.event_message(event, sender=DANA)
    moved = replace(event, start=event.start + timedelta(days=1), end=event.end + timedelta(days=1), sequence=3)
    new = ask("messages.get", message=mail.event_message(moved, sender=DANA).ref)
    assert (new["meetingRequestType"], new["previousStartDateTime"]["dateTime"][:10]) == ("fullUpdate", "2026-05-05")
    assert (new["isOutOfDate"], ask("messages.get", message=old.ref)["isOutOfDate"]) == (False, True)


def test_a_proposed_time_stands_beside_the_planned_one(mail: MailState, ask: Ask, event: Event) -> None:
    mail.event_message(event, sender=DANA)
    later = replace(event, start=event.start + timedelta(hours=2), end=event.end + timedelta(hours=2))
    message = mail.event_message(later, sender=DANA, method=Method.COUNTER, answer=Response.DECLINED)
    shown = ask("messages.get", message=message.ref)
    assert shown["proposedNewTime"]["start"]["dateTime"] == "2026-05-05T15:00:00.0000000"
    assert shown["startDateTime"]["dateTime"] == "2026-05-05T13:00:00.0000000"
    assert shown["subject"] == f"New Time Proposed: {event.summary}"


def test_an_answer_of_ones_own_lies_in_sent_items_and_the_request_may_leave(
    mail: MailState, ask: Ask, event: Event
) -> None:
    request = mail.event_message(event, sender=DANA)
    mail.answered(event, Response.ACCEPTED, told=False)
    assert ask("messages.list", folder="sentitems")["value"] == []
    mail.answer_leaves_inbox = True
    mail.answered(event, Response.DECLINED, comment="Sorry", proposal=Span(event.end, event.end + timedelta(hours=1)))
    (sent,) = ask("messages.list", folder="sentitems")["value"]
    assert (sent["meetingMessageType"], sent["subject"]) == ("meetingDeclined", f"New Time Proposed: {event.summary}")
    assert ask("messages.get", message=request.ref)["parentFolderId"] == mail.folder_id("deleteditems")


def test_a_persons_invitation_is_a_file_in_a_mail(mail: MailState, ask: Ask, event: Event) -> None:
    invitation = Invitation(method=Method.REQUEST, items=(event,))
    message = mail.receive("See attached.", sender=DANA, invitations=(invitation,))
    shown = ask("messages.get", message=message.ref)
    assert ("@odata.type" in shown, shown["hasAttachments"]) == (False, True)
    (listed,) = ask("attachments.list", message=message.ref)["value"]
    assert listed["name"] == "invite.ics"
    file = ask("attachments.get", message=message.ref, attachment=listed["id"])
    assert b"METHOD:REQUEST" in base64.b64decode(file["contentBytes"])
    assert refused(ask, "attachments.get", message=message.ref, attachment="AAMkOther=")[0] == 404


def test_an_attendees_answer_is_known_by_who_sent_it(mail: MailState, ask: Ask, event: Event) -> None:
    answered = replace(event, attendees=(Attendee(DANA, Response.DECLINED),))
    invitation = Invitation(method=Method.REPLY, items=(answered,))
    message = mail.receive("", sender=DANA, subject="Declined", invitations=(invitation,), automatic=True)
    assert ask("messages.get", message=message.ref)["responseType"] == "declined"


def test_whole_days_may_have_times(mail: MailState, ask: Ask, event: Event) -> None:
    day = replace(event, all_day=True, start_date=event.start.date(), end_date=(event.start + timedelta(days=1)).date())
    message = mail.event_message(day, sender=DANA)
    shown = ask("messages.get", message=message.ref)
    assert (shown["isAllDay"], shown["startDateTime"]["dateTime"]) == (True, "2026-05-05T00:00:00.0000000")
    mail.all_day_as_times = True
    shown = ask("messages.get", message=message.ref)
    assert (shown["isAllDay"], shown["startDateTime"]["dateTime"]) == (False, "2026-05-05T13:00:00.0000000")


def test_bytes_that_arrive_are_taken_apart(mail: MailState, ask: Ask, event: Event) -> None:
    request = Invitation(method=Method.REQUEST, items=(event,))
    content = Content(to=(ALEX,), subject="Invitation", text="See you")
    raw = by_others(request, content, sender=DANA, message_id="<one@acme.example>", date=NOW)
    shown = ask("messages.get", message=mail.deliver(raw))
    assert (shown["meetingMessageType"], shown["internetMessageId"]) == ("meetingRequest", "<one@acme.example>")
    answer = raw.replace(b"<one@", b"<two@").replace(b"text/calendar", b"text/plain")
    number = mail.deliver(b"In-Reply-To: <one@acme.example>\r\n" + answer)
    below = ask("messages.get", message=number)
    assert ("meetingMessageType" in below, below["conversationId"]) == (False, shown["conversationId"])
    assert (below["bodyPreview"], below["from"]["emailAddress"]["address"]) == ("See you", DANA.email)


def test_a_file_in_the_bytes_stays_a_file(mail: MailState, ask: Ask) -> None:
    letter = EmailMessage(policy=SMTP)
    letter["From"], letter["To"], letter["Subject"] = str(DANA), str(ALEX), "Interview"
    letter.set_content("See attached.")
    letter.add_attachment(b"BEGIN:VCALENDAR", maintype="text", subtype="calendar", filename="invite.ics")
    number = mail.deliver(letter.as_bytes())
    (listed,) = ask("attachments.list", message=number)["value"]
    assert (listed["name"], listed["contentType"]) == ("invite.ics", "text/calendar")
