"""Mails about meetings read into invitations: by the mail's own time, under the UID the whole world knows."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import ALEX, DANA, NOW, at
from calwatch.formats.moments import Zone
from calwatch.model.event import Event, Person, Response, Status
from calwatch.model.message import Folder, Invitation, Message, Method
from calwatch.providers.outlook.calendar.people import Viewer
from calwatch.providers.outlook.calendar.times import viewer_zone
from calwatch.providers.outlook.mail import marker
from calwatch.providers.outlook.mail.invitations import read_invitation, without_prefix
from calwatch.providers.remote.fields import Fields

ZONE: Zone = viewer_zone("Europe/Berlin")
VIEWER = Viewer(ALEX, frozenset({ALEX.email}), ZONE)
UID = "040000008200E00074C5B7101A82E00800000000C0E5A1B2C3D4DC01000000000000000010000000AABBCCDDEEFF00112233445566778899"
OF_THE_12TH = UID[:32] + "07EA050C" + UID[40:]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)


def point(text: str) -> dict[str, str]:
    return {"dateTime": f"{text}:00.0000000", "timeZone": "UTC"}


def told(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    return [{"id": name, "value": value} for name, value in pairs]


def object_id(uid: str = UID) -> str:
    return base64.b64encode(bytes.fromhex(uid)).decode()


def an_item(**fields: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "@odata.type": "#microsoft.graph.eventMessageRequest",
        "meetingMessageType": "meetingRequest",
        "type": "singleInstance",
        "isAllDay": False,
        "startDateTime": point("2026-05-05T13:00"),
        "endDateTime": point("2026-05-05T14:00"),
        "location": {"displayName": "Room 1"},
        "singleValueExtendedProperties": told((marker.CLEAN_OBJECT_ID, object_id())),
    }
    return given | fields


def a_message(**fields: Any) -> Message:
    given: dict[str, Any] = {
        "ref": "AAk1", "thread": "t", "folder": Folder.INBOX, "message_id": "<1@acme.example>", "date": NOW,
        "sender": DANA, "subject": "Technical interview", "to": (ALEX,), "text": "See you",
    }  # fmt: skip
    return Message(**{**given, **fields})


def invited(item: dict[str, Any], message: Message | None = None) -> Invitation:
    found = read_invitation(Fields(item), Fields(item).inner("event"), message or a_message(), VIEWER)
    assert found is not None
    return found


def event(item: dict[str, Any], message: Message | None = None) -> Event:
    (found,) = invited(item, message).items
    assert isinstance(found, Event)
    return found


def test_a_request_tells_the_appointment() -> None:
    invitation, found = invited(an_item()), event(an_item())
    assert invitation.method is Method.REQUEST
    assert (found.uid, found.summary, found.location) == (UID, "Technical interview", "Room 1")
    assert (found.start, found.end) == (at("2026-05-05 13:00"), at("2026-05-05 14:00"))
    assert (found.organizer, found.response) == (DANA, Response.NEEDS_ACTION)
    assert [attendee.person for attendee in found.attendees] == [ALEX]
    assert found.recurrence_id is None


def test_people_come_from_the_appointment_and_its_time_from_the_mail() -> None:
    linked = {
        "iCalUId": UID,
        "start": point("2026-05-07T13:00"),
        "end": point("2026-05-07T14:00"),
        "organizer": {"emailAddress": {"name": "Bob", "address": "bob@acme.example"}},
        "attendees": [
            {"emailAddress": {"address": ALEX.email}, "type": "required", "status": {"response": "accepted"}}
        ],
        "responseStatus": {"response": "accepted"},
    }
    found = event(an_item(event=linked))
    assert found.start == at("2026-05-05 13:00")
    assert found.organizer == Person("bob@acme.example", "Bob")
    assert [attendee.response for attendee in found.attendees] == [Response.NEEDS_ACTION]


def test_a_mail_is_as_new_as_the_organizers_change_and_never_outranks_the_calendar_by_a_number() -> None:
    item = an_item()
    item["singleValueExtendedProperties"] += told((marker.ORGANIZER_CHANGED, "2026-04-19T08:00:00Z"))
    assert (event(item).dtstamp, event(item).sequence) == (at("2026-04-19 08:00"), 0)
    assert event(an_item()).dtstamp == NOW


@pytest.mark.parametrize("linked", [{}, {"event": None}, {"event": {}}, {"event": 7}], ids=repr)
def test_without_its_appointment_a_mail_is_read_all_the_same(linked: dict[str, Any]) -> None:
    assert event(an_item(**linked)).uid == UID


def test_the_uid_of_a_foreign_invitation_is_the_foreign_one() -> None:
    wrapped = b"vCal-Uid\x01\x00\x00\x00" + b"abc@google.com\x00"
    identifier = bytes.fromhex(UID[:72]) + len(wrapped).to_bytes(4, "little") + wrapped
    item = an_item(singleValueExtendedProperties=told((marker.OBJECT_ID, base64.b64encode(identifier).decode())))
    assert event(item).uid == "abc@google.com"
    plain = an_item(singleValueExtendedProperties=None, event={"iCalUId": "abc@google.com"})
    assert event(plain).uid == "abc@google.com"


def test_a_mail_that_does_not_say_which_appointment_it_means_says_nothing() -> None:
    item = an_item(singleValueExtendedProperties=told((marker.OBJECT_ID, "not base64!")))
    assert read_invitation(Fields(item), Fields(item).inner("event"), a_message(), VIEWER) is None


@pytest.mark.parametrize("subject", ["Canceled: Talk", "Canceled: Canceled: Talk", "Abgesagt: Talk", "Annulé : Talk"])
def test_a_cancellation_is_recognised_by_its_type_in_every_language(subject: str) -> None:
    item = an_item(**{"@odata.type": "#microsoft.graph.eventMessage", "meetingMessageType": "meetingCancelled"})
    found = event(item, a_message(subject=subject))
    assert invited(item).method is Method.CANCEL
    assert found.status is Status.CANCELLED
    assert found.summary == "Talk"


def test_a_subject_a_person_typed_keeps_its_words() -> None:
    assert without_prefix("Cancelled flights: what now?") == "Cancelled flights: what now?"


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("meetingDeclined", Response.DECLINED),
        ("meetingAccepted", Response.ACCEPTED),
        ("meetingTenativelyAccepted", Response.TENTATIVE),
        ("meetingTentativelyAccepted", Response.TENTATIVE),
    ],
)
def test_the_persons_own_answer_in_sent_items_is_a_reply(kind: str, answer: Response) -> None:
    item = an_item(**{"@odata.type": "#microsoft.graph.eventMessageResponse", "meetingMessageType": kind})
    own = a_message(sender=ALEX, to=(DANA,), folder=Folder.SENT, subject="Declined: Technical interview", text="")
    found = event(item, own)
    assert invited(item, own).method is Method.REPLY
    assert (found.response, found.organizer, found.uid) == (answer, DANA, UID)
    assert [(a.person, a.response) for a in found.attendees] == [(ALEX, answer)]


def test_somebody_elses_answer_is_not_the_persons() -> None:
    item = an_item(meetingMessageType="meetingDeclined")
    found = event(item, a_message(text="Sorry"))
    assert (found.response, found.organizer) == (Response.OWN, ALEX)
    assert [(a.person, a.response) for a in found.attendees] == [(DANA, Response.DECLINED)]
    assert invited(item, a_message(text="Sorry")).comment == "Sorry"


@pytest.mark.parametrize("by_property", [False, True])
def test_a_proposed_time_makes_an_answer_a_counter(by_property: bool) -> None:
    item = an_item(meetingMessageType="meetingTenativelyAccepted")
    if by_property:
        item["singleValueExtendedProperties"] += told(
            (marker.PROPOSED_START, "2026-05-06T09:00:00Z"), (marker.PROPOSED_END, "2026-05-06T10:00:00Z")
        )
    else:
        item["proposedNewTime"] = {"start": point("2026-05-06T09:00"), "end": point("2026-05-06T10:00")}
    assert invited(item).method is Method.COUNTER
    assert (event(item).start, event(item).end) == (at("2026-05-06 09:00"), at("2026-05-06 10:00"))


def test_times_that_mean_none_are_no_proposal() -> None:
    item = an_item(meetingMessageType="meetingDeclined", proposedNewTime=None)
    item["singleValueExtendedProperties"] += told(
        (marker.PROPOSED_START, "4501-01-01T00:00:00Z"), (marker.PROPOSED_END, "4501-01-01T00:00:00Z")
    )
    assert invited(item).method is Method.REPLY


def test_a_single_occurrence_is_named_by_its_original_start() -> None:
    item = an_item(type="exception")
    item["singleValueExtendedProperties"] = told(
        (marker.OBJECT_ID, object_id(OF_THE_12TH)), (marker.REPLACED_START, "2026-05-12T13:00:00Z")
    )
    assert (event(item).uid, event(item).recurrence_id) == (UID, "20260512T130000Z")
    moved = an_item(
        type="exception",
        event={
            "type": "exception", "start": point("2026-05-05T13:00"), "end": point("2026-05-05T14:00"),
            "originalStart": "2026-05-11T13:00:00Z",
        },
    )  # fmt: skip
    assert event(moved).recurrence_id == "20260511T130000Z"


def test_a_series_called_off_names_no_occurrence_and_an_invitation_to_one_the_first() -> None:
    assert event(an_item(type="seriesMaster")).recurrence_id == "20260505T130000Z"
    called_off = an_item(type="seriesMaster", meetingMessageType="meetingCancelled")
    assert event(called_off).recurrence_id is None


def test_a_whole_day_is_the_days_it_names() -> None:
    item = an_item(isAllDay=True, startDateTime=point("2026-05-05T00:00"), endDateTime=point("2026-05-06T00:00"))
    found = event(item)
    assert found.all_day
    assert str(found.start_date) == "2026-05-05"
    assert found.start == at("2026-05-04 22:00")


@pytest.mark.parametrize("kind", ["none", "unknownFutureValue", "", None, 7])
def test_kinds_nobody_knows_are_no_invitation(kind: object) -> None:
    item = Fields(an_item(meetingMessageType=kind))
    assert read_invitation(item, Fields(None), a_message(), VIEWER) is None


@given(st.dictionaries(st.sampled_from([*sorted(an_item()), "event", "proposedNewTime"]), JSON, max_size=6))
def test_whatever_is_said_of_a_meeting_it_is_read_or_passed_over(fields: dict[str, Any]) -> None:
    item = Fields(an_item(**fields))
    found = read_invitation(item, item.inner("event"), a_message(), VIEWER)
    for told_of in found.items if found else ():
        assert isinstance(told_of, Event)
        assert told_of.start <= told_of.end
