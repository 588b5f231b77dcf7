"""Speaks Alertmanager's API v2, also as Grafana does: alerts and real silences.

Source: Alertmanager's openapi.yaml (0.25 to 0.34); recordings in tests/fixtures/alertmanager.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from bot.domain.alerts import Alert, AlertStatus, Rule
from bot.domain.labels import USUAL, Vocabulary
from bot.domain.looks import SourceState
from bot.domain.mute_timings import MuteTiming
from bot.domain.notifications import rule_uid
from bot.domain.silences import RULE_UID_LABEL, Matcher, Silence
from bot.errors import QueryRejected, SourceError, SourceUnavailable
from bot.telemetry.http import JsonClient
from bot.telemetry.mute_timings import mute_timings
from bot.telemetry.routes import Routes
from bot.telemetry.shapes import items, moment, obj, objects, texts

log = logging.getLogger(__name__)

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
        vocabulary: Vocabulary = USUAL,
        state: Callable[[], Awaitable[SourceState]] | None = None,
    ) -> None:
        self._http = http
        self._vocabulary = vocabulary
        self._rules = rules
        self._api = api
        self._state = state
        self.name = name

    async def alerts(self) -> Sequence[Alert]:
        query = {"active": "true", "silenced": "true", "inhibited": "true"}
        raw, routes = await asyncio.gather(self._http.get(f"{self._api}/alerts", query), self._routes())
        items = [item for item in objects(raw, self.name) if not self._is_over(item)]
        muted = await self._muted(items)
        return [self._alert(item, routes, muted) for item in items]

    async def state(self) -> SourceState:
        if self._state:
            return await self._state()
        raw = obj(await self._http.get(f"{self._api}/status"))
        return SourceState(moment(raw["uptime"], self.name) if raw.get("uptime") else None)

    async def _routes(self) -> Routes | None:
        try:
            return Routes.read(obj(await self._http.get(f"{self._api}/status")), datetime.now(UTC))
        except SourceError as error:
            # Then nobody knows whom it reaches, and nothing is shown of which no message came.
            log.info("the routes of %s are not known: %s", self.name, error)
            return None

    async def _muted(self, items: Sequence[dict[str, Any]]) -> set[tuple[str, str]] | None:
        """Return which alerts a time keeps from which receivers; None where the source does not tell."""
        # From 0.35 on; there it is told of groups only, and the list of alerts has an empty one.
        if not any("mutedBy" in obj(item.get("status")) for item in items):
            return None
        groups = objects(await self._http.get(f"{self._api}/alerts/groups"), self.name)
        told: dict[tuple[str, str], bool] = {}
        for group in groups:
            receiver = str(obj(group.get("receiver")).get("name", ""))
            for item in objects(group.get("alerts") or [], self.name):
                key = str(item.get("fingerprint", "")), receiver
                # By one of two routes it still reaches its receiver.
                told[key] = told.get(key, True) and bool(obj(item.get("status")).get("mutedBy"))
        return {key for key, is_muted in told.items() if is_muted}

    async def rules(self) -> Sequence[Rule]:
        return await self._rules()

    async def silences(self) -> Sequence[Silence]:
        raw = objects(await self._http.get(f"{self._api}/silences"), self.name)
        return [self._silence(item) for item in raw]

    async def mute_timings(self) -> Sequence[MuteTiming]:
        return mute_timings(obj(await self._http.get(f"{self._api}/status")), datetime.now(UTC))

    async def create_silence(
        self, matchers: Sequence[Matcher], starts_at: datetime, ends_at: datetime, created_by: str, comment: str
    ) -> str:
        silence = Silence("", tuple(matchers), starts_at, ends_at, created_by, comment)
        return await self._post(silence, {})

    async def extend_silence(self, silence: Silence) -> str:
        try:
            # One that has ended meanwhile, or whose beginning was rounded, is made anew under another id, and the old one ends.
            return await self._post(silence, {"id": silence.source_id})
        except QueryRejected:
            # An Alertmanager that was started without its data answers 404 to what it does not know.
            return await self._post(silence, {})

    async def _post(self, silence: Silence, named: dict[str, str]) -> str:
        body = named | {
            "matchers": [
                {"name": m.name, "value": m.value, "isRegex": m.is_regex, "isEqual": m.is_equal}
                for m in silence.matchers
            ],
            "startsAt": silence.starts_at.astimezone(UTC).isoformat(),
            "endsAt": silence.ends_at.astimezone(UTC).isoformat(),
            "createdBy": silence.created_by,
            "comment": silence.comment,
        }
        answer = obj(await self._http.post(f"{self._api}/silences", json_body=body))
        source_id = answer.get("silenceID")
        if not isinstance(source_id, str) or not source_id:
            raise SourceUnavailable(self.name, "the silence was answered without an id")
        return source_id

    async def expire_silence(self, source_id: str) -> None:
        path = f"{self._api}/silence/{source_id}"
        try:
            known = obj(await self._http.get(path))
        except QueryRejected:
            # Asked first because Alertmanager answers 500 when it is told to delete what it does not know.
            return
        if obj(known.get("status")).get("state") != _ENDED:
            await self._http.delete(path)

    async def ping(self) -> None:
        await self._http.get(f"{self._api}/silences", {"filter": 'alertname="bongsu-ping"'})

    def _is_over(self, raw: dict[str, Any]) -> bool:
        # What fires has a guessed end in the future, or year 1; Grafana lists for a while what has just resolved.
        if not raw.get("endsAt") or not raw.get("updatedAt"):
            return False
        ends_at = moment(raw["endsAt"], self.name)
        return ends_at.year > 1 and ends_at <= moment(raw["updatedAt"], self.name)

    def _alert(self, raw: dict[str, Any], routes: Routes | None, muted: set[tuple[str, str]] | None) -> Alert:
        labels, annotations = texts(raw.get("labels")), texts(raw.get("annotations"))
        status = obj(raw.get("status"))
        generator_url = str(raw.get("generatorURL") or "")
        severity = self._vocabulary.severity_of(labels)
        return Alert(
            fingerprint=str(raw.get("fingerprint", "")),
            status=AlertStatus.FIRING,
            starts_at=moment(raw.get("startsAt"), self.name),
            labels={name: value for name, value in labels.items() if not name.startswith("__")},
            annotations={name: value for name, value in annotations.items() if not name.startswith("__")},
            rule_uid=labels.get(RULE_UID_LABEL) or rule_uid(generator_url),
            generator_url=generator_url,
            level=severity.value if severity else None,
            about=self._vocabulary.service_of(labels) or "",
            silenced_by=tuple(str(each) for each in items(status.get("silencedBy"))),
            receivers=self._receivers(raw, labels, routes, muted),
            muted=bool(status.get("inhibitedBy")),
            inhibited_by=tuple(str(each) for each in items(status.get("inhibitedBy"))),
        )

    def _receivers(
        self,
        raw: dict[str, Any],
        labels: dict[str, str],
        routes: Routes | None,
        muted: set[tuple[str, str]] | None,
    ) -> tuple[str, ...]:
        names = [str(each.get("name", "")) for each in objects(raw.get("receivers") or [], self.name)]
        if muted is not None:
            return tuple(name for name in names if (str(raw.get("fingerprint", "")), name) not in muted)
        return tuple(name for name in names if routes and not routes.may_mute(labels, name))

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
        ends_at = moment(raw.get("endsAt"), self.name)
        return Silence(
            source_id=str(raw.get("id", "")),
            matchers=matchers,
            starts_at=moment(raw.get("startsAt"), self.name),
            ends_at=ends_at,
            created_by=str(raw.get("createdBy", "")),
            comment=str(raw.get("comment", "")),
            ended_at=ends_at if obj(raw.get("status")).get("state") == _ENDED else None,
        )
