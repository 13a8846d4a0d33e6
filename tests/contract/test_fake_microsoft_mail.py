"""The fake Outlook's mail must be as awkward as the real one, or it would hide what the provider has to survive."""

from __future__ import annotations

from datetime import timedelta

import pytest

from builders import ALEX, DANA, NOW
from calwatch.model.event import Person
from calwatch.model.message import Message
from contract.fake_outlook_mail_caller import MARKER, Ask, by_marker, caller, following, marked, refused
from fakes.clock import ManualClock
from fakes.microsoft.mail import MailState

NOTE = Person("no-reply@ats.example", "Acme Talent")


@pytest.fixture
def mail(clock: ManualClock) -> MailState:
    return MailState(clock, ALEX.email)


@pytest.fixture
def ask(mail: MailState) -> Ask:
    return caller(mail)


@pytest.fixture
def asked(mail: MailState) -> Message:
    """Dana's question, which drafts answer."""
    return mail.receive("Hi Alex,\n\ndoes Tuesday work?\n\nDana", sender=DANA, subject="Interview at Acme")


# -- ids and folders -----------------------------------------------------------------------------------------------


def test_an_item_has_two_forms_of_id_and_only_one_survives_a_move(mail: MailState, ask: Ask, asked: Message) -> None:
    regular = caller(mail, immutable=False)("messages.get", message=asked.ref)["id"]
    assert regular != asked.ref
    assert ask("messages.get", message=regular)["id"] == asked.ref
    mail.archive(asked)
    assert refused(ask, "messages.get", message=regular) == (404, "ErrorItemNotFound")
    assert ask("messages.get", message=asked.ref)["parentFolderId"] == mail.folder_id("archive")


def test_ids_are_not_the_same_for_being_alike(mail: MailState, ask: Ask) -> None:
    refs = [mail.receive(sender=DANA).ref for _ in range(8)]
    assert len({ref.casefold() for ref in refs}) < len(refs)
    assert len(refs) == len(set(refs))
    assert [ask("messages.get", message=ref)["id"] for ref in refs] == refs


def test_folders_have_one_constant_id_and_names_in_any_case(mail: MailState, ask: Ask) -> None:
    known = ask("mailFolders.get", folder="SentItems", query={"$select": "id"})
    assert known == {"id": mail.folder_id("sentitems")}
    assert caller(mail, immutable=False)("mailFolders.get", folder=known["id"])["displayName"] == "Sent Items"
    assert refused(ask, "mailFolders.get", folder="nowhere")[0] == 404


def test_malformed_and_unknown_ids_are_refused_differently(ask: Ask) -> None:
    assert refused(ask, "messages.get", message="no id") == (400, "ErrorInvalidIdMalformed")
    assert refused(ask, "messages.get", message="AAMkNobody=") == (404, "ErrorItemNotFound")


# -- bodies --------------------------------------------------------------------------------------------------------


def test_a_body_is_html_unless_text_is_wanted(mail: MailState, ask: Ask, asked: Message) -> None:
    html = ask("messages.get", message=asked.ref)["body"]
    assert html["contentType"] == "html"
    assert html["content"].startswith("<html><head>\r\n<meta")
    text = caller(mail, text=True)("messages.get", message=asked.ref)["body"]
    assert text == {"contentType": "text", "content": "Hi Alex,\r\n\r\ndoes Tuesday work?\r\n\r\nDana"}


def test_what_is_written_comes_back_made_safe(ask: Ask) -> None:
    hostile = '<div onclick="x()" data-calwatch="k"><!-- ours --><script>alert(1)</script>a &lt; b<br>c</div>'
    made = ask("messages.create", {"subject": "x", "body": {"contentType": "HTML", "content": hostile}})
    assert "<body><div>a &lt; b<br>c</div></body>" in made["body"]["content"]
    assert made["bodyPreview"] == "a < b c"


def test_links_are_written_out_in_text(mail: MailState) -> None:
    found = mail.receive(sender=DANA, html='<p>Call <a href="https://meet.example/1">here</a></p><p>Bye</p>')
    body = caller(mail, text=True)("messages.get", message=found.ref)["body"]["content"]
    assert body == "Call here<https://meet.example/1>\r\n\r\nBye"


# -- drafts --------------------------------------------------------------------------------------------------------


def test_a_reply_lies_in_the_conversation_with_a_quote_and_has_a_subject_of_the_servers(
    mail: MailState, ask: Ask, asked: Message
) -> None:
    made = ask("messages.createReply", {}, message=asked.ref)
    assert (made["isDraft"], made["conversationId"], made["subject"]) == (True, asked.thread, "RE: Interview at Acme")
    assert made["parentFolderId"] == mail.folder_id("drafts")
    assert made["toRecipients"] == [{"emailAddress": {"name": "Dana Fox", "address": DANA.email}}]
    assert '<hr tabindex="-1"' in made["body"]["content"]
    assert "does Tuesday work?" in made["body"]["content"]
    assert made["internetMessageId"].startswith("<")
    assert mail.drafts[made["id"]].content.text == ""
    assert mail.drafts[made["id"]].in_reply_to == asked.message_id


def test_the_subject_is_in_the_mailboxs_language(mail: MailState, ask: Ask) -> None:
    mail.language = "de"
    asked = mail.receive(sender=DANA, subject="RE: AW: Interview")
    made = ask("messages.createReply", {}, message=asked.ref)
    assert made["subject"] == "AW: Interview"
    assert "<b>Gesendet:</b>" in made["body"]["content"]


def test_a_reply_goes_where_the_mail_asks_for_it(mail: MailState, ask: Ask) -> None:
    asked = mail.receive(sender=NOTE, reply_to=(DANA,))
    made = ask("messages.createReply", {}, message=asked.ref)
    assert [r["emailAddress"]["address"] for r in made["toRecipients"]] == [DANA.email]


def test_a_reply_to_everybody_may_address_oneself_and_marks_the_mail_as_read(mail: MailState, ask: Ask) -> None:
    alias, boss = Person("alex@rivera.example"), Person("boss@acme.example")
    asked = mail.receive(sender=DANA, to=(alias, boss), cc=(NOTE,))
    assert ask("messages.get", message=asked.ref)["isRead"] is False
    made = ask("messages.createReplyAll", {}, message=asked.ref)
    assert [r["emailAddress"]["address"] for r in made["toRecipients"]] == [DANA.email, alias.email, boss.email]
    assert ask("messages.get", message=asked.ref)["isRead"] is True


@pytest.mark.parametrize("marks", [False, True])
def test_whether_a_reply_marks_the_mail_as_read_is_open(mail: MailState, ask: Ask, asked: Message, marks: bool) -> None:
    mail.reply_marks_read = marks
    ask("messages.createReply", {}, message=asked.ref)
    assert ask("messages.get", message=asked.ref)["isRead"] is marks


@pytest.mark.parametrize("keeps", [False, True])
def test_whether_a_reply_takes_a_marker_is_open(mail: MailState, ask: Ask, asked: Message, keeps: bool) -> None:
    mail.reply_keeps_properties = keeps
    made = ask("messages.createReply", {"message": marked("key-1")}, message=asked.ref)
    found = ask("messages.list", query=by_marker("KEY-1"))["value"]
    assert [m["id"] for m in found] == ([made["id"]] if keeps else [])
    assert "singleValueExtendedProperties" not in made


def test_a_comment_is_forgotten_and_refused_beside_a_body(ask: Ask, asked: Message) -> None:
    made = ask("messages.createReply", {"comment": "Tuesday is fine"}, message=asked.ref)
    assert "Tuesday is fine" not in made["body"]["content"]
    both = {"comment": "x", "message": {"body": {"contentType": "text", "content": "y"}}}
    assert refused(ask, "messages.createReply", both, message=asked.ref) == (400, "ErrorInvalidRequest")


def test_a_patch_needs_the_present_state_and_a_draft(mail: MailState, ask: Ask, asked: Message) -> None:
    made = ask("messages.createReply", {}, message=asked.ref)
    body = {"body": {"contentType": "html", "content": "<div>Hi Dana</div>" + made["body"]["content"]}, **marked("key")}
    changed = ask("messages.patch", body, message=made["id"], if_match=made["@odata.etag"])
    assert changed["@odata.etag"] != made["@odata.etag"]
    assert mail.drafts[made["id"]].content.text == "Hi Dana"
    stale = refused(ask, "messages.patch", body, message=made["id"], if_match=made["@odata.etag"])
    assert stale == (412, "ErrorIrresolvableConflict")
    assert refused(ask, "messages.patch", body, message=asked.ref) == (400, "ErrorInvalidPropertySet")
    assert ask("messages.patch", {"isRead": True}, message=asked.ref)["isRead"] is True


def test_threads_cannot_be_forged_by_headers(ask: Ask) -> None:
    headers = [{"name": "In-Reply-To", "value": "<x@acme.example>"}]
    answer = refused(ask, "messages.create", {"subject": "x", "internetMessageHeaders": headers})
    assert answer == (400, "InvalidInternetMessageHeader")


def test_what_no_message_has_and_what_breaks_a_header_is_a_violation(mail: MailState, ask: Ask) -> None:
    assert refused(ask, "messages.create", {"body_text": "x"})[0] == 400
    assert refused(ask, "messages.create", {"subject": "Hi\r\nBcc: all@evil.example"})[0] == 400
    assert len(mail.violations) == 2


def test_a_deleted_draft_lies_in_deleted_items_and_a_deleted_one_of_those_nowhere(mail: MailState, ask: Ask) -> None:
    made = ask("messages.create", {"subject": "x"})
    assert refused(ask, "messages.delete", message=made["id"], if_match='W/"old"')[0] == 412
    ask("messages.delete", message=made["id"], if_match=made["@odata.etag"])
    there = ask("messages.get", message=made["id"])
    assert (there["isDraft"], there["parentFolderId"]) == (True, mail.folder_id("deleteditems"))
    ask("messages.delete", message=made["id"])
    assert refused(ask, "messages.get", message=made["id"])[0] == 404


def test_an_extended_property_is_shown_only_when_asked_for_and_in_exchanges_spelling(ask: Ask) -> None:
    made = ask("messages.create", {"subject": "x", **marked("key-1")})
    expand = {"$expand": f"singleValueExtendedProperties($filter=id eq '{MARKER}')"}
    (found,) = ask("messages.get", message=made["id"], query=expand)["singleValueExtendedProperties"]
    assert found["value"] == "key-1"
    assert (found["id"] != MARKER, found["id"].lower()) == (True, MARKER.lower())
    other = expand["$expand"].replace("calwatch-draft", "Calwatch-Draft")
    assert "singleValueExtendedProperties" not in ask("messages.get", message=made["id"], query={"$expand": other})
    bad = {"$expand": "singleValueExtendedProperties($filter=id eq 'Text {x} Name y')"}
    assert refused(ask, "messages.get", message=made["id"], query=bad) == (400, "ErrorInvalidExtendedProperty")


# -- sending -------------------------------------------------------------------------------------------------------


def staged(ask: Ask, asked: Message) -> str:
    made = ask("messages.createReply", {"message": marked("key-1")}, message=asked.ref)
    return str(made["id"])


def test_a_sent_draft_leaves_at_once_and_its_copy_comes_later(
    mail: MailState, ask: Ask, asked: Message, clock: ManualClock
) -> None:
    mail.lag_calls = 100
    number = staged(ask, asked)
    assert ask("messages.send", message=number) is None
    assert [(d.by, d.in_reply_to, d.draft_ref) for d in mail.delivered] == [("calwatch", asked.message_id, number)]
    assert refused(ask, "messages.get", message=number)[0] == 404
    assert refused(ask, "messages.send", message=number)[0] == 404
    assert ask("messages.list", folder="sentitems")["value"] == []
    clock.advance(31)
    (copy,) = ask("messages.list", folder="sentitems", query=by_marker("key-1"))["value"]
    assert (copy["isDraft"], copy["conversationId"], copy["id"] == number) == (False, asked.thread, False)
    assert copy["internetMessageId"] == mail.delivered[0].message_id


def test_a_mail_may_wait_in_the_outbox_and_keep_its_immutable_id(mail: MailState, ask: Ask, asked: Message) -> None:
    mail.while_leaving, mail.keeps_immutable_id = "outbox", True
    number = staged(ask, asked)
    ask("messages.send", message=number)
    waiting = ask("messages.get", message=number)
    assert (waiting["isDraft"], waiting["parentFolderId"]) == (True, mail.folder_id("outbox"))
    assert refused(ask, "messages.send", message=number)[0] == 400
    mail.settle()
    assert ask("messages.get", message=number)["isDraft"] is False
    assert len(mail.delivered) == 1


def test_a_message_id_may_be_replaced_and_a_marker_dropped_by_sending(
    mail: MailState, ask: Ask, asked: Message
) -> None:
    mail.replaces_message_id, mail.keeps_properties = True, False
    number = staged(ask, asked)
    before = mail.drafts[number].message_id
    ask("messages.send", message=number)
    mail.settle()
    assert ask("messages.list", query=by_marker("key-1"))["value"] == []
    assert ask("messages.list", folder="sentitems")["value"][0]["internetMessageId"] != before


@pytest.mark.parametrize("client", ["owa", "classic"])
def test_classic_outlook_sends_a_copy_with_ids_of_its_own(
    mail: MailState, ask: Ask, asked: Message, client: str
) -> None:
    mail.keeps_immutable_id = True
    number = staged(ask, asked)
    before = mail.drafts[number].message_id
    mail.send_by_hand(number, "classic" if client == "classic" else "owa")
    mail.settle()
    (copy,) = ask("messages.list", folder="sentitems", query=by_marker("key-1"))["value"]
    assert ((copy["id"], copy["internetMessageId"]) == (number, before)) is (client == "owa")
    assert mail.delivered[0].by == "person"


def test_without_the_permission_nothing_is_sent(mail: MailState, ask: Ask, asked: Message) -> None:
    number = staged(ask, asked)
    unable = caller(mail, scopes=frozenset({"Mail.ReadWrite"}))
    assert refused(unable, "messages.send", message=number) == (403, "ErrorAccessDenied")
    assert mail.delivered == []


@pytest.mark.parametrize("to", [[], [{"emailAddress": {"address": "nobody"}}]], ids=["nobody", "no address"])
def test_a_mail_without_a_recipient_is_not_sent(mail: MailState, ask: Ask, to: list[object]) -> None:
    made = ask("messages.create", {"subject": "x", "toRecipients": to})
    assert refused(ask, "messages.send", message=made["id"]) == (400, "ErrorInvalidRecipients")
    assert (mail.delivered, list(mail.drafts)) == ([], [made["id"]])


def test_sending_without_a_draft_works_and_is_a_violation(mail: MailState, ask: Ask) -> None:
    to = [{"emailAddress": {"address": DANA.email}}]
    ask("sendMail", {"message": {"subject": "x", "toRecipients": to}})
    assert len(mail.delivered) == len(mail.violations) == 1


def test_an_answer_to_a_sent_mail_joins_its_conversation(mail: MailState, ask: Ask, asked: Message) -> None:
    ask("messages.send", message=staged(ask, asked))
    mail.settle()
    (sent,) = [message for message in mail.messages if message.sender == mail.me]
    assert mail.receive(sender=DANA, answers=sent).thread == asked.thread


# -- lists ---------------------------------------------------------------------------------------------------------


def test_pages_have_ten_entries_unless_more_are_wanted(mail: MailState, ask: Ask) -> None:
    for _ in range(13):
        mail.receive(sender=DANA)
    first = ask("messages.list", folder="inbox")
    rest = following(ask, "messages.list", first)
    assert [len(page["value"]) for page in (first, rest)] == [10, 3]
    assert "@odata.nextLink" not in rest
    assert len(ask("messages.list", folder="inbox", query={"$top": "50"})["value"]) == 13
    mail.empty_pages = True
    begin = ask("messages.list", folder="inbox")
    assert (begin["value"], "@odata.nextLink" in begin) == ([], True)


def test_all_messages_are_really_all(mail: MailState, ask: Ask, asked: Message) -> None:
    trashed = mail.receive(sender=DANA, date=NOW - timedelta(days=1))
    mail.trash(trashed)
    mail.chat("lunch?", sender=DANA)
    ask("messages.createReply", {}, message=asked.ref)
    assert len(ask("messages.list")["value"]) == 4


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("conversationId eq '{thread}'", True),
        ("internetMessageId eq '{id}'", True),
        ("internetMessageId eq '{bare}'", False),
        ("from/emailAddress/address eq 'DANA@ACME.EXAMPLE'", True),
        ("(isDraft eq false and receivedDateTime ge 2026-04-20T08:00:00Z) or subject eq 'x'", True),
        ("receivedDateTime gt 2026-04-20T08:00:00Z", False),
        ("not (isRead eq true) and startswith(subject,'Inter')", True),
        ("subject eq 'Interview at ''Acme'''", False),
    ],
)
def test_filters(ask: Ask, asked: Message, text: str, found: bool) -> None:
    named = text.format(thread=asked.thread, id=asked.message_id, bare=asked.message_id.strip("<>"))
    assert bool(ask("messages.list", query={"$filter": named})["value"]) is found


@pytest.mark.parametrize(
    "text",
    [
        "toRecipients/any(r: r/emailAddress/address eq 'x')",
        "subject eq",
        "nothing eq 'x'",
        "isDraft eq 'yes'",
        "a b c d",
    ],
)
def test_filters_it_does_not_know_are_refused(ask: Ask, text: str) -> None:
    assert refused(ask, "messages.list", query={"$filter": text}) == (400, "ErrorInvalidUrlQueryFilter")


def test_a_sort_order_beside_a_filter_is_too_complex(ask: Ask, asked: Message) -> None:
    query = {"$filter": f"conversationId eq '{asked.thread}'", "$orderby": "receivedDateTime desc"}
    assert refused(ask, "messages.list", query=query) == (400, "InefficientFilter")
    query["$filter"] = f"receivedDateTime ge 2026-01-01T00:00:00Z and {query['$filter']}"
    assert len(ask("messages.list", query=query)["value"]) == 1


def test_a_search_stands_alone_and_lags(mail: MailState, ask: Ask, asked: Message, clock: ManualClock) -> None:
    search = {"$search": f'"participants:{DANA.email} OR subject:nothing"'}
    assert refused(ask, "messages.list", query={**search, "$filter": "isDraft eq false"}) == (400, "SearchWithFilter")
    assert refused(ask, "messages.list", query={**search, "$orderby": "x"}) == (400, "SearchWithOrderBy")
    assert refused(ask, "messages.list", query={"$search": f"from:{DANA.email}"})[0] == 400
    assert ask("messages.list", query=search)["value"] == []
    clock.advance(60)
    assert [m["id"] for m in ask("messages.list", query=search)["value"]] == [asked.ref]


def test_a_selection_gives_headers_and_takes_everything_else(mail: MailState, ask: Ask) -> None:
    found = mail.receive(sender=DANA, List_Id="<news.acme.example>")
    assert "internetMessageHeaders" not in ask("messages.get", message=found.ref)
    shown = ask("messages.get", message=found.ref, query={"$select": "subject,internetMessageHeaders"})
    assert shown.keys() == {"@odata.etag", "id", "subject", "internetMessageHeaders"}
    assert {"name": "List-Id", "value": "<news.acme.example>"} in shown["internetMessageHeaders"]
    assert refused(ask, "messages.get", message=found.ref, query={"$select": "text"})[0] == 400


def test_names_properties_and_words_may_be_missing_or_new(mail: MailState, ask: Ask) -> None:
    mail.null_fields, mail.left_out, mail.unknown_enums = frozenset({"replyTo"}), frozenset({"flag"}), True
    shown = ask("messages.get", message=mail.receive(sender=Person("x@acme.example")).ref)
    assert (shown["replyTo"], "flag" in shown, shown["importance"]) == (None, False, "unknownFutureValue")
    assert shown["from"]["emailAddress"]["name"] == "x@acme.example"
