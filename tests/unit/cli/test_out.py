"""Times and tables as a person reads them: whole days without hours, deadlines as days, narrow terminals."""

from __future__ import annotations

import io
import re
from contextlib import redirect_stdout
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import pytest

from calwatch.cli import out, words
from calwatch.detect.stage import STAGES
from calwatch.model.case import CaseState, Intent, Occasion, Outcome, Situation, Weight
from calwatch.model.event import Response
from calwatch.model.trouble import Case

ZONE = "Europe/Berlin"


MOMENT = datetime(2026, 4, 14, 8, tzinfo=UTC)
CASE = Case(
    id=1,
    interview_id=1,
    booking_ids=(1,),
    state=CaseState.OPEN,
    situation=Situation.CONFLICT,
    weight=Weight.CLASH,
    key="",
    start=MOMENT,
    end=MOMENT,
    account="files",
    first_seen=MOMENT,
)


class Terminal(io.StringIO):
    """Standard output that is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (datetime(2026, 4, 14, 8, tzinfo=UTC), datetime(2026, 4, 14, 9, tzinfo=UTC), "Tue 14 Apr 10:00–11:00"),
        (datetime(2026, 4, 13, 22, tzinfo=UTC), datetime(2026, 4, 14, 22, tzinfo=UTC), "Tue 14 Apr"),
        (datetime(2026, 4, 13, 22, tzinfo=UTC), datetime(2026, 4, 16, 22, tzinfo=UTC), "Tue 14 Apr–Thu 16 Apr"),
        (datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC), "Sun 29 Mar"),  # 23 hours long
        (
            datetime(2026, 4, 14, 20, tzinfo=UTC),
            datetime(2026, 4, 14, 23, tzinfo=UTC),
            "Tue 14 Apr 22:00–Wed 15 Apr 01:00",
        ),
    ],
)
def test_a_stretch_of_whole_days_has_no_hours(start: datetime, end: datetime, said: str) -> None:
    assert out.stretch(start, end, ZONE) == said


def test_a_deadline_where_a_day_begins_is_the_day_before() -> None:
    assert out.deadline(datetime(2026, 11, 26, 23, tzinfo=UTC), ZONE) == "Thu 26 Nov"
    assert out.deadline(datetime(2026, 11, 26, 13, tzinfo=UTC), ZONE) == "Thu 26 Nov 14:00"


@pytest.mark.parametrize("columns", [40, 60, 80])
def test_no_line_of_a_table_is_wider_than_the_terminal(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("NO_COLOR", "1")
    with redirect_stdout(terminal):
        out.table(
            ("id", "when", "company", "best by"),
            [
                ("12", "Mon 30 Nov 16:00–17:00", "Northwind Laboratories of the Far North", "–"),
                ("13", "x", "y", "Thu 26 Nov"),
            ],
        )
    lines = re.sub(r"\x1b\[[0-9;]*m", "", terminal.getvalue()).splitlines()
    assert max(len(line) for line in lines) <= columns
    assert "Northwind" in terminal.getvalue()
    if columns == 40:
        assert lines[-1] == "13  x, y, best by Thu 26 Nov"
        assert "–," not in terminal.getvalue()


def test_every_word_of_the_machine_has_one_for_people() -> None:
    assert set(words.TROUBLE) == set(Situation)
    for intent, situation, occasion in product(Intent, Situation, (None, *Occasion)):
        case = replace(CASE, situation=situation, occasion=occasion)
        assert words.reply(intent, case)
        assert words.choice(intent, case)
    assert set(words.OUTCOME) == set(Outcome)
    assert set(words.ANSWER) == set(Response)
    assert not any("_" in words.stage(name) for name in STAGES)
