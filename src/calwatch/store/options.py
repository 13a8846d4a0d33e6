"""What the person can set about storage."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from calwatch.model.duration import Duration


class StorageOptions(BaseModel):
    """Where calwatch keeps its state, and for how long."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: Path | None = Field(
        default=None, description="Folder of the database, tokens and lock; empty: the usual place."
    )
    keep: Duration = Field(
        default=timedelta(days=180), description="How long closed cases are kept; bodies go on close."
    )
