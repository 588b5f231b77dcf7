"""Stands in for a server that is not configured: it has nothing, and says so when it must."""

# ruff: noqa: ARG002 - the arguments are those of the ports
from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.domain.alerts import Alert, Rule
from bot.domain.dashboards import Chosen, DashboardModel, Variable
from bot.domain.looks import SourceState
from bot.domain.mute_timings import MuteTiming
from bot.domain.silences import Matcher, Silence
from bot.domain.telemetry import Window
from bot.errors import Refused, SourceUnavailable
from bot.ports.sources import NO_ALERT_SOURCE


class AbsentAlertSource:
    """Implements `bot.ports.AlertSource` where there is none: alerts still come by webhook, silences are refused with what to set."""

    name = NO_ALERT_SOURCE

    async def alerts(self) -> Sequence[Alert]:
        return []

    async def rules(self) -> Sequence[Rule]:
        return []

    async def state(self) -> SourceState:
        return SourceState()

    async def silences(self) -> Sequence[Silence]:
        return []

    async def mute_timings(self) -> Sequence[MuteTiming]:
        return []

    async def create_silence(
        self, matchers: Sequence[Matcher], starts_at: datetime, ends_at: datetime, created_by: str, comment: str
    ) -> str:
        raise Refused("errors.no_alert_source")

    async def extend_silence(self, silence: Silence) -> str:
        raise Refused("errors.no_alert_source")

    async def expire_silence(self, source_id: str) -> None:
        raise Refused("errors.no_alert_source")

    async def ping(self) -> None:
        """Nothing to reach."""


class AbsentModels:
    """Implements `bot.ports.DashboardModels` without Grafana: nothing is known of any dashboard."""

    def known(self, uid: str) -> DashboardModel | None:
        return None

    async def model(self, uid: str) -> DashboardModel:
        raise SourceUnavailable("grafana")

    async def values(
        self, model: DashboardModel, variable: Variable, chosen: Chosen, window: Window | None = None
    ) -> Mapping[str, str] | None:
        return None
