"""The composition root: everything is opened here, in one `async with`, and closed when a signal arrives."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import aiohttp
import discord

from bot.app import memory
from bot.app.annotating import annotation_work
from bot.app.deadman import Work, outside_work, watchdog_work
from bot.app.guild import GuildProbe
from bot.app.jobs import scheduler_of
from bot.app.options import options_of
from bot.app.parts import announcer_of, client_of, delivery_of, desk_of, feeding_of, gallery_of, storm_of, vitals_of
from bot.app.premises import require_identity, require_premises
from bot.app.settings import Settings
from bot.app.sources import open_sources
from bot.app.stopping import stop_by_signal
from bot.app.wiring import Outside, use_cases
from bot.app.words import vocabulary_of
from bot.app.workers import Bell, forever, ringing
from bot.core.deliver import CardDelivery
from bot.core.investigation.investigating import Investigating
from bot.core.refusals import Refusal, Refusals
from bot.core.respond import Respond
from bot.core.scheduler import Scheduler
from bot.core.storm import Storm
from bot.domain.digests import LANES
from bot.domain.owners import Catalogue
from bot.errors import ConfigurationError
from bot.i18n import has
from bot.ports import Clock
from bot.store.database import Database
from bot.telemetry.runbooks import FolderRunbooks
from bot.ui.client import BongsuClient
from bot.ui.connection import make_persistent
from bot.web.credentials import REMEMBERED, Credentials
from bot.web.own_metrics import Vitals
from bot.web.webhook import Listener, Pings, listening

log = logging.getLogger(__name__)

_SOURCE_TIMEOUT_S = 5.0
_LONGEST_PAUSE_S = 60.0
_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - compared, not listened on
_FEEDS_EVERY_S = 600.0
# Then the inbox is looked at again: what came meanwhile may be worse.
_READ_AT_ONCE = 25
# For each channel one for what is new, and one for what is drawn again.
_LANE_WORKERS = 4
# A storm rings a hundred times a second; whoever was woken looks again this much later at the soonest.
_LEAST_S = 0.1


def now() -> datetime:
    """Tell the time: the clock of the program."""
    return datetime.now(UTC)


async def run(settings: Settings, catalogue: Catalogue, clock: Clock = now) -> None:
    """Run Bongsu until SIGTERM or SIGINT, and end within seconds of it. Raises ConfigurationError if it cannot start or go on.

    Only the playground has a clock of its own.
    """
    require_identity(settings)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop_by_signal, stop)
    async with assembled(settings, catalogue, clock) as house:
        memory.settle()
        tasks = [asyncio.create_task(work(), name=name) for name, work in house.work.items()]
        waiting = asyncio.create_task(stop.wait())
        try:
            # A worker ends only because of something it cannot mend: say so and let the supervisor start us again.
            done, _ = await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in [waiting, *tasks]:
                task.cancel()
            await asyncio.gather(waiting, *tasks, return_exceptions=True)
            await house.client.close()
        for task in done - {waiting}:
            task.result()
    log.info("stopped")


@dataclass(frozen=True, slots=True)
class House:
    """What runs: the client, and the endless tasks by name."""

    client: BongsuClient
    work: Work


@asynccontextmanager
async def assembled(settings: Settings, catalogue: Catalogue, clock: Clock) -> AsyncGenerator[House]:
    """Open store, sources, door and client, and put them together."""
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(Database.open(settings.database_url.get_secret_value(), alone=True))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        sources = await open_sources(settings, session, stack, clock, vocabulary_of(settings, catalogue))
        desk = await desk_of(settings, catalogue, store, clock)
        feeding = await feeding_of(desk, session, store, clock)
        client = client_of(settings, store)
        announcer = announcer_of(settings, client)
        pings = {"store": store.ping, "discord": client.ping, "channels": announcer.ping, **sources.pings()}
        outside = Outside(announcer, announcer.calls, pings)
        made = use_cases(options_of(settings, catalogue), store, sources, clock, desk=desk, outside=outside)
        client.serve(made.services)
        viewer, respond, inquiries = made.viewer, made.services.respond, made.services.investigating
        channels_bell = Bell()
        client.on_channels(announcer.channels_changed, channels_bell.ring)
        delivery = delivery_of(store, announcer, viewer, catalogue, clock)
        gallery = gallery_of(store, announcer, made.services, viewer, clock)
        calls, bulletins = announcer.calls, announcer.bulletins
        scheduler = scheduler_of(settings, store, made.services, desk, viewer, calls, session, clock, bulletins)
        storm = storm_of(settings, store, announcer, delivery, catalogue, clock)
        inbox_bell, outbox_bells, inquiry_bells = _bells(store)
        await store.investigations.give_back()
        refusals = Refusals(inbox=store.inbox, keepsakes=store.keepsakes, warner=announcer, clock=clock)
        vitals = vitals_of(store, delivery, storm, clock)
        door = _door(settings, catalogue, store, vitals, pings, inbox_bell, respond, refusals, clock)
        own_url = await stack.enter_async_context(door)
        yield House(
            client,
            {
                "inbox": lambda: forever("inbox", partial(respond.take_in, limit=_READ_AT_ONCE), inbox_bell, every_s=5),
                **_lanes(client, delivery, storm, outbox_bells),
                **annotation_work(settings, store, sources, clock),
                **outside_work(settings, store, session, client.ping, own_url, clock),
                **watchdog_work(settings, store, respond, clock),
                "pictures": lambda: _when_logged_in(client, "pictures", gallery.step, Bell()),
                "patrol": lambda: forever("patrol", made.patrol.refresh, Bell(), every_s=settings.refresh_every_s),
                "lapse": lambda: forever("lapse", made.patrol.lapse, Bell(), every_s=1),
                "feeds": lambda: forever("feeds", feeding.step, Bell(), every_s=_FEEDS_EVERY_S),
                **_clocks(client, scheduler),
                "admit": lambda: forever("admit", inquiries.admit, Bell(), every_s=2),
                **_inquiring(inquiries, inquiry_bells),
                "refusals": lambda: _when_logged_in(client, "refusals", refusals.step, Bell()),
                "channels": lambda: _when_logged_in(client, "channels", announcer.look, channels_bell, every_s=60),
                "premises": lambda: _look_around(client, GuildProbe(session, settings), settings, catalogue, store),
                "discord": lambda: _stay_connected(client, settings.discord_token.get_secret_value()),
            },
        )


def _bells(store: Database) -> tuple[Bell, tuple[Bell, ...], tuple[Bell, Bell]]:
    """Make the bells of inbox, outbox and investigations, and have the store ring them."""
    outbox, inquiries = tuple(Bell(_LEAST_S) for _ in range(_LANE_WORKERS)), (Bell(), Bell())
    for each in (store.incidents, store.memories, store.escalations):
        each.on_change(ringing(*outbox))
    store.investigations.on_change(ringing(*outbox, *inquiries))
    return Bell(), outbox, inquiries


def _lanes(client: BongsuClient, delivery: CardDelivery, storm: Storm, bells: Sequence[Bell]) -> Work:
    """Make workers for what is urgent and for the rest, and for what nobody has seen yet and what is drawn again.

    A channel that hangs holds up what is for it alone, and an edit holds up no new card.
    """
    steps = {
        f"outbox-{lane}{'' if unseen else '-again'}": partial(delivery.step, severities, unseen=unseen)
        for lane, severities in LANES.items()
        for unseen in (True, False)
    }
    cards: Work = {
        name: partial(_when_logged_in, client, name, step, bell)
        for (name, step), bell in zip(steps.items(), bells, strict=True)
    }
    digests: Work = {
        f"digest-{lane}": partial(_when_logged_in, client, f"digest-{lane}", partial(storm.step, lane), Bell())
        for lane in LANES
    }
    return {**cards, **digests}


def _inquiring(inquiries: Investigating, bells: tuple[Bell, Bell]) -> Work:
    """Make a worker for each bell that looks into incidents."""
    named = {"investigate": bells[0], "investigate-2": bells[1]}
    return {name: partial(forever, name, inquiries.step, bell, every_s=5) for name, bell in named.items()}


def _clocks(client: BongsuClient, scheduler: Scheduler) -> Work:
    """Make a worker for what people wait for and one for what takes minutes."""
    steps = {"clock": scheduler.step, "clock-long": partial(scheduler.step, long=True)}
    return {name: partial(_when_logged_in, client, name, step, Bell()) for name, step in steps.items()}


@asynccontextmanager
async def _door(
    settings: Settings,
    catalogue: Catalogue,
    store: Database,
    vitals: Vitals,
    pings: Pings,
    bell: Bell,
    respond: Respond,
    refusals: Refusals,
    clock: Clock,
) -> AsyncGenerator[str]:
    credentials = Credentials(
        token=settings.webhook_token.get_secret_value(),
        user=settings.webhook_user,
        password=settings.webhook_password.get_secret_value(),
        hmac_secret=settings.webhook_hmac_secret.get_secret_value(),
    )
    credentials.remember(await store.inbox.signatures(clock() - REMEMBERED))
    respond.on_unreadable(vitals.count_unreadable)

    def refused(refusal: Refusal) -> None:
        vitals.count_refused(refusal.source, refusal.status)
        refusals.note(refusal)

    chosen = settings.investigation
    listener = Listener(
        inbox=store.inbox,
        changes=store.changes,
        credentials=credentials,
        wake=bell.ring,
        pings=pings,
        registry=vitals.registry,
        measure=vitals.measure,
        clock=clock,
        refused=refused,
        answered=vitals.deliveries.count_answer,
        vocabulary=vocabulary_of(settings, catalogue),
        # Asked for nowhere else, nobody on this port needs to read them.
        runbooks=FolderRunbooks(Path(chosen.runbooks), settings.language) if chosen.runbooks_url else None,
    )
    host = settings.webhook_host or "0.0.0.0"  # noqa: S104 - reachable only with a credential
    if not credentials.configured:
        log.warning("no webhook credential is set, so only this machine is listened to")
        host = "127.0.0.1"
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(listening(listener.application(), host, settings.webhook_port))
        log.info("listening on %s:%s", host, port)
        if settings.metrics_port:
            await stack.enter_async_context(listening(listener.inner_application(), host, settings.metrics_port))
        yield f"http://{'127.0.0.1' if host in _EVERYWHERE else host}:{port}"


async def _when_logged_in(
    client: BongsuClient, name: str, step: Callable[[], Awaitable[bool]], bell: Bell, every_s: float = 1
) -> None:
    # Before the login there is no token to send a message with.
    await client.logged_in.wait()
    await forever(name, step, bell, every_s=every_s)


async def _stay_connected(client: BongsuClient, token: str) -> None:
    """Log in, and go on trying while Discord cannot be reached; a refused token ends the program."""
    pause = 1.0
    while True:
        try:
            await client.login(token)
            make_persistent(client)
            client.logged_in.set()
            break
        except discord.LoginFailure as error:
            raise ConfigurationError("errors.discord_login") from error
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.warning("Discord cannot be reached (%s), trying again in %.0f s", type(error).__name__, pause)
            await client.forget_login()
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_S)
    try:
        await client.connect(reconnect=True)
    except discord.PrivilegedIntentsRequired as error:
        raise ConfigurationError("errors.discord_closed_4014", code="4014") from error
    except discord.ConnectionClosed as error:
        raise _closed(error.code) from error
    raise _closed(None)


def _closed(code: int | None) -> ConfigurationError:
    # Source: Discord, "Gateway Close Event Codes"; what is not listed there as final is retried by discord.py.
    key = f"errors.discord_closed_{code}"
    return ConfigurationError(key if has(key) else "errors.discord_closed", code=str(code or "-"))


async def _look_around(
    client: BongsuClient, probe: GuildProbe, settings: Settings, catalogue: Catalogue, store: Database
) -> None:
    """End the program if what the settings name was never in the guild."""
    await client.logged_in.wait()
    await require_premises(probe, settings, catalogue, store.keepsakes)
    # A worker that ends would end the program.
    await asyncio.Event().wait()
