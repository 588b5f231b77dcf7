"""An end that is told, but is none: the series has vanished with the process that wrote it. Nobody may call that recovered.

Grafana says so itself. Alertmanager says "resolved" whenever an expression finds nothing more, whether it is well or dead; so
Prometheus is asked whether the metrics of the rule still carry what the alert is about.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

from bot.domain.alerts import MISSING, Alert, Notification
from bot.domain.expressions import metrics_of
from bot.domain.selectors import quoted
from bot.errors import SourceError
from bot.ports import Metrics

log = logging.getLogger(__name__)

# Set by the rule, not by what is measured.
_OF_THE_RULE = frozenset({"alertname", "severity", "__name__"})
_MOST_ALERTS, _MOST_LABELS = 20, 12
_LABEL = re.compile(r"[A-Za-z_]\w*", re.ASCII)


class Endings:
    """Asks Prometheus about alerts that are told to have ended; a slow or absent one leaves them as they are told."""

    def __init__(self, metrics: Metrics, patience_s: float = 0.8) -> None:
        self._metrics = metrics
        # The card has two seconds, of which this is a part.
        self._patience_s = patience_s

    async def judged(self, notification: Notification) -> Notification:
        """Return the notification, with alerts as vanished whose series are no more. Never raises for a source."""
        ended = [
            each for each in notification.alerts if not each.firing and each.end_reason is None and not each.is_test
        ]
        asked = {each.fingerprint: names for each in ended[:_MOST_ALERTS] if (names := metrics_of(_expression(each)))}
        if not asked:
            return notification
        try:
            async with asyncio.timeout(self._patience_s):
                found = await asyncio.gather(
                    *(self._vanished(each, asked[each.fingerprint]) for each in ended if each.fingerprint in asked)
                )
        except (SourceError, TimeoutError) as error:
            log.info("Prometheus did not say whether what ended is still measured: %s", error or "too slow")
            return notification
        gone = {each.fingerprint for each in found if each}
        alerts = tuple(replace(a, ended_as=MISSING) if a.fingerprint in gone else a for a in notification.alerts)
        return replace(notification, alerts=alerts)

    async def _vanished(self, alert: Alert, names: str) -> Alert | None:
        labels = [(name, value) for name, value in alert.labels.items() if _measured(name, value)][:_MOST_LABELS]
        then = f" @ {alert.starts_at.timestamp():.3f}"
        known = await asyncio.gather(*(self._any(_selector(names, dict([pair])) + then) for pair in labels))
        # The others were added on the way: by the rule, or to all alerts of a Prometheus.
        carried = dict(pair for pair, is_known in zip(labels, known, strict=True) if is_known)
        if not carried or not await self._any(_selector(names, carried) + then):
            return None
        return None if await self._any(_selector(names, carried)) else alert

    async def _any(self, selector: str) -> bool:
        return any(sample.value > 0 for sample in await self._metrics.query(f"count({selector})"))


def _expression(alert: Alert) -> str:
    try:
        return parse_qs(urlsplit(alert.generator_url).query).get("g0.expr", [""])[0]
    except ValueError:
        return ""


def _measured(name: str, value: str) -> bool:
    return bool(value) and name not in _OF_THE_RULE and _LABEL.fullmatch(name) is not None


def _selector(names: str, labels: Mapping[str, str]) -> str:
    matchers = [f"__name__=~{quoted(names)}", *(f"{name}={quoted(value)}" for name, value in labels.items())]
    return f"{{{','.join(matchers)}}}"
