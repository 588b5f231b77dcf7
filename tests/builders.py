"""Alerts, notifications and incidents for tests, with sensible values for everything a test does not care about."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bot.domain import lifecycle
from bot.domain.alerts import Alert, AlertStatus, Notification
from bot.domain.events import Outcome
from bot.domain.incidents import Incident
from bot.domain.joining import Host
from bot.domain.merging import merge
from bot.domain.owners import Owner, Service
from bot.domain.people import Person
from bot.domain.views import IncidentView, Links
from bot.store.database import Database

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)

MINJI = Person(1001, "minji", frozenset({501}))
JUN = Person(1002, "jun", frozenset({502}))
MALLORY = Person(1003, "mallory")


def make_alert(
    name: str = "HighLatency", *, firing: bool = True, starts_at: datetime = NOW, **changes: object
) -> Alert:
    labels = {"alertname": name, "service": "api", "severity": "high", "instance": "api-1:8080"}
    labels.update(changes.pop("labels", {}))  # type: ignore[call-overload]
    annotations = {"summary": f"{name} on api", "value": "6.2 s", "threshold": "5 s"}
    annotations.update(changes.pop("annotations", {}))  # type: ignore[call-overload]
    fields: dict[str, object] = {
        "fingerprint": f"{name}-{labels['service']}-{labels['instance']}",
        "status": AlertStatus.FIRING if firing else AlertStatus.RESOLVED,
        "starts_at": starts_at,
        "ends_at": None if firing else starts_at + timedelta(minutes=5),
        "labels": labels,
        "annotations": annotations,
        "generator_url": "http://prometheus.example/graph?g0.expr=up",
    }
    return Alert(**{**fields, **changes})  # type: ignore[arg-type]


def make_alerts(count: int, name: str = "HighLatency", **changes: object) -> tuple[Alert, ...]:
    return tuple(make_alert(name, labels={"instance": f"api-{n}:8080"}, **changes) for n in range(1, count + 1))


def make_notification(
    name: str = "HighLatency", *, firing: int = 1, resolved: int = 0, **changes: object
) -> Notification:
    """Make a group's notification whose first `resolved` alerts have ended and the next `firing` fire."""
    alerts = make_alerts(firing + resolved, name)
    ended = tuple(make_alert(name, firing=False, labels=dict(a.labels)) for a in alerts[:resolved])
    fields: dict[str, object] = {
        "source": "alertmanager",
        "group_key": f'{{}}:{{alertname="{name}"}}',
        "receiver": "bongsu",
        "alerts": ended + alerts[resolved:],
        "group_labels": {"alertname": name},
        "external_url": "http://alertmanager.example",
    }
    return Notification(**{**fields, **changes})  # type: ignore[arg-type]


def make_incident(name: str = "HighLatency", *, firing: int = 1, at: datetime = NOW, number: int = 42) -> Incident:
    outcome = lifecycle.apply(None, lifecycle.Notified(make_notification(name, firing=firing), at))
    assert outcome.incident is not None
    from dataclasses import replace

    return replace(outcome.incident, number=number, version=1)


def make_view(incident: Incident | None = None, **changes: object) -> IncidentView:
    fields: dict[str, object] = {
        "incident": incident or make_incident(),
        "service": Service("api", "API", (Owner(1001, is_role=False), Owner(501, is_role=True))),
        "links": Links(
            dashboard="https://grafana.example/d/api", rule="https://grafana.example/alerting/grafana/x/view"
        ),
    }
    return IncidentView(**{**fields, **changes})  # type: ignore[arg-type]


def alertmanager_body(
    name: str = "HighLatency",
    *,
    status: str = "firing",
    count: int = 1,
    starts_at: str = "2026-11-24T03:00:00.123Z",
    **labels: str,
) -> bytes:
    """Make a webhook body as Alertmanager 0.25 sends it."""
    ends = "0001-01-01T00:00:00Z" if status == "firing" else "2026-11-24T03:05:00Z"
    alerts = [
        {
            "status": status,
            "labels": {"alertname": name, "service": "api", "severity": "high", "instance": f"api-{n}:8080"} | labels,
            "annotations": {"summary": f"{name} on api"},
            "startsAt": starts_at,
            "endsAt": ends,
            "generatorURL": "http://127.0.0.1:9090/graph?g0.expr=up",
            "fingerprint": f"{abs(hash(name)) % 16**8:08x}{n:08x}",
        }
        for n in range(count)
    ]
    body = {
        "receiver": "bongsu",
        "status": status,
        "alerts": alerts,
        "groupLabels": {"alertname": name},
        "commonLabels": {"alertname": name},
        "commonAnnotations": {},
        "externalURL": "http://127.0.0.1:9093",
        "version": "4",
        "groupKey": f'{{}}:{{alertname="{name}"}}',
        "truncatedAlerts": 0,
    }
    return json.dumps(body).encode()


async def join(database: Database, guest: int, into: int, at: datetime) -> None:
    """Make one incident part of an earlier one, as an investigation does that finds one trouble."""

    def decide(found: Sequence[Incident]) -> list[tuple[Incident | None, Outcome]]:
        first, second = found
        gone, whole = merge(Host(first, second.alerts, "", 0, timedelta()), second, at)
        return [(second, gone), (first, whole)]

    await database.incidents.rearrange([into, guest], decide, at)
