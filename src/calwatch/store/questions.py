"""What only the person can say, asked once each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam

from calwatch.errors import Rejected
from calwatch.model.ledger import Question
from calwatch.store import codec
from calwatch.store.concern import Records
from calwatch.store.history import History
from calwatch.store.tables import questions

_OPEN = questions.c.open.is_(True)
_OVER = _OPEN & (questions.c.due <= bindparam("now"))
_OF_CASE = questions.c.case_id == bindparam("case")
_OF_KEY = questions.c.key == bindparam("key")


class Questions(Records[Question]):
    """``store.questions``."""

    _table = questions
    _kind = Question
    _noun = "question"

    def ask(
        self,
        kind: str,
        text: str,
        choices: Sequence[str],
        *,
        key: str,
        now: datetime,
        default: str = "",
        expires: datetime | None = None,
        case_id: int | None = None,
        draft_id: int | None = None,
        booking_id: int | None = None,
    ) -> Question:
        """Asks, unless something with this ``key`` was asked before: then gives that question, answered or not."""
        question = Question(
            id=0,
            kind=kind,
            key=key,
            text=text,
            choices=tuple(choices),
            asked=now,
            default=default,
            expires=expires,
            case_id=case_id,
            draft_id=draft_id,
            booking_id=booking_id,
        )
        with self._database.write() as connection:
            present = self._find(_OF_KEY, key=codec.column(key))
            if present:
                return present[0]
            History(self._database, self._person).add(
                at=now, who="calwatch", kind="question", what=f"asked: {text}", case_id=case_id, draft_id=draft_id
            )
            return self._add(connection, question)

    def answer(self, question_id: int, value: str, *, now: datetime, who: str) -> Question:
        """Keeps the person's answer; raises Rejected when it is no choice, was answered already, or came too late."""
        with self._database.write() as connection:
            question = self.get(question_id)
            if question.answer is not None:
                raise Rejected(f"question {question_id} was already answered: {question.answer}")
            if question.closed_at is not None or (question.expires is not None and now >= question.expires):
                raise Rejected(f"question {question_id} no longer matters")
            if value not in question.choices:
                raise Rejected(f"question {question_id} can be answered with: {', '.join(question.choices)}")
            History(self._database, self._person).add(
                at=now,
                who=who,
                kind="answer",
                what=f"answered {value!r} to: {question.text}",
                case_id=question.case_id,
                draft_id=question.draft_id,
            )
            return self._put(connection, replace(question, answer=value, closed_at=now), _OPEN)

    def close(self, question_id: int, *, now: datetime) -> Question:
        """The question no longer matters; one that is closed already stays as it is."""
        with self._database.write() as connection:
            question = self.get(question_id)
            return question if question.closed_at else self._put(connection, replace(question, closed_at=now))

    def open_questions(self) -> list[Question]:
        """Everything the person could still answer, oldest first."""
        return self._find(_OPEN)

    def of_case(self, case_id: int) -> list[Question]:
        """Every question about one case, oldest first."""
        return self._find(_OF_CASE, case=case_id)

    def by_key(self, key: str) -> Question | None:
        """The question asked under a key, answered or not."""
        found = self._find(_OF_KEY, key=codec.column(key))
        return found[0] if found else None

    def due(self, now: datetime) -> list[Question]:
        """Open questions whose time to answer is over: the default holds, ``close`` them."""
        return self._find(_OVER, now=codec.seconds(now))

    def _columns(self, record: Question) -> dict[str, Any]:
        open_ = record.closed_at is None
        return {
            "key": codec.column(record.key),
            "case_id": record.case_id,
            "due": codec.due_seconds(record.expires) if open_ else None,
            "open": open_,
        }
