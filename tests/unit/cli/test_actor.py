"""A command that acts without a service: it says what it waits for, and what to do when it waits in vain."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from calwatch.cli.actor import Actor
from calwatch.demo.world import build
from calwatch.model.case import DraftState, RequestKind
from calwatch.settings import load


def test_an_approval_that_waits_for_a_calendar_says_so_and_ends_with_the_next_step(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    demo = build(tmp_path / "demo", datetime.now(UTC))  # commands live by the real clock
    config = demo.config.read_text("utf-8")
    demo.config.write_text(config.replace('{ default = "3s", withdraw = "3s" }', '"0s"'), "utf-8")
    settings = load(demo.config, {"HOME": str(tmp_path)})
    with Actor(settings) as actor:
        assert actor.alone
        actor.world.pipeline.parts.once = True
        actor.world.pipeline.full_pass()
        draft = actor.world.store.drafts.open_drafts()[0]
        demo.calendar.rename(tmp_path / "elsewhere")
        actor.ask(RequestKind.APPROVE, draft.id, {"version": draft.version, "hash": draft.hash})
        ended = actor.finish(draft.id, patience=0.3)
    said = capsys.readouterr().err
    assert ended.state is DraftState.APPROVED
    assert said.count("waiting: a calendar or mailbox has not been read since your approval") == 1
    assert f"There is no calendar folder {demo.calendar}" in said
    assert "leaves in" not in said
    assert f"calwatch undo {draft.id}" in said
    assert "calwatch run" in said
