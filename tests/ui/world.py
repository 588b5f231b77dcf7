"""The whole of Bongsu behind the buttons: real use cases over a real store, with fakes of the servers we ask."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta

from bot.advice.analyst import RankingAnalyst
from bot.advice.answering import ModelAnswerer
from bot.advice.interview import Briefing
from bot.core.access import Gate
from bot.core.correlation import Correlation
from bot.core.correlation import Rules as CorrelationRules
from bot.core.directory import Directory
from bot.core.investigation.collect import Collector
from bot.core.investigation.investigating import Habits, Investigating
from bot.core.maintenance import Maintenance
from bot.core.merging import Merging
from bot.core.muting import Muting
from bot.core.oncall.desk import OnCallDesk
from bot.core.oncall.service import OnCallService
from bot.core.pictures.finder import DashboardFinder
from bot.core.pictures.picturing import Picturing
from bot.core.pictures.queue import Limits, Studio
from bot.core.questions.asking import Asking
from bot.core.questions.lookups import Lookups
from bot.core.remembering import Remembering
from bot.core.respond import Respond
from bot.core.services import Services
from bot.core.silence_asking import SilenceAsking
from bot.core.silencing import Bounds, Silencing
from bot.core.status import StatusDesk
from bot.core.viewing import Viewer
from bot.domain.excerpts import Excerpts
from bot.domain.owners import Catalogue, Owner, Service
from bot.domain.people import Person, Policy, Right
from bot.domain.plans import Explore, Plan
from bot.domain.teams import Roster
from bot.domain.views import IncidentView
from bot.i18n import Language
from bot.ports import Camera, Delivery, Payer
from bot.store.database import Database
from bot.telemetry.patterns import full_match
from bot.telemetry.runbooks import FolderRunbooks
from bot.ui.client import BongsuClient
from tests.builders import NOW, alertmanager_body, make_alert
from tests.fakes import FakeAlertSource, FakeDashboards, FakeMetrics, HandClock
from tests.picture_fakes import FakeModels

GUILD_ID = 7700


class HandPolicy:
    """A policy that a test changes, or lets fail."""

    def __init__(self) -> None:
        self.policy = Policy()
        self.defect: Exception | None = None

    def allows(self, person: Person, right: Right) -> bool:
        if self.defect:
            raise self.defect
        return self.policy.allows(person, right)


@dataclass
class World:
    """One guild's Bongsu; `client()` makes another process over the same store."""

    services: Services
    database: Database
    source: FakeAlertSource
    clock: HandClock
    rules: HandPolicy
    directory: Directory
    dashboards: FakeDashboards
    metrics: FakeMetrics
    models: FakeModels
    muting: Muting

    def client(self) -> BongsuClient:
        return BongsuClient(services=self.services, keepsakes=self.database.keepsakes, guild_ready_timeout_s=0.01)

    async def fire(self, name: str = "HighLatency", *, count: int = 1, **labels: str) -> IncidentView:
        """Let an alert fire and be taken in."""
        self.source.firing = [
            make_alert(name, starts_at=NOW, labels={"instance": f"api-{n}:8080"} | labels) for n in range(count)
        ]
        await self._receive(alertmanager_body(name, count=count, **labels))
        return await self.view(1)

    async def fire_at(self, panel_url: str) -> IncidentView:
        """Let an alert fire that Grafana has linked with a panel."""
        body = json.loads(alertmanager_body())
        for alert in body["alerts"]:
            alert |= {"panelURL": panel_url, "dashboardURL": panel_url.partition("&viewPanel")[0]}
        await self._receive(json.dumps(body).encode())
        return await self.view(1)

    async def mend(self, name: str = "HighLatency", *, count: int = 1) -> None:
        """Let it be resolved."""
        self.source.firing = []
        await self._receive(alertmanager_body(name, count=count, status="resolved"))

    async def view(self, number: int) -> IncidentView:
        return IncidentView(
            await self.database.incidents.load(number), Service("api", "API", (Owner(1001, is_role=False),))
        )

    async def _receive(self, body: bytes) -> None:
        kept = await self.database.inbox.keep("alertmanager", body, self.clock())
        await self.services.respond.receive(Delivery(kept, "alertmanager", body, self.clock()))


def make_investigating(
    database: Database, viewer: Viewer, catalogue: Catalogue, gate: Gate, clock: HandClock
) -> Investigating:
    """The use cases of the investigation, over no source at all."""
    plan = Plan()
    collector = Collector(
        metrics=None,
        logs=None,
        traces=None,
        dashboards=None,
        changes=database.changes,
        catalogue=catalogue,
        plan=plan,
        clock=clock,
    )
    analyst = RankingAnalyst(explore=Explore(), catalogue=catalogue, plan=plan, language="en")
    return Investigating(
        investigations=database.investigations,
        incidents=database.incidents,
        collector=collector,
        analyst=analyst,
        runbooks=FolderRunbooks(None),
        changes=database.changes,
        viewer=viewer,
        catalogue=catalogue,
        gate=gate,
        clock=clock,
        habits=Habits(settle=timedelta()),
    )


def make_asking(
    database: Database, gate: Gate, clock: HandClock, payer: Payer | None = None, language: Language = "en"
) -> Asking:
    """The use case of questions, over our own records only."""
    lookups = Lookups(
        metrics=None,
        logs=None,
        traces=None,
        dashboards=None,
        changes=database.changes,
        incidents=database.incidents,
        clock=clock,
        zone=UTC,
    )
    answerer = ModelAnswerer(
        payer=payer,
        model="claude-haiku-5-5",
        lookups=lookups,
        briefing=Briefing(Catalogue(), Plan(), Excerpts(UTC), language),
        explore=Explore(),
    )
    return Asking(
        investigations=database.investigations,
        incidents=database.incidents,
        answerer=answerer,
        gate=gate,
        clock=clock,
        language=language,
    )


def make_muting(
    database: Database, clock: HandClock, source: FakeAlertSource | None = None, directory: Directory | None = None
) -> Muting:
    """What is silenced, over an alert source."""
    source = source or FakeAlertSource(clock)
    return Muting(
        source=source,
        book=database.silences,
        incidents=database.incidents,
        directory=directory or Directory(source, FakeDashboards(), clock),
        full_match=full_match,
        clock=clock,
    )


def make_viewer(
    database: Database, clock: HandClock, catalogue: Catalogue | None = None, muting: Muting | None = None
) -> Viewer:
    """What a card shows, without Grafana."""
    return Viewer(
        incidents=database.incidents,
        muting=muting or make_muting(database, clock),
        catalogue=catalogue or Catalogue(),
        grafana_url="",
        memories=database.memories,
    )


def make_world(
    database: Database,
    guild_id: int = GUILD_ID,
    *,
    catalogue: Catalogue | None = None,
    patience_s: float = 2.0,
    cameras: Sequence[Camera] = (),
    limits: Limits | None = None,
    roster: Roster | None = None,
) -> World:
    clock, source = HandClock(), FakeAlertSource()
    source.clock = clock
    rules = HandPolicy()
    gate = Gate(rules, database.audit, clock)  # type: ignore[arg-type]
    dashboards, metrics = FakeDashboards(), FakeMetrics()
    directory = Directory(source, dashboards, clock)
    muting = make_muting(database, clock, source, directory)
    catalogue = catalogue or Catalogue()
    viewer = make_viewer(database, clock, catalogue, muting)
    finder = DashboardFinder(directory)
    models = FakeModels()
    # As without Grafana, until a test says otherwise.
    models.down = "nobody to ask"
    picturing = Picturing(
        finder=finder,
        models=models,
        studio=Studio(cameras, 2, limits),
        viewer=viewer,
        gate=gate,
        clock=clock,
        zone=UTC,
    )
    correlation = Correlation(
        rules=CorrelationRules(timedelta(minutes=10)), catalogue=catalogue, keepsakes=database.keepsakes, clock=clock
    )
    bounds = Bounds(timedelta(minutes=5), timedelta(days=14), timedelta(hours=1), UTC)
    desk = OnCallDesk(
        roster=roster or Roster(),
        catalogue=catalogue,
        overrides=database.overrides,
        jobs=database.jobs,
        clock=clock,
    )
    silencing = Silencing(
        source=source,
        book=database.silences,
        incidents=database.incidents,
        dashboards=dashboards,
        directory=directory,
        muting=muting,
        gate=gate,
        clock=clock,
        bounds=bounds,
        patience_s=patience_s,
    )
    services = Services(
        respond=Respond(inbox=database.inbox, incidents=database.incidents, viewer=viewer, gate=gate, clock=clock),
        silencing=silencing,
        maintenance=Maintenance(
            source=source,
            book=database.silences,
            jobs=database.jobs,
            incidents=database.incidents,
            directory=directory,
            muting=muting,
            desk=desk,
            catalogue=catalogue,
            gate=gate,
            clock=clock,
            most=bounds.most,
        ),
        asking_silences=SilenceAsking(
            source=source,
            book=database.silences,
            jobs=database.jobs,
            incidents=database.incidents,
            directory=directory,
            muting=muting,
            silencing=silencing,
            viewer=viewer,
            gate=gate,
            clock=clock,
            most=bounds.most,
        ),
        status=StatusDesk(
            metrics=metrics,
            incidents=database.incidents,
            muting=muting,
            directory=directory,
            receiver="bongsu",
            catalogue=catalogue,
            queries={name: name for name in ("up", "rate", "errors", "p99")},
            service_label="service",
            clock=clock,
            patience_s=patience_s,
        ),
        dashboards=finder,
        investigating=make_investigating(database, viewer, catalogue, gate, clock),
        asking=make_asking(database, gate, clock),
        gate=gate,
        guild_id=guild_id,
        language="en",
        zone=UTC,
        picturing=picturing,
        remembering=Remembering(
            memories=database.memories,
            incidents=database.incidents,
            investigations=database.investigations,
            gate=gate,
            clock=clock,
        ),
        merging=Merging(
            correlation=correlation,
            incidents=database.incidents,
            investigations=database.investigations,
            gate=gate,
            clock=clock,
        ),
        oncall=OnCallService(desk=desk, jobs=database.jobs, overrides=database.overrides, gate=gate, clock=clock),
    )
    return World(services, database, source, clock, rules, directory, dashboards, metrics, models, muting)
