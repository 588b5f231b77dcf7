"""Makes what runs, from settings and store, each part by itself."""

from __future__ import annotations

from datetime import timedelta

import aiohttp

from bot.app.oncall import load_roster
from bot.app.settings import Settings
from bot.core.absences import Absences
from bot.core.deletions import Deletions
from bot.core.deliver import CardDelivery, Pace
from bot.core.doubles import Doubles
from bot.core.oncall.desk import OnCallDesk
from bot.core.oncall.feeding import Feeding
from bot.core.pictures.incident_pictures import IncidentPictures
from bot.core.services import Services
from bot.core.storm import Storm
from bot.core.viewing import Viewer
from bot.domain.digests import StormRules
from bot.domain.owners import Catalogue
from bot.oncall.reader import CalendarReader
from bot.ports import Clock
from bot.store.database import Database
from bot.ui.announcer import DiscordAnnouncer
from bot.ui.client import BongsuClient, point_to
from bot.web.own_metrics import OwnMetrics


def client_of(settings: Settings, store: Database) -> BongsuClient:
    """Make the client; it is not connected yet."""
    if settings.discord_api_url:
        point_to(settings.discord_api_url)
    ready_s = settings.guild_ready_timeout_s
    return BongsuClient(keepsakes=store.keepsakes, guild_ready_timeout_s=ready_s)


async def desk_of(settings: Settings, catalogue: Catalogue, store: Database, clock: Clock) -> OnCallDesk:
    """Read who is on call, and follow what becomes of incidents."""
    desk = OnCallDesk(
        roster=load_roster(catalogue, settings.timezone),
        catalogue=catalogue,
        overrides=store.overrides,
        jobs=store.jobs,
        clock=clock,
    )
    await desk.load()
    store.incidents.follow(desk.follow)
    return desk


async def feeding_of(desk: OnCallDesk, session: aiohttp.ClientSession, store: Database, clock: Clock) -> Feeding:
    """Make what reads the calendars of the schedules; what was read last is there at once."""
    feeds = [feed for team in desk.roster.teams.values() for feed in team.feeds]
    feeding = Feeding(feeds=feeds, reader=CalendarReader(session), keepsakes=store.keepsakes, clock=clock)
    await feeding.recall()
    return feeding


def delivery_of(
    store: Database, announcer: DiscordAnnouncer, viewer: Viewer, catalogue: Catalogue, doubles: Doubles, clock: Clock
) -> CardDelivery:
    """Make what puts cards on Discord."""
    return CardDelivery(
        outbox=store.outbox,
        announcer=announcer,
        viewer=viewer,
        clock=clock,
        investigations=store.investigations,
        catalogue=catalogue,
        pace=Pace(),
        messenger=announcer.calls,
        keepsakes=store.keepsakes,
        doubtful=doubles.expect,
    )


def doubles_of(store: Database, announcer: DiscordAnnouncer, clock: Clock) -> Doubles:
    """Make what looks for cards that came late."""
    return Doubles(jobs=store.jobs, incidents=store.incidents, known=store.posted, posted=announcer.posted, clock=clock)


def absences_of(
    settings: Settings, store: Database, announcer: DiscordAnnouncer, deletions: Deletions, clock: Clock
) -> Absences:
    """Make what looks whether cards are still there."""
    every = timedelta(seconds=settings.reconcile_every_s)
    return Absences(cards=store.posted, posted=announcer.posted, deletions=deletions, clock=clock, every=every)


def storm_of(
    settings: Settings,
    store: Database,
    announcer: DiscordAnnouncer,
    delivery: CardDelivery,
    catalogue: Catalogue,
    doubles: Doubles,
    clock: Clock,
) -> Storm:
    """Make what gathers cards into digests."""
    return Storm(
        digests=store.digests,
        board=announcer.digests,
        catalogue=catalogue,
        clock=clock,
        rules=StormRules(settings.storm.cards, settings.storm.calm),
        busy=delivery.under_way,
        doubtful=doubles.expect,
    )


def incident_pictures_of(
    store: Database, announcer: DiscordAnnouncer, services: Services, viewer: Viewer, clock: Clock
) -> IncidentPictures:
    """Make what takes pictures of incidents."""
    return IncidentPictures(
        tasks=store.pictures,
        outbox=store.outbox,
        board=announcer,
        picturing=services.picturing,
        viewer=viewer,
        clock=clock,
    )


def own_metrics_of(store: Database, clock: Clock) -> OwnMetrics:
    """Make the counters."""
    return OwnMetrics(
        inbox=store.inbox, incidents=store.incidents, outbox=store.outbox, changes=store.changes, clock=clock
    )


def announcer_of(settings: Settings, client: BongsuClient) -> DiscordAnnouncer:
    """Make what writes into the channels."""
    return DiscordAnnouncer(
        client,
        guild_id=settings.discord_guild_id,
        urgent=settings.channels.urgent,
        normal=settings.channels.normal,
        language=settings.language,
    )
