"""Tells whether what Prometheus scrapes is up, and whether rules can be evaluated, Grafana's as well.

Source: Prometheus docs, "HTTP API" (2.42 to 3.14), and Grafana's pkg/services/ngalert/api (11.6 to 12.4).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.errors import QueryRejected
from bot.ports import Sample
from bot.telemetry.http import JsonClient
from bot.telemetry.prometheus import Prometheus
from bot.telemetry.readings import labels, listed, plain
from bot.telemetry.shapes import obj

PROMETHEUS_RULES = "api/v1/rules"
GRAFANA_RULES = "api/prometheus/grafana/api/v1/rules"


@dataclass(frozen=True, slots=True)
class ScrapeTarget:
    """One address that is scraped; `health` is `up`, `down` or, before the first scrape, `unknown`.

    `pushed`: an agent scrapes it and sends on what it read, so that Prometheus knows nothing but its `up`.
    """

    name: str
    health: str
    error: str = ""
    pushed: bool = False


@dataclass(frozen=True, slots=True)
class RuleHealth:
    """How the last evaluation of a rule went: `ok`, `error`, `nodata` or, before the first one, `unknown`."""

    name: str
    health: str
    error: str


async def targets(http: JsonClient) -> Sequence[ScrapeTarget]:
    """Return what is scraped, by Prometheus itself or by an agent, by job and instance. Raises SourceError."""
    try:
        data = obj(obj(await http.get("api/v1/targets", {"state": "active"})).get("data"))
    except QueryRejected:
        # Mimir and others scrape nothing themselves, and have no such page.
        data = {}
    scraped = [_target(raw) for raw in listed(data.get("activeTargets"), http.source)]
    names = {each.name for each in scraped}
    pushed = [each for each in map(_pushed, await Prometheus(http).query("up")) if each.name not in names]
    return sorted([*scraped, *pushed], key=lambda each: each.name)


async def rule_health(http: JsonClient, path: str) -> Sequence[RuleHealth]:
    """Return all rules, alerting and recording ones, with how their last evaluation went. Raises SourceError."""
    data = obj(obj(await http.get(path)).get("data"))
    return [
        _rule(raw, plain(group.get("name")))
        for group in listed(data.get("groups"), http.source)
        for raw in listed(group.get("rules"), http.source)
    ]


async def evaluated_elsewhere(http: JsonClient) -> bool:
    """Tell whether another program than the one we ask evaluates rules, and writes here what fires. Raises SourceError."""
    return bool(await Prometheus(http).query("count(last_over_time(ALERTS[1h]))"))


async def alertmanagers(http: JsonClient) -> int:
    """Count the Alertmanagers that Prometheus has found and sends to. Raises SourceError."""
    data = obj(obj(await http.get("api/v1/alertmanagers")).get("data"))
    return len(listed(data.get("activeAlertmanagers"), http.source))


def _target(raw: dict[str, Any]) -> ScrapeTarget:
    name = _name(labels(raw.get("labels"))) or plain(raw.get("scrapePool"))
    return ScrapeTarget(name, plain(raw.get("health")), plain(raw.get("lastError")))


def _pushed(sample: Sample) -> ScrapeTarget:
    return ScrapeTarget(_name(sample.labels), "up" if sample.value else "down", pushed=True)


def _name(known: Mapping[str, str]) -> str:
    return " ".join(known[label] for label in ("job", "instance") if known.get(label))


def _rule(raw: dict[str, Any], group: str) -> RuleHealth:
    health = plain(raw.get("health"))
    # Prometheus writes "err", Grafana "error".
    health = "error" if health == "err" else health
    return RuleHealth(f"{group} / {plain(raw.get('name'))}", health, plain(raw.get("lastError")))
