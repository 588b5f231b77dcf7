"""Puts together what watches the Watchdog, and tells the outside that Bongsu lives."""

from __future__ import annotations

from collections.abc import Callable, Coroutine

import aiohttp

from bot.app.settings import Settings
from bot.app.workers import Bell, forever
from bot.core.heartbeat import Heartbeat
from bot.core.respond import Respond
from bot.core.vital_signs import OutOfReach, Ping, VitalSigns
from bot.ports import Clock
from bot.store.database import Database
from bot.telemetry.http import JsonClient
from bot.telemetry.outside import DeadMansSwitch, FallbackWebhook

Work = dict[str, Callable[[], Coroutine[None, None, None]]]

_PING_EVERY_S = 60.0


def watchdog_work(settings: Settings, store: Database, respond: Respond, clock: Clock) -> Work:
    """Return the worker that watches the Watchdog."""
    heartbeat = Heartbeat(inbox=store.inbox, keepsakes=store.keepsakes, clock=clock, every=settings.watchdog_every)
    respond.on_watchdog(heartbeat.heard)
    return {"watchdog": lambda: forever("watchdog", heartbeat.step, Bell(), every_s=5)}


def outside_work(
    settings: Settings, store: Database, session: aiohttp.ClientSession, discord: Ping, own_url: str, clock: Clock
) -> Work:
    """Return the workers that speak to the outside, as far as it is configured."""
    work: Work = {}
    if url := settings.healthcheck_url.get_secret_value():
        own = JsonClient(session, own_url, source="intake")

        async def intake() -> None:
            await own.get("healthz")

        pings: dict[str, Ping] = {"store": store.ping, "discord": discord, "intake": intake}
        signs = VitalSigns(DeadMansSwitch(session, url), pings)
        work["healthcheck"] = lambda: forever("healthcheck", signs.step, Bell(), every_s=_PING_EVERY_S)
    if url := settings.fallback_webhook_url.get_secret_value():
        reach = OutOfReach(
            fallback=FallbackWebhook(session, url, settings.fallback_webhook_body),
            discord=discord,
            outbox=store.outbox,
            incidents=store.incidents,
            clock=clock,
            language=settings.language,
        )
        work["fallback"] = lambda: forever("fallback", reach.step, Bell(), every_s=5)
    return work
