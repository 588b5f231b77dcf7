"""Names what is asked of Grafana about one dashboard, and where pictures of incidents are shown and remembered."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.alerts import Severity
from bot.domain.dashboards import Chosen, DashboardModel, Variable
from bot.domain.exhibits import IncidentPicture
from bot.domain.postmortems import PostedPicture
from bot.domain.telemetry import Window
from bot.domain.views import MessageRef


class DashboardModels(Protocol):
    """What Grafana knows of its dashboards, kept for a while."""

    async def model(self, uid: str) -> DashboardModel:
        """Return a dashboard. Raises InvalidTarget if there is none of this uid, SourceError if Grafana does not say."""
        ...

    def known(self, uid: str) -> DashboardModel | None:
        """Return a dashboard that was asked for lately, without asking anybody."""
        ...

    async def values(
        self, model: DashboardModel, variable: Variable, chosen: Chosen, window: Window | None = None
    ) -> Mapping[str, str] | None:
        """Return the values that a variable may have with what Grafana shows for them, None if that cannot be known.

        They are those of a stretch of time, or of the last hour. Never raises.
        """
        ...


class IncidentBoard(Protocol):
    """The thread of an incident, as a place for pictures."""

    async def hang(self, card: MessageRef, picture: IncidentPicture, *, again: bool) -> MessageRef:
        """Post a picture in the thread of a card; with `again` it may hang there already, so it is looked for first.

        Raises MessageGone if the card is gone, DeliveryDelayed or DeliveryRefused.
        """
        ...


class PostedPictures(Protocol):
    """The pictures of incidents where they were posted."""

    async def pictures(self, card: MessageRef, number: int) -> Sequence[PostedPicture]:
        """Return the pictures of an incident that were posted below its card, none if they are gone.

        Raises DeliveryDelayed or DeliveryRefused.
        """
        ...


class PictureTasks(Protocol):
    """Which incidents are to be pictured: tasks of the outbox."""

    async def admit(self, severities: Collection[Severity], since: datetime, at: datetime) -> int:
        """Have every unresolved incident of these severities pictured that was opened since then and never was.

        Returns how many were new.
        """
        ...
