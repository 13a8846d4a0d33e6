"""What runs the service's jobs: APScheduler, each job at most once at a time and never given up for being late."""

from __future__ import annotations

from datetime import UTC
from typing import Any


def new_scheduler() -> Any:  # APScheduler 3 has no types
    """Four threads read accounts beside each other; one decides and acts, and one tells the person."""
    from apscheduler.executors.pool import ThreadPoolExecutor
    from apscheduler.schedulers.background import BackgroundScheduler

    return BackgroundScheduler(
        timezone=UTC,
        executors={"default": ThreadPoolExecutor(4), "assess": ThreadPoolExecutor(1), "tell": ThreadPoolExecutor(1)},
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )
