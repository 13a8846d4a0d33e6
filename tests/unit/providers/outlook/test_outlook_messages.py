"""Mails in Graph's JSON read into messages, whatever that JSON looks like."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import ALEX, DANA, NOW
from calwatch.formats import headers
from calwatch.model.event import Person
from calwatch.model.message import Folder
from calwatch.providers.outlook.mail import marker
from calwatch.providers.outlook.mail.messages import Mail, Places, plain_id, read_content, read_mail, recipients
from calwatch.providers.remote.fields import Fields

PLACES = Places(inbox="in", sent="out", drafts="drafts")
MINE = frozenset({ALEX.email})
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
MOMENTS = st.sampled_from(["2026-04-20T08:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z", "yesterday"])


def someone(person: Person) -> dict[str, Any]:
    return {"emailAddress": {"name": person.name, "address": person.email}}


def a_mail(**fields: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "id": "AAkALg-1_=",
        "@odata.etag": 'W/"CQAAAB"',
        "conversationId": "AAQkconv",
        "parentFolderId": "in",
        "internetMessageId": "<one@acme.example>",
        "receivedDateTime": "2026-04-20T07:59:00Z",
        "sentDateTime": "2026-04-20T07:58:00Z",
        "createdDateTime": "2026-04-20T07:59:30Z",
        "subject": "Interview at Acme",
        "from": someone(DANA),
        "toRecipients": [someone(ALEX)],
        "body": {"contentType": "text", "content": "Hi Alex\r\n\r\n> quoted"},
        "isDraft": False,
        "isRead": False,
        "hasAttachments": False,
    }
    return given | fields


def with_properties(**values: str) -> dict[str, Any]:
    return a_mail(
        singleValueExtendedProperties=[{"id": getattr(marker, name), "value": value} for name, value in values.items()]
    )


def read(item: object) -> Mail:
    mail = read_mail(Fields(item), PLACES, MINE, NOW)
    assert mail is not None
    return mail


def test_a_mail_is_read_with_everything_calwatch_knows_of_mails() -> None:
    mail = read(a_mail())
    message = mail.message
    assert (message.ref, message.thread, message.message_id) == ("AAkALg-1_=", "AAQkconv", "<one@acme.example>")
    assert (message.sender, message.to, message.folder) == (DANA, (ALEX,), Folder.INBOX)
    assert message.date == datetime(2026, 4, 20, 7, 59, tzinfo=UTC)
    assert message.text == "Hi Alex"
    assert not message.automatic
    assert mail.version == 'W/"CQAAAB"'
    assert mail.unread


def test_ids_that_differ_in_one_sign_are_different_also_where_a_mail_has_no_name() -> None:
    refs = ("AAkA-x", "AAkA_x", "aAkA-x")
    assert len({read(a_mail(id=ref, internetMessageId=None)).message.message_id for ref in refs}) == 3


def test_threading_comes_from_the_properties_or_from_the_headers() -> None:
    own = read(with_properties(IN_REPLY_TO="<b@x.example>", REFERENCES="<a@x.example> <b@x.example>")).message
    carried = read(
        with_properties(
            HEADERS="Received: x\r\nIn-Reply-To: <b@x.example>\r\nReferences: <a@x.example>\r\n <b@x.example>"
        )
    ).message
    for message in (own, carried):
        assert message.in_reply_to == "<b@x.example>"
        assert message.references == ("<a@x.example>", "<b@x.example>")


@pytest.mark.parametrize(
    "line", ["Auto-Submitted: auto-generated", "List-Id: <jobs.acme.example>", "Precedence: bulk", "Return-Path: <>"]
)
def test_mail_no_human_typed_is_told_by_its_headers(line: str) -> None:
    assert read(with_properties(HEADERS=f"From: dana@acme.example\r\n{line}\r\n")).message.automatic


@pytest.mark.parametrize(("words", "automatic"), [("", True), ("\r\n", True), ("I cannot make it", False)])
def test_an_answer_to_an_invitation_without_a_word_was_typed_by_nobody(words: str, automatic: bool) -> None:
    item = a_mail(**{"@odata.type": "#microsoft.graph.eventMessageResponse"}, body={"content": words})
    assert read(item).message.automatic is automatic


@pytest.mark.parametrize(
    ("fields", "folder"),
    [
        ({"parentFolderId": "out", "from": someone(ALEX)}, Folder.SENT),
        ({"parentFolderId": "my own folder", "from": someone(ALEX)}, Folder.SENT),
        ({"parentFolderId": "in", "from": someone(ALEX)}, Folder.INBOX),
        ({"parentFolderId": "out", "from": someone(Person("alias@example.com"))}, Folder.SENT),
        ({"parentFolderId": "my own folder"}, Folder.INBOX),
        ({"parentFolderId": "drafts", "isDraft": True}, Folder.DRAFTS),
    ],
)
def test_sent_mail_is_what_the_person_wrote(fields: dict[str, Any], folder: Folder) -> None:
    assert read(a_mail(**fields)).message.folder is folder


def test_moments_that_mean_never_are_none() -> None:
    never = {"receivedDateTime": "4501-01-01T00:00:00Z", "sentDateTime": "0001-01-01T00:00:00Z"}
    assert read(a_mail(**never)).message.date == datetime(2026, 4, 20, 7, 59, 30, tzinfo=UTC)
    assert read(a_mail(**never, createdDateTime=None)).message.date == NOW


def test_what_is_no_address_is_no_recipient() -> None:
    people = [someone(Person("/O=EXCHANGELABS/CN=RECIPIENTS/CN=1")), someone(DANA), {"emailAddress": None}, None, 7]
    message = read(a_mail(toRecipients=people)).message
    assert message.to == (DANA,)
    nameless = {"emailAddress": {"name": "Dana@acme.example", "address": "Dana@ACME.example"}}
    assert read(a_mail(toRecipients=[nameless])).message.to == (Person(DANA.email),)


def test_nothing_in_a_name_or_subject_reaches_a_terminal() -> None:
    sender = Person("dana@acme.example", "Dana\x1b[2J\r\nBcc: x")
    message = read(a_mail(**{"from": someone(sender)}, subject="Hi\r\n\x1b]0;evil\x07 \u202etxt")).message
    assert message.sender is not None
    for text in (message.sender.name, message.subject):
        assert text.isprintable()


def test_an_id_or_version_that_could_break_out_of_an_address_or_header_is_none() -> None:
    assert read_mail(Fields(a_mail(id="a\r\nb")), PLACES, MINE, NOW) is None
    assert read_mail(Fields(a_mail(id=7)), PLACES, MINE, NOW) is None
    assert read(a_mail(**{"@odata.etag": 'W/"x"\r\nX-Evil: 1', "changeKey": "k"})).version == 'W/"k"'


def test_our_marks_are_read_however_graph_spells_their_names() -> None:
    told = [
        {"id": marker.KEY.replace("{1e6c5f0b", "{1E6C5F0B"), "value": "key-1"},
        {"id": "String 0x7d", "value": "List-Id: x"},
        {"id": marker.KEY.replace("letter-key", "Letter-Key"), "value": "another name"},
    ]
    mail = read(a_mail(singleValueExtendedProperties=told))
    assert mail.key == "key-1"
    assert mail.message.automatic


def test_a_draft_says_what_stands_above_its_quote() -> None:
    html = '<html><body><div>Own</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg">From</div></body></html>'
    content = read_content(Fields(a_mail(body={"contentType": "html", "content": html}, bccRecipients=[someone(DANA)])))
    assert (content.text, content.to, content.bcc) == ("Own", (ALEX,), (DANA,))


def test_recipients_are_written_with_their_names_and_without_empty_ones() -> None:
    assert recipients((DANA, Person("x@y.example"))) == [
        {"emailAddress": {"address": DANA.email, "name": DANA.name}},
        {"emailAddress": {"address": "x@y.example"}},
    ]


@given(st.dictionaries(st.sampled_from(sorted(a_mail())), JSON | MOMENTS, max_size=8))
def test_whatever_a_mail_is_said_to_be_it_is_read_or_passed_over(fields: dict[str, Any]) -> None:
    mail = read_mail(Fields(a_mail(**fields)), PLACES, MINE, NOW)
    read_content(Fields(a_mail(**fields)))
    if mail is not None:
        assert mail.message.date.tzinfo is not None
        assert headers.message_ids([mail.message.message_id]) == (mail.message.message_id,)
        assert all(part.isprintable() for part in (mail.message.subject, mail.message.thread, mail.version))


@given(JSON, st.lists(JSON, max_size=3))
def test_anything_at_all_can_stand_for_a_mail_and_its_properties(item: Any, told: list[Any]) -> None:
    read_mail(Fields(item), PLACES, MINE, NOW)
    read_mail(Fields(a_mail(singleValueExtendedProperties=told)), PLACES, MINE, NOW)


@pytest.mark.parametrize("ref", [".", "..", "with blank", "\x1b[31m", "", "x" * 1001])
def test_an_id_that_leads_elsewhere_names_no_mail(ref: str) -> None:
    assert plain_id(ref) == ""


@pytest.mark.parametrize("ref", ["AAkALgA_-=", "../a", "a/../b", "...", "a?b#c"])
def test_any_other_id_is_kept_as_it_is(ref: str) -> None:
    """What stands in it besides is written as ``%2F`` in an address."""
    assert plain_id(ref) == ref


def test_whoever_a_draft_goes_to_without_an_address_is_named() -> None:
    people = [someone(DANA), {"emailAddress": {"name": "A group"}}, {"emailAddress": {"address": "/O=ACME/CN=BOB"}}, {}]
    found = read_content(Fields({"toRecipients": people}))
    assert [person.email for person in found.to] == [
        DANA.email, "A group", "/O=ACME/CN=BOB", "(somebody without an address)",
    ]  # fmt: skip
