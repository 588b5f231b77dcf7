"""Opens what pictures are taken with, best first."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field

import aiohttp

from bot.app.extras import installed
from bot.app.settings import Settings
from bot.i18n import text
from bot.ports import Camera, Clock, Metrics
from bot.ports.dashboards import DashboardModels
from bot.telemetry.absent import AbsentModels

log = logging.getLogger(__name__)

_SOURCE_TIMEOUT_S, _MODEL_TIMEOUT_S = 5.0, 4.0
_UID = re.compile(r"[A-Za-z0-9_-]{1,100}")


@dataclass(frozen=True, slots=True)
class PictureSources:
    """What is known of dashboards, and the cameras in the order in which they are tried."""

    models: DashboardModels = field(default_factory=AbsentModels)
    cameras: tuple[Camera, ...] = ()


async def open_picture_sources(
    settings: Settings, session: aiohttp.ClientSession, stack: AsyncExitStack, metrics: Metrics | None, clock: Clock
) -> PictureSources:
    """Open what is configured; without Grafana there are no dashboards, and so no pictures."""
    token = settings.grafana_token.get_secret_value()
    if not settings.grafana_url or not token:
        return PictureSources()
    # Loaded only where they are used, like all that is about Grafana.
    from bot.cameras.charts import ChartCamera
    from bot.cameras.renderer import GrafanaRenderer
    from bot.telemetry.grafana_models import GrafanaModels
    from bot.telemetry.http import JsonClient

    chosen = settings.pictures
    models = GrafanaModels(
        JsonClient(session, settings.grafana_url, source="grafana", token=token, timeout_s=_MODEL_TIMEOUT_S)
    )
    if not installed("pictures"):
        log.warning("%s", text(settings.language, "check.no_pictures_extra"))
        return PictureSources(models)
    cameras: list[Camera] = []
    # Nobody is told of a browser that is not wanted.
    if settings.browser_ws_endpoint or settings.chromium != "none":
        cameras.append(await stack.enter_async_context(_browser(settings, token, clock)))
    cameras.append(
        GrafanaRenderer(
            session,
            settings.grafana_url,
            token,
            models=models,
            zone=settings.timezone,
            width=chosen.width,
            scale=chosen.scale,
            clock=clock,
        )
    )
    charts = ChartCamera(
        models=models,
        metrics_of=asked(settings, session, metrics),
        zone=settings.timezone,
        width=chosen.width,
        scale=chosen.scale,
        clock=clock,
    )
    stack.callback(charts.close)
    cameras.append(charts)
    return PictureSources(models, tuple(cameras))


def _browser(settings: Settings, token: str, clock: Clock) -> AbstractAsyncContextManager[Camera]:
    from bot.cameras.browser.camera import BrowserCamera
    from bot.cameras.browser.capture import View
    from bot.cameras.browser.pool import BrowserLimits

    chosen = settings.pictures
    ceiling = {} if chosen.rss_ceiling_mb is None else {"memory_mb": float(chosen.rss_ceiling_mb)}
    return BrowserCamera.open(
        grafana_url=settings.grafana_url,
        token=token,
        executable=settings.chromium,
        ws_endpoint=settings.browser_ws_endpoint,
        timezone=settings.timezone,
        view=View(width=chosen.width, scale=chosen.scale),
        limits=BrowserLimits(chosen.most_at_once, chosen.idle.total_seconds(), chosen.restart_after, **ceiling),
        clock=clock,
    )


def asked(
    settings: Settings, session: aiohttp.ClientSession, metrics: Metrics | None
) -> Callable[[str], Metrics | None]:
    """Return whom to ask for a data source of Grafana: our own Prometheus if it is known to be the same one, else Grafana.

    Another Prometheus may know the same names with other numbers, so nobody is asked by guess.
    """
    from bot.telemetry.http import JsonClient
    from bot.telemetry.prometheus import Prometheus

    ours = settings.investigation.explore.get("prometheus", "")
    token = settings.grafana_token.get_secret_value()

    def whom(uid: str) -> Metrics | None:
        if metrics is not None and uid in ("", ours):
            return metrics
        if not _UID.fullmatch(uid):
            return None
        base = f"{settings.grafana_url.rstrip('/')}/api/datasources/proxy/uid/{uid}/"
        return Prometheus(JsonClient(session, base, source="grafana", token=token, timeout_s=_SOURCE_TIMEOUT_S))

    return whom
