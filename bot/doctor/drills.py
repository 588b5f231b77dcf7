"""Sends a test alert into the real alert source, and ends it: Alertmanager takes alerts, Grafana tests a contact point.

Grafana lets nobody post alerts to its own Alertmanager, so there the way begins at the contact point; what comes before
it (a rule, a policy) is looked at, not walked.
Source: Alertmanager's openapi.yaml; Grafana's "receivers/test" (until 12) and notifications.alerting.grafana.app (13).
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from bot.doctor.grafana_setup import REDACTED, ContactPoint, contact_points
from bot.domain.alerts import DRILL_LABEL
from bot.errors import QueryRejected, SourceUnavailable
from bot.telemetry.http import JsonClient
from bot.telemetry.readings import listed, plain
from bot.telemetry.shapes import obj

_LEGACY = "api/alertmanager/grafana/config/api/v1/receivers/test"
_RECEIVERS = "apis/notifications.alerting.grafana.app/v1beta1/namespaces/{namespace}/receivers/{name}"
_WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class Drill:
    """A test alert: its random marker, its texts, and when it is over even if nobody ends it."""

    marker: str
    summary: str
    begins_at: datetime
    ends_at: datetime

    @property
    def labels(self) -> dict[str, str]:
        """Its labels: `info` calls nobody, and a name of its own makes it wait for no older group."""
        return {"alertname": f"BongsuVerify-{self.marker[:6]}", "severity": "info", DRILL_LABEL: self.marker}


class DrillGround(Protocol):
    """Where a test alert is sent from."""

    name: str

    async def begin(self, drill: Drill) -> None:
        """Have it fire. Raises SourceError."""
        ...

    async def whereabouts(self, drill: Drill) -> Sequence[str]:
        """Return the names of the receivers that it was routed to, none if it is silenced. Raises SourceError."""
        ...

    async def end(self, drill: Drill, at: datetime) -> None:
        """Have it end. Raises SourceError."""
        ...


class AlertmanagerGround:
    """Posts the alert as Prometheus would."""

    name = "alertmanager"

    def __init__(self, http: JsonClient) -> None:
        self._http = http

    async def begin(self, drill: Drill) -> None:
        """Have it fire until its end."""
        await self._post(drill, drill.ends_at)

    async def whereabouts(self, drill: Drill) -> Sequence[str]:
        """Return who Alertmanager sends it to."""
        wanted = {"filter": f'{DRILL_LABEL}="{drill.marker}"'}
        found = listed(await self._http.get("api/v2/alerts", wanted), self.name)
        heard = [raw for raw in found if obj(raw.get("status")).get("state") != "suppressed"]
        return [plain(each.get("name")) for raw in heard for each in listed(raw.get("receivers"), self.name)]

    async def end(self, drill: Drill, at: datetime) -> None:
        """Have it end now."""
        await self._post(drill, at)

    async def _post(self, drill: Drill, ends_at: datetime) -> None:
        alert = {
            "labels": drill.labels,
            "annotations": {"summary": drill.summary},
            "startsAt": drill.begins_at.astimezone(UTC).isoformat(),
            "endsAt": ends_at.astimezone(UTC).isoformat(),
        }
        await self._http.post("api/v2/alerts", json_body=[alert])


class GrafanaGround:
    """Has Grafana send a test message through a contact point, with the secrets that Grafana keeps."""

    name = "grafana"

    def __init__(self, http: JsonClient, receiver: str) -> None:
        self._http = http
        self._receiver = receiver

    async def begin(self, drill: Drill) -> None:
        """Send it through the webhooks of the contact point; whoever else stands there is left in peace."""
        alert = {"labels": drill.labels, "annotations": {"summary": drill.summary}}
        everyone = await contact_points(self._http)
        points = [each for each in everyone if each.name == self._receiver and each.kind == _WEBHOOK]
        if not points:
            raise self._no_webhook()
        receiver = {"name": self._receiver, "grafana_managed_receiver_configs": [_stored(each) for each in points]}
        try:
            answer = obj(await self._http.post(_LEGACY, json_body={"alert": alert, "receivers": [receiver]}))
        except (QueryRejected, SourceUnavailable) as error:
            # Grafana 13 answers 410 there.
            if not any(word in error.detail.lower() for word in ("404", "410", "not found")):
                raise
            await self._modern(alert)
            return
        for tested in listed(answer.get("receivers"), self.name):
            for each in listed(tested.get("grafana_managed_receiver_configs"), self.name):
                self._delivered(each.get("status") == "ok", each)

    async def whereabouts(self, drill: Drill) -> Sequence[str]:  # noqa: ARG002 - the protocol's
        """Return the contact point: nothing stands between the test and it."""
        return [self._receiver]

    async def end(self, drill: Drill, at: datetime) -> None:
        """Nothing to end: Grafana forgets a test as soon as it is sent, and Bongsu sees that it does not know it."""

    async def _modern(self, alert: dict[str, Any]) -> None:
        organisation = obj(await self._http.get("api/org")).get("id", 1)
        name = base64.urlsafe_b64encode(self._receiver.encode()).decode().rstrip("=")
        path = _RECEIVERS.format(namespace="default" if organisation == 1 else f"org-{organisation}", name=name)
        spec = obj(obj(await self._http.get(path)).get("spec"))
        integrations = [each for each in listed(spec.get("integrations"), self.name) if each.get("type") == _WEBHOOK]
        if not integrations:
            raise self._no_webhook()
        for integration in integrations:
            body = {"alert": alert, "integration": integration}
            answer = obj(await self._http.post(f"{path}/test", json_body=body))
            self._delivered(answer.get("status") == "success", answer)

    def _delivered(self, well: bool, answer: dict[str, Any]) -> None:
        if not well:
            raise QueryRejected(self.name, plain(answer.get("error")) or "the test message was not delivered")

    def _no_webhook(self) -> QueryRejected:
        return QueryRejected(self.name, f"the contact point {self._receiver} has no webhook")


def _stored(point: ContactPoint) -> dict[str, Any]:
    """Write a contact point so that Grafana puts in the secrets it keeps under the same uid."""
    return {
        "uid": point.uid,
        "name": point.name,
        "type": point.kind,
        "disableResolveMessage": not point.tells_resolved,
        "settings": _without_redacted(point.settings),
    }


def _without_redacted(settings: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in settings.items() if value != REDACTED}
    return {name: _without_redacted(obj(value)) if isinstance(value, dict) else value for name, value in kept.items()}
