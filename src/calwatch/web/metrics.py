"""``/healthz`` and Prometheus' ``/metrics``: numbers only, no name, title or address of anybody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from flask import Flask, Response

from calwatch import __version__
from calwatch.errors import CalwatchError
from calwatch.model.case import DraftState
from calwatch.pipeline.parts import AccountState
from calwatch.web.entry import not_for_everybody
from calwatch.web.site import Site

if TYPE_CHECKING:
    from prometheus_client.core import Metric

SENDS = ("accepted", "refused", "doubt", "found", "by_hand", "unsent")
"""How sending a letter can end, as ``calwatch_sends_total`` counts it."""
POLLS = ("complete", "partial")
NOTIFICATIONS = ("delivered", "failed")


def register(app: Flask, site: Site) -> None:
    """Adds both; neither needs a session, and ``/metrics`` is for programs on this machine only."""
    registry: list[Any] = []

    @app.get("/healthz")
    def healthz() -> Response:
        word = _standing(site)
        status = 200 if word == "ok" else 503
        return Response(f'{{"status": "{word}"}}\n', status, mimetype="application/json")

    @app.get("/metrics")
    def metrics() -> Response:
        from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

        not_for_everybody()
        if not registry:
            made = CollectorRegistry(auto_describe=False)
            made.register(_Numbers(site))
            registry.append(made)
        return Response(generate_latest(registry[0]), content_type=CONTENT_TYPE_LATEST)


def _standing(site: Site) -> str:
    """One word: ``ok``, ``stalled`` while the service gets nowhere, ``store`` while its database cannot be read.

    An account that cannot be read is none of it: starting the service anew, as supervisors do, does not mend that.
    """
    if not site.alive():
        return "stalled"
    try:
        site.store.drafts.counts()
    except CalwatchError:
        return "store"
    return "ok"


class _Numbers:
    """Reads the numbers when they are asked for."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def describe(self) -> Iterator[Metric]:
        return iter(())

    def collect(self) -> Iterator[Metric]:
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        site, now = self._site, self._site.now()
        build = GaugeMetricFamily("calwatch_build_info", "The running version.", labels=["version"])
        build.add_metric([__version__], 1)
        yield build
        started = site.started.timestamp()
        yield GaugeMetricFamily("calwatch_start_time_seconds", "When the service was started.", value=started)
        labels = ["account", "provider"]
        up = GaugeMetricFamily("calwatch_account_up", "1 when an account can be read.", labels=labels)
        synced = GaugeMetricFamily(
            "calwatch_last_sync_timestamp_seconds", "When an account was last completely read.", labels=labels
        )
        for number, account in enumerate(site.settings.accounts, 1):
            health = site.health.get(account.name)
            which = [str(number), account.provider]
            up.add_metric(which, int(health is not None and health.state is AccountState.OK))
            if health is not None and health.last_sync is not None:
                synced.add_metric(which, health.last_sync.timestamp())
        yield up
        yield synced
        polls = CounterMetricFamily("calwatch_polls", "Readings of accounts by how they ended.", labels=["result"])
        for result in POLLS:
            polls.add_metric([result], site.tallies[f"poll:{result}"])
        yield polls
        sends = CounterMetricFamily("calwatch_sends", "Letters by how sending them ended.", labels=["outcome"])
        for outcome in SENDS:
            sends.add_metric([outcome], site.tallies[f"send:{outcome}"])
        yield sends
        told = CounterMetricFamily("calwatch_notifications", "Messages to you by their fate.", labels=["result"])
        for result in NOTIFICATIONS:
            told.add_metric([result], site.tallies[f"notify:{result}"])
        yield told
        counts = site.store.drafts.counts()
        drafts = GaugeMetricFamily("calwatch_drafts", "Drafts by state.", labels=["state"])
        for state in DraftState:
            drafts.add_metric([state.value], counts.get(state.value, 0))
        yield drafts
        asked = len(site.store.questions.open_questions())
        yield GaugeMetricFamily("calwatch_questions_open", "Questions nobody has answered.", value=asked)
        since = site.store.drafts.waiting_since()
        age = max((now - since).total_seconds(), 0.0) if since is not None else 0.0
        yield GaugeMetricFamily(
            "calwatch_oldest_waiting_draft_age_seconds", "How long the oldest waiting draft has waited.", value=age
        )
