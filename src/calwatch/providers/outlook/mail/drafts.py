"""The drafts of an Outlook account: found by id or mark, made, rewritten, sent and deleted, one attempt each.

Outlook makes a reply in two steps: a draft with the quote, then its words. The first already carries the mark of the
letter where Outlook takes it, so that a letter interrupted between the two is known by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from calwatch.errors import Doubt, Rejected, Stop, Touched
from calwatch.formats.mime import fingerprint
from calwatch.model.event import Person
from calwatch.model.message import Content, Message
from calwatch.ports import Clock, Refused, StoredDraft
from calwatch.providers.outlook.api.paths import literal, segment
from calwatch.providers.outlook.mail import body, marker
from calwatch.providers.outlook.mail.folders import Folders
from calwatch.providers.outlook.mail.mails import ALL, is_gone
from calwatch.providers.outlook.mail.messages import read_content, read_document, read_mail, recipients
from calwatch.providers.remote.faults import Refusal
from calwatch.providers.remote.fields import Fields

if TYPE_CHECKING:
    from calwatch.providers.outlook.api.connection import Connection

Look = Callable[[], object]

_DRAFTS = "/me/mailFolders/drafts/messages"
_MOST = 50
_WITH = {"$expand": marker.expanded(marker.KEY, marker.WRITTEN, marker.IN_REPLY_TO)}
_NONE = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ref:
    """What ``StoredDraft.ref`` says: the draft's id and conversation, when it was made, its name, what it answers.

    ``key`` is the mark it carries. All but the id serve to recognise the mail it becomes.
    """

    draft: str
    thread: str = ""
    created: int = 0
    message_id: str = ""
    answered: str = ""
    key: str = ""

    @classmethod
    def of(cls, ref: str) -> Ref:
        parts = [*("" if part == _NONE else part for part in ref.split(" ")), *[""] * 6]
        seconds = int(parts[2]) if parts[2].isascii() and parts[2].isdecimal() and len(parts[2]) <= 11 else 0
        return cls(
            draft=parts[0], thread=parts[1], created=seconds, message_id=parts[3], answered=parts[4], key=parts[5]
        )

    def __str__(self) -> str:
        parts = (self.draft, self.thread, str(self.created), self.message_id, self.answered, self.key)
        return " ".join(part if part and " " not in part else _NONE for part in parts)

    @property
    def since(self) -> datetime:
        return datetime.fromtimestamp(self.created, UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One draft as Outlook has it now. ``unsent``, lying in Drafts, is what allows to touch it.

    ``sent`` and ``deleted`` say what else is certain; a draft that is neither is on its way, or was filed elsewhere.
    ``written`` is the hash of the words we wrote last, ``document`` the body with its quote. ``files``: something is
    attached, and we attach nothing.
    """

    draft: str
    version: str
    thread: str
    unsent: bool
    sent: bool
    deleted: bool
    content: Content
    document: str
    plain: bool
    message_id: str
    answered: str
    created: int
    key: str
    written: str
    files: bool

    @property
    def ours(self) -> bool:
        """Whether it says what we wrote and nothing else."""
        return self.written == fingerprint(self.content)

    @property
    def begun(self) -> bool:
        """Whether nobody, calwatch included, has put anything into it yet."""
        return not self.written and not self.files and not self.content.text.strip()


class Drafts:
    """The drafts of one account.

    What changes one is given a ``look`` at it for the very last moment, which raises when it is no longer the one that
    is meant; Outlook is told the version as well.
    """

    def __init__(self, connection: Connection, folders: Folders, clock: Clock) -> None:
        self._connection = connection
        self._folders = folders
        self._clock = clock

    def find(self, draft: str) -> Held | None:
        """The item by its id, a draft or what became of it; ``None`` when Outlook knows none."""
        try:
            return self._held(Fields(self._connection.read(f"{ALL}/{segment(draft)}", _WITH)))
        except Refusal as no:
            if is_gone(no):
                return None
            raise

    def marked(self, key: str) -> list[Held]:
        """Everything with the mark of a letter, in whatever folder, oldest first."""
        found = self._listed(ALL, marker.marked_with(key))
        return sorted((held for held in found if held.key == key), key=lambda held: (held.created, held.draft))

    def unmarked(self, answers: Message) -> list[Held]:
        """Drafts that answer a mail, with no mark and nothing written into them yet, oldest first."""
        found = self._listed(_DRAFTS, f"conversationId eq {literal(answers.thread)}") if answers.thread else ()
        empty = [held for held in found if held.unsent and held.begun and not held.key]
        mine = [held for held in empty if held.answered in ("", answers.message_id)]
        return sorted(mine, key=lambda held: (held.created, held.draft))

    def is_unread(self, answers: Message) -> bool:
        """Whether the person has not opened the mail yet. Raises Stop when it is gone."""
        try:
            item = Fields(self._connection.read(f"{ALL}/{segment(answers.ref)}", {"$select": "isRead"}))
        except Refusal as no:
            raise _nothing_to_answer(no) from no
        return not item.flag("isRead", default=True)

    def mark_unread(self, answers: Message) -> None:
        """Answering has opened the mail; for the person it is as new as before."""
        self._connection.write("PATCH", f"{ALL}/{segment(answers.ref)}", {"isRead": False})

    def reply(self, answers: Message, content: Content, key: str) -> Held:
        """A draft in the conversation of the mail it answers, with its quote and no words yet."""
        given = {**_addressed(content), "singleValueExtendedProperties": [marker.mark(key)]}
        try:
            answer = self._connection.write("POST", f"{ALL}/{segment(answers.ref)}/createReply", {"message": given})
        except Refusal as no:
            if is_gone(no):
                raise _nothing_to_answer(no) from no
            _reject(no)
            raise
        return replace(self._made(answer), answered=answers.message_id)

    def create(self, content: Content, key: str) -> Held:
        """A draft that begins a conversation, whole."""
        try:
            return self._made(self._connection.write("POST", ALL, _worded(content, key)))
        except Refusal as no:
            _reject(no)
            raise

    def rewrite(self, held: Held, content: Content, key: str, look: Look | None = None) -> None:
        """Puts ``content`` above the quote of a draft that is still the ``held`` one."""
        given = _worded(content, key, held.document, plain=held.plain)
        self._change("PATCH", held, given, look)

    def delete(self, held: Held, look: Look) -> None:
        """Into Deleted Items; one that is gone already is fine."""
        try:
            self._change("DELETE", held, None, look)
        except _Vanished:
            return

    def send(self, held: Held, look: Look) -> Refused | None:
        """The one attempt; Outlook says nothing of what it took."""
        try:
            self._connection.write("POST", f"{ALL}/{segment(held.draft)}/send", look=look)
        except Refusal as no:
            if is_gone(no) or no.status in (409, 412):
                raise Touched("the draft is no longer there, or was changed") from no
            return Refused(str(no))
        return None

    def _change(self, method: str, held: Held, given: Mapping[str, Any] | None, look: Look | None) -> None:
        path = f"{ALL}/{segment(held.draft)}"
        try:
            self._connection.write(method, path, given, if_match=held.version, look=look)
        except Refusal as no:
            if is_gone(no):
                raise _Vanished("the draft is no longer there") from no
            if no.status in (409, 412):
                raise Touched("the draft is not the one that was stored") from no
            if no.reason.lower() == "errorinvalidpropertyset":
                raise Touched("it was sent") from no
            _reject(no)
            raise

    def _made(self, answer: Mapping[str, Any]) -> Held:
        held = self._held(Fields(answer))
        if held is None or not held.version:
            raise Doubt("Outlook did not say which draft it stored")
        return held

    def _listed(self, path: str, chosen: str) -> Iterator[Held]:
        most = _MOST
        for page in self._connection.pages(path, {"$filter": chosen, **_WITH}):
            for item in Fields(page).several("value", most):
                most -= 1
                held = self._held(item)
                if held is not None:
                    yield held
            if most <= 0:
                return

    def _held(self, item: Fields) -> Held | None:
        places = self._folders.places()
        mail = read_mail(item, places, frozenset(), self._clock.now())
        if mail is None:
            return None
        document, plain = read_document(item)
        return Held(
            draft=mail.message.ref,
            version=mail.version,
            thread=mail.message.thread,
            unsent=mail.draft and mail.parent == places.drafts,
            sent=not mail.draft,
            deleted=mail.draft and self._folders.holds_deleted(mail.parent),
            content=read_content(item),
            document=document,
            plain=plain,
            message_id=mail.message.message_id,
            answered=mail.message.in_reply_to,
            created=int(mail.created.timestamp()) if mail.created else 0,
            key=mail.key,
            written=mail.written,
            files=mail.files,
        )


class _Vanished(Touched):
    """There is nothing by this id any more."""


def told(held: Held, ref: Ref) -> StoredDraft:
    """A draft in the words of the port; ``ref`` says what it answered and which letter it is."""
    now = Ref(
        draft=held.draft,
        thread=held.thread,
        created=ref.created or held.created,
        message_id=held.message_id,
        answered=ref.answered or held.answered,
        key=ref.key or held.key,
    )
    return StoredDraft(
        ref=str(now), version=held.version, content=held.content, message_id=held.message_id, thread=held.thread
    )


def people(content: Content) -> frozenset[str]:
    """The addresses a draft goes to."""
    return frozenset(person.email for person in (*content.to, *content.cc, *content.bcc))


def _addressed(content: Content) -> dict[str, Any]:
    """Subject and recipients, all of them: whom Outlook would add is not asked."""
    groups: dict[str, tuple[Person, ...]] = {
        "toRecipients": content.to, "ccRecipients": content.cc, "bccRecipients": content.bcc
    }  # fmt: skip
    return {"subject": content.subject, **{name: recipients(group) for name, group in groups.items()}}


def _worded(content: Content, key: str, document: str = "", *, plain: bool = False) -> dict[str, Any]:
    return {
        **_addressed(content),
        "body": {"contentType": "html", "content": body.written(content.text, document, plain=plain)},
        "singleValueExtendedProperties": marker.marks(key, fingerprint(content)),
    }


def _reject(no: Refusal) -> None:
    """A bad request is about what the letter says, and nobody can mend it but the person."""
    if no.status == 400:
        raise Rejected(f"Outlook does not take this draft: {no}") from no


def _nothing_to_answer(no: Refusal) -> Exception:
    if not is_gone(no):
        return no
    return Stop(
        "Outlook no longer has the mail this letter answers, so it was not stored; "
        "write it in Outlook yourself, or name another address to begin a new conversation"
    )
