"""Doubts an end that is told but is none: the series has vanished with the process that wrote it.

Grafana says so itself. Alertmanager says "resolved" whenever an expression finds nothing more, whether it is well or dead; so
Prometheus is asked whether the metrics of the rule still carry what the alert is about.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.alerts import MISSING, Alert, Notification
from bot.domain.expressions import metrics_of
from bot.domain.selectors import linked_expression, quoted
from bot.errors import SourceError
from bot.ports import Clock, Metrics

log = logging.getLogger(__name__)

# Set by the rule, not by what is measured.
_OF_THE_RULE = frozenset({"alertname", "severity", "__name__"})
_MOST_ALERTS, _MOST_LABELS = 20, 12
_LABEL = re.compile(r"[A-Za-z_]\w*", re.ASCII)
# Who did not answer is not asked again for this long: with each end that waits, what has just begun to fire waits, too.
_REST = timedelta(seconds=30)


class Endings:
    """Asks Prometheus about alerts that are told to have ended; a slow or absent one leaves them as they are told."""

    def __init__(self, metrics: Metrics | None, clock: Clock, patience_s: float = 0.8) -> None:
        self._metrics = metrics
        self._clock = clock
        # The card has two seconds, of which this is a part.
        self._patience_s = patience_s
        self._rests_until: datetime | None = None

    def asks(self, notification: Notification) -> bool:
        """Tell whether Prometheus is to be asked about a notification, which may take a moment."""
        return self._metrics is not None and any(map(_is_plain_end, notification.alerts))

    async def judged(self, notification: Notification) -> Notification:
        """Return the notification, with alerts as vanished whose series are no more. Never raises for a source."""
        if self._metrics is None or (self._rests_until and self._clock() < self._rests_until):
            return notification
        by_names: dict[str, list[Alert]] = {}
        for each in [each for each in notification.alerts if _is_plain_end(each)][:_MOST_ALERTS]:
            if names := metrics_of(linked_expression(each)):
                by_names.setdefault(names, []).append(each)
        if not by_names:
            return notification
        try:
            async with asyncio.timeout(self._patience_s):
                found = await asyncio.gather(
                    *(_vanished(self._metrics, names, alerts) for names, alerts in by_names.items())
                )
        except (SourceError, TimeoutError) as error:
            log.info("Prometheus did not say whether what ended is still measured: %s", error or "too slow")
            self._rests_until = self._clock() + _REST
            return notification
        gone = set[str]().union(*found)
        alerts = tuple(replace(a, ended_as=MISSING) if a.fingerprint in gone else a for a in notification.alerts)
        return replace(notification, alerts=alerts)


async def _vanished(metrics: Metrics, names: str, alerts: Sequence[Alert]) -> set[str]:
    """Return the fingerprints of those, of one rule, that were measured when they fired and are no more."""
    carried = await _carried(metrics, names, alerts[0])
    gone = await asyncio.gather(*(_is_gone(metrics, names, each, carried) for each in alerts))
    return {each.fingerprint for each, is_gone in zip(alerts, gone, strict=True) if is_gone}


async def _carried(metrics: Metrics, names: str, alert: Alert) -> list[str]:
    """Return which labels are the series' own; others were added by the rule, or to all alerts of a Prometheus."""
    labels = [(name, value) for name, value in alert.labels.items() if _measured(name, value)][:_MOST_LABELS]
    known = await asyncio.gather(*(_any(metrics, _selector(names, dict([pair])) + _then(alert)) for pair in labels))
    return [name for (name, _), is_known in zip(labels, known, strict=True) if is_known]


async def _is_gone(metrics: Metrics, names: str, alert: Alert, carried: Sequence[str]) -> bool:
    own = {name: alert.labels[name] for name in carried if alert.labels.get(name)}
    if not own or not await _any(metrics, _selector(names, own) + _then(alert)):
        return False
    return not await _any(metrics, _selector(names, own))


async def _any(metrics: Metrics, selector: str) -> bool:
    return any(sample.value > 0 for sample in await metrics.query(f"count({selector})"))


def _is_plain_end(alert: Alert) -> bool:
    return not alert.firing and alert.end_reason is None and not alert.is_test


def _then(alert: Alert) -> str:
    return f" @ {alert.starts_at.timestamp():.3f}"


def _measured(name: str, value: str) -> bool:
    return bool(value) and name not in _OF_THE_RULE and _LABEL.fullmatch(name) is not None


def _selector(names: str, labels: Mapping[str, str]) -> str:
    matchers = [f"__name__=~{quoted(names)}", *(f"{name}={quoted(value)}" for name, value in labels.items())]
    return f"{{{','.join(matchers)}}}"
