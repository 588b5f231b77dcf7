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
from bot.errors import Refused, SourceUnavailable


class AbsentAlertSource:
    """No Grafana and no Alertmanager to ask: alerts still come in by webhook."""

    name = "none"

    async def alerts(self) -> Sequence[Alert]:
        """Know nothing."""
        return []

    async def rules(self) -> Sequence[Rule]:
        """Know nothing."""
        return []

    async def state(self) -> SourceState:
        """Know nothing."""
        return SourceState()

    async def silences(self) -> Sequence[Silence]:
        """Know nothing."""
        return []

    async def mute_timings(self) -> Sequence[MuteTiming]:
        """Know nothing."""
        return []

    async def create_silence(
        self, matchers: Sequence[Matcher], starts_at: datetime, ends_at: datetime, created_by: str, comment: str
    ) -> str:
        """Refuse, naming the settings that would help."""
        raise Refused("errors.no_alert_source")

    async def extend_silence(self, silence: Silence) -> str:
        """Refuse, naming the settings that would help."""
        raise Refused("errors.no_alert_source")

    async def expire_silence(self, source_id: str) -> None:
        """Refuse, naming the settings that would help."""
        raise Refused("errors.no_alert_source")

    async def ping(self) -> None:
        """Nothing to reach."""


class AbsentModels:
    """No Grafana: nothing is known of any dashboard."""

    def known(self, uid: str) -> DashboardModel | None:
        """Know nothing."""
        return None

    async def model(self, uid: str) -> DashboardModel:
        """Say that there is nobody to ask."""
        raise SourceUnavailable("grafana")

    async def values(self, model: DashboardModel, variable: Variable, chosen: Chosen) -> Mapping[str, str] | None:
        """Know nothing."""
        return None
