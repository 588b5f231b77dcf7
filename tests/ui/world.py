"""The whole of Bongsu behind the buttons: real use cases over a real store, with fakes of the servers we ask."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.app.cameras import PictureSources
from bot.app.options import ModelOptions, Options
from bot.app.sources import Sources
from bot.app.wiring import Outside, UseCases, use_cases
from bot.core.directory import Directory
from bot.core.investigation.investigating import Habits
from bot.core.muting import Muting
from bot.core.oncall.desk import OnCallDesk
from bot.core.pictures.queue import PictureLimits
from bot.core.services import Services
from bot.core.status import Ping
from bot.core.viewing import Viewer
from bot.domain.owners import Catalogue, Owner, Service
from bot.domain.people import Person, Policy, Right
from bot.domain.teams import Roster
from bot.domain.views import IncidentView
from bot.i18n import Language
from bot.models.budget import Budget, Price
from bot.ports import Camera, Delivery, Model, Speaker
from bot.store.database import Database
from bot.telemetry.patterns import full_match
from bot.ui.client import BongsuClient
from tests.builders import NOW, alertmanager_body, make_alert
from tests.fakes import FakeAlertSource, FakeDashboards, FakeMetrics, FakePostedPictures, HandClock
from tests.picture_fakes import FakeModels

GUILD_ID = 7700
MODEL = ModelOptions(
    p1="claude-haiku-5-5",
    other="claude-haiku-5-5",
    prices={"claude-haiku-5-5": Price(0.1, 0.5)},
    budget=Budget(0.1, 0.5, 2.0),
    question_usd=0.05,
)


class HandPolicy:
    """A policy that a test changes, or lets fail."""

    def __init__(self) -> None:
        self.policy = Policy()
        self.defect: Exception | None = None

    def allows(self, person: Person, right: Right) -> bool:
        if self.defect:
            raise self.defect
        return self.policy.allows(person, right)


class Relay:
    """Speaks through whom a test names; a client is made after the use cases that speak through it."""

    to: Speaker

    def __getattr__(self, name: str) -> object:
        return getattr(self.to, name)


def client_over(services: Services, database: Database) -> BongsuClient:
    """A client that serves these use cases."""
    client = BongsuClient(keepsakes=database.keepsakes, guild_ready_timeout_s=0.01)
    client.serve(services)
    return client


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
    pings: dict[str, Ping]
    speaker: Relay
    posted: FakePostedPictures
    with_model: Callable[[Model, Language], UseCases]

    def client(self) -> BongsuClient:
        return client_over(self.services, self.database)

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
    database: Database,
    clock: HandClock,
    catalogue: Catalogue | None = None,
    muting: Muting | None = None,
) -> Viewer:
    """What a card shows, without Grafana."""
    return Viewer(
        views=database.views,
        muting=muting or make_muting(database, clock),
        catalogue=catalogue or Catalogue(),
        grafana_url="",
        clock=clock,
    )


def make_world(
    database: Database,
    guild_id: int = GUILD_ID,
    *,
    catalogue: Catalogue | None = None,
    patience_s: float = 2.0,
    cameras: Sequence[Camera] = (),
    limits: PictureLimits | None = None,
    roster: Roster | None = None,
) -> World:
    """Put the use cases together as the program does, over fakes of the servers."""
    clock, source = HandClock(), FakeAlertSource()
    source.clock = clock
    rules, dashboards, metrics, models = HandPolicy(), FakeDashboards(), FakeMetrics(), FakeModels()
    # As without Grafana, until a test says otherwise.
    models.down = "nobody to ask"
    catalogue = catalogue or Catalogue()
    options = Options(
        guild_id=guild_id,
        catalogue=catalogue,
        policy=rules,  # type: ignore[arg-type]
        queries={name: name for name in ("up", "rate", "errors", "p99")},
        habits=Habits(settle=timedelta()),
        model=MODEL,
        pictures=limits or PictureLimits(),
        patience_s=patience_s,
    )
    desk = OnCallDesk(
        roster=roster or Roster(),
        catalogue=catalogue,
        overrides=database.overrides,
        jobs=database.jobs,
        clock=clock,
    )
    speaker, pings, posted = Relay(), dict[str, Ping](), FakePostedPictures()
    outside = Outside(speaker, None, pings, posted)  # type: ignore[arg-type]
    # `/status` has metrics to ask; an investigation has nothing to read from, until `tests.sick` lets it see.
    sources = Sources(source, dashboards=dashboards, pictures=PictureSources(models, tuple(cameras)))

    def made(options: Options, sources: Sources) -> UseCases:
        return use_cases(options, database, sources, clock, desk=desk, outside=outside)

    cases = made(options, replace(sources, metrics=metrics))
    services = replace(cases.services, investigating=made(options, sources).services.investigating)
    return World(
        services,
        database,
        source,
        clock,
        rules,
        cases.directory,
        dashboards,
        metrics,
        models,
        cases.muting,
        pings,
        speaker,
        posted,
        lambda model, language: made(replace(options, language=language), replace(sources, model=model)),
    )
