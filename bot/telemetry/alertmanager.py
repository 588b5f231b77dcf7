"""Alertmanager's API v2, also as Grafana speaks it: alerts and real silences.

Source: Alertmanager's openapi.yaml (0.25 to 0.34); recordings in tests/fixtures/alertmanager.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from bot.domain.alerts import Alert, AlertStatus, Rule
from bot.domain.notifications import rule_uid
from bot.domain.silences import RULE_UID_LABEL, Matcher, Silence
from bot.errors import QueryRejected, SourceUnavailable
from bot.telemetry.http import JsonClient
from bot.telemetry.shapes import moment, obj, objects, texts

_ENDED: Final = "expired"


class Alertmanager:
    """Implements `bot.ports.AlertSource`; rules come from elsewhere, an Alertmanager has none."""

    def __init__(
        self,
        http: JsonClient,
        rules: Callable[[], Awaitable[Sequence[Rule]]],
        *,
        api: str = "api/v2",
        name: str = "alertmanager",
    ) -> None:
        self._http = http
        self._rules = rules
        self._api = api
        self.name = name

    async def alerts(self) -> Sequence[Alert]:
        """Return what fires now, with what is silenced."""
        query = {"active": "true", "silenced": "true", "inhibited": "true"}
        raw = await self._http.get(f"{self._api}/alerts", query)
        return [self._alert(item) for item in objects(raw, self.name) if not self._is_over(item)]

    async def rules(self) -> Sequence[Rule]:
        """Return the alert rules."""
        return await self._rules()

    async def silences(self) -> Sequence[Silence]:
        """Return the silences that are active or pending."""
        raw = objects(await self._http.get(f"{self._api}/silences"), self.name)
        return [self._silence(item) for item in raw if obj(item.get("status")).get("state") != _ENDED]

    async def create_silence(
        self, matchers: Sequence[Matcher], starts_at: datetime, ends_at: datetime, created_by: str, comment: str
    ) -> str:
        """Create a silence and return the source's id of it."""
        body = {
            "matchers": [
                {"name": m.name, "value": m.value, "isRegex": m.is_regex, "isEqual": m.is_equal} for m in matchers
            ],
            "startsAt": starts_at.astimezone(UTC).isoformat(),
            "endsAt": ends_at.astimezone(UTC).isoformat(),
            "createdBy": created_by,
            "comment": comment,
        }
        answer = obj(await self._http.post(f"{self._api}/silences", json_body=body))
        source_id = answer.get("silenceID")
        if not isinstance(source_id, str) or not source_id:
            raise SourceUnavailable(self.name, "the silence was answered without an id")
        return source_id

    async def expire_silence(self, source_id: str) -> None:
        """End a silence; one that has ended or never was is no error."""
        path = f"{self._api}/silence/{source_id}"
        try:
            known = obj(await self._http.get(path))
        except QueryRejected:
            # Asked first because Alertmanager answers 500 when it is told to delete what it does not know.
            return
        if obj(known.get("status")).get("state") != _ENDED:
            await self._http.delete(path)

    async def ping(self) -> None:
        """Raise SourceError if it cannot be reached with our credentials."""
        await self._http.get(f"{self._api}/silences", {"filter": 'alertname="bongsu-ping"'})

    def _is_over(self, raw: dict[str, Any]) -> bool:
        # What fires has a guessed end in the future, or year 1; Grafana lists for a while what has just resolved.
        if not raw.get("endsAt") or not raw.get("updatedAt"):
            return False
        ends_at = moment(raw["endsAt"], self.name)
        return ends_at.year > 1 and ends_at <= moment(raw["updatedAt"], self.name)

    def _alert(self, raw: dict[str, Any]) -> Alert:
        labels, annotations = texts(raw.get("labels")), texts(raw.get("annotations"))
        status = obj(raw.get("status"))
        generator_url = str(raw.get("generatorURL") or "")
        return Alert(
            fingerprint=str(raw.get("fingerprint", "")),
            status=AlertStatus.FIRING,
            starts_at=moment(raw.get("startsAt"), self.name),
            labels={name: value for name, value in labels.items() if not name.startswith("__")},
            annotations={name: value for name, value in annotations.items() if not name.startswith("__")},
            rule_uid=labels.get(RULE_UID_LABEL) or rule_uid(generator_url),
            generator_url=generator_url,
            muted=bool(status.get("inhibitedBy") or status.get("mutedBy")),
            silenced_by=tuple(str(each) for each in status.get("silencedBy") or ()),
            receivers=tuple(str(each.get("name", "")) for each in objects(raw.get("receivers") or [], self.name)),
        )

    def _silence(self, raw: dict[str, Any]) -> Silence:
        matchers = tuple(
            Matcher(
                str(each.get("name", "")),
                str(each.get("value", "")),
                bool(each.get("isRegex")),
                bool(each.get("isEqual", True)),
            )
            for each in objects(raw.get("matchers"), self.name)
        )
        return Silence(
            source_id=str(raw.get("id", "")),
            matchers=matchers,
            starts_at=moment(raw.get("startsAt"), self.name),
            ends_at=moment(raw.get("endsAt"), self.name),
            created_by=str(raw.get("createdBy", "")),
            comment=str(raw.get("comment", "")),
        )
