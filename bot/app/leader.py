"""Runs what only the leading process does: sources, client and endless tasks, opened for one term and closed after it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

import aiohttp
import discord

from bot.app.annotating import annotation_work
from bot.app.deadman import Work, outside_work, watchdog_work
from bot.app.guild import GuildProbe
from bot.app.http_server import HttpServer
from bot.app.jobs import scheduler_of
from bot.app.options import options_of
from bot.app.parts import (
    absences_of,
    announcer_of,
    client_of,
    delivery_of,
    desk_of,
    doubles_of,
    feeding_of,
    incident_pictures_of,
    storm_of,
)
from bot.app.premises import require_premises
from bot.app.settings import Settings
from bot.app.sources import open_sources
from bot.app.wiring import Outside, use_cases
from bot.app.words import vocabulary_of
from bot.app.workers import Bell, forever, ringing
from bot.core.absences import Absences
from bot.core.deletions import Deletions
from bot.core.deliver import CardDelivery
from bot.core.doubles import Doubles
from bot.core.first_cards import FirstCards
from bot.core.investigation.investigating import Investigating
from bot.core.respond import Respond
from bot.core.scheduler import Scheduler
from bot.core.storm import Storm
from bot.domain.alerts import Severity
from bot.domain.digests import LANES
from bot.domain.owners import Catalogue
from bot.errors import ConfigurationError
from bot.i18n import has
from bot.ports import Clock
from bot.store.database import Database
from bot.store.fence import Term
from bot.telemetry.lease import only_while
from bot.ui.announcer import DiscordAnnouncer
from bot.ui.client import BongsuClient
from bot.ui.connection import make_persistent
from bot.web.webhook import Pings

log = logging.getLogger(__name__)

_LONGEST_PAUSE_S = 60.0
_FEEDS_EVERY_S = 600.0
# Then the inbox is looked at again: what came meanwhile may be worse.
_READ_AT_ONCE = 25
# For each channel one for what nobody has seen yet, and one for what is drawn again.
_LANE_WORKERS: Final = [(severities, unseen) for severities in LANES.values() for unseen in (True, False)]
# A storm rings a hundred times a second; whoever was woken looks again this much later at the soonest.
_LEAST_S = 0.1
# Who sorts many channels is told of once for each.
_CHANNELS_LEAST_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Leader:
    """What runs: the client, the store for this term, who answers for readiness, and the endless tasks by name."""

    client: BongsuClient
    store: Database
    pings: Pings
    work: Work
    doubles: Doubles

    async def begin(self) -> None:
        """Take over what an earlier leader, or an earlier life of this process, had begun."""
        await self.store.outbox.suspect()
        await self.store.outbox.retry()
        await self.store.investigations.give_back()
        await self.doubles.expect()


@asynccontextmanager
async def assembled(
    settings: Settings, catalogue: Catalogue, whole: Database, server: HttpServer, term: Term, clock: Clock
) -> AsyncGenerator[Leader]:
    """Open sources and client of one who leads, and put them together with store and HTTP server."""
    async with AsyncExitStack() as stack:
        store = whole.of_term(term)
        middleware = only_while(term.holds)
        session = await stack.enter_async_context(aiohttp.ClientSession(middlewares=(middleware,)))
        sources = await open_sources(settings, session, stack, clock, vocabulary_of(settings, catalogue))
        desk = await desk_of(settings, catalogue, store, clock)
        feeding = await feeding_of(desk, session, store, clock)
        client = client_of(settings, store)
        announcer = announcer_of(settings, client)
        pings = {"store": store.ping, "discord": client.ping, "channels": announcer.ping, **sources.pings()}
        outside = Outside(announcer, announcer.calls, pings, announcer)
        made = use_cases(options_of(settings, catalogue), store, sources, clock, desk=desk, outside=outside)
        client.serve(made.services)
        viewer, respond, inquiries = made.viewer, made.services.respond, made.services.investigating
        doubles = doubles_of(store, announcer, clock)
        delivery = delivery_of(store, announcer, viewer, catalogue, doubles, clock)
        incident_pictures = incident_pictures_of(store, announcer, made.services, viewer, clock)
        schedule = partial(scheduler_of, settings, store, made.services, desk, viewer, announcer, session)
        scheduler = schedule(doubles, made.reconciler.asked, clock)
        storm = storm_of(settings, store, announcer, delivery, catalogue, doubles, clock)
        outbox_bells, inquiry_bells = _bells(store, delivery.first_cards)
        absences = _absences(settings, client, store, announcer, outbox_bells, clock)
        client.on_channels(*(each.channels_changed for each in (announcer, delivery, storm, absences)))
        client.on_channels(ringing(*outbox_bells))
        _tell(server, delivery, storm, respond, announcer)
        yield Leader(
            client,
            store,
            pings,
            {
                **_inbox(respond, server.bell),
                **_lanes(client, delivery, storm, outbox_bells),
                **annotation_work(settings, store, sources, clock),
                **outside_work(settings, store, session, client.ping, server.url, clock),
                **watchdog_work(settings, store, respond, clock),
                "reconcile": lambda: forever("reconcile", made.reconciler.refresh, Bell(), settings.refresh_every_s),
                "lapse": lambda: forever("lapse", made.reconciler.lapse, Bell(), every_s=1),
                "feeds": lambda: forever("feeds", feeding.step, Bell(), every_s=_FEEDS_EVERY_S),
                **_clocks(client, scheduler, pictures=incident_pictures.step, refusals=server.refusals.step),
                **_inquiries(inquiries, inquiry_bells),
                **_looks(client, announcer, absences, settings.reconcile_every_s),
                "premises": lambda: _look_around(client, GuildProbe(session, settings), settings, catalogue, store),
                "discord": lambda: _stay_connected(client, settings.discord_token.get_secret_value(), middleware),
            },
            doubles,
        )


def _tell(
    server: HttpServer, delivery: CardDelivery, storm: Storm, respond: Respond, announcer: DiscordAnnouncer
) -> None:
    for each in (delivery, storm):
        each.on_delivered(server.own_metrics.deliveries.count_shown, server.own_metrics.deliveries.count_page)
    respond.at_once.show_through(delivery.first_cards)
    respond.on_unreadable(server.own_metrics.count_unreadable)
    server.refusals.speak_through(announcer)
    server.take_through(respond.at_once.take)


def _bells(store: Database, first_cards: FirstCards) -> tuple[tuple[Bell, ...], tuple[Bell, Bell]]:
    """Make the bells of outbox and investigations, and have the store ring them."""
    outbox, inquiries = tuple(Bell(_LEAST_S) for _ in _LANE_WORKERS), (Bell(), Bell())

    def changed(begun: frozenset[Severity] | None) -> None:
        first_cards.changed()
        ring_concerned(outbox, begun)

    store.incidents.on_change(changed)
    for each in (store.memories, store.escalations):
        each.on_change(ringing(*outbox))
    store.investigations.on_change(ringing(*outbox, *inquiries))
    return outbox, inquiries


def ring_concerned(outbox: Sequence[Bell], begun: frozenset[Severity] | None) -> None:
    """Wake whom a change concerns; each of the others would ask the store in vain, and first."""
    for bell, (severities, unseen) in zip(outbox, _LANE_WORKERS, strict=True):
        if begun is None or (unseen and not begun.isdisjoint(severities)):
            bell.ring()


def _absences(
    settings: Settings,
    client: BongsuClient,
    store: Database,
    announcer: DiscordAnnouncer,
    outbox: Sequence[Bell],
    clock: Clock,
) -> Absences:
    """Make what brings deleted cards back: those that Discord tells of, and those that a look does not find."""
    deletions = Deletions(cards=store.posted, clock=clock, changed=ringing(*outbox))
    client.on_deleted(deletions.deleted)
    return absences_of(settings, store, announcer, deletions, clock)


def _looks(client: BongsuClient, announcer: DiscordAnnouncer, absences: Absences, every_s: float) -> Work:
    """Make the looks at channels and at the cards in them; Discord's events ring for both."""
    channels, cards = Bell(), Bell(_CHANNELS_LEAST_S)
    client.on_channels(ringing(channels, cards))
    looks = {"channels": (announcer.look, channels, 60.0), "absences": (absences.look, cards, min(60.0, every_s))}
    return {
        name: partial(_when_logged_in, client, name, step, bell, pause) for name, (step, bell, pause) in looks.items()
    }


def _inbox(respond: Respond, bell: Bell) -> Work:
    """Make the worker that turns stored bodies into incidents."""
    return {"inbox": partial(forever, "inbox", partial(respond.take_in, limit=_READ_AT_ONCE), bell, every_s=5)}


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


def _inquiries(inquiries: Investigating, bells: tuple[Bell, Bell]) -> Work:
    """Make what puts incidents on the list, and two workers for what is on it."""
    lanes = {"investigate": bells[0], "investigate-2": bells[1]}
    return {
        "admit": partial(forever, "admit", inquiries.admit, Bell(), every_s=2),
        **{name: partial(forever, name, inquiries.step, bell, every_s=5) for name, bell in lanes.items()},
    }


def _clocks(client: BongsuClient, scheduler: Scheduler, **others: Callable[[], Awaitable[bool]]) -> Work:
    """Make a worker for what people wait for, one for what takes minutes, and others that look each second as well."""
    steps = {"clock": scheduler.step, "clock-long": partial(scheduler.step, long=True), **others}
    return {name: partial(_when_logged_in, client, name, step, Bell()) for name, step in steps.items()}


async def _when_logged_in(
    client: BongsuClient, name: str, step: Callable[[], Awaitable[bool]], bell: Bell, every_s: float = 1
) -> None:
    # Before the login there is no token to send a message with.
    await client.logged_in.wait()
    await forever(name, step, bell, every_s=every_s)


async def _stay_connected(client: BongsuClient, token: str, middleware: aiohttp.ClientMiddlewareType) -> None:
    """Log in, and go on trying while Discord cannot be reached; a refused token ends the program."""
    pause = 1.0
    while True:
        try:
            await client.login(token)
            make_persistent(client, middleware)
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
