"""Doubts an end that is told but is none: the series has vanished, or whoever evaluates the rule says that it still fires.

Grafana says so itself. Alertmanager says "resolved" whenever an expression finds nothing more, whether it is well or dead; so
Prometheus is asked whether the metrics of the rule still carry what the alert is about. And it says "resolved" whenever nobody
has told it of an alert for a few minutes, as when Prometheus does not reach it; so Prometheus is asked for what fires there.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.alerts import MISSING, Alert, AlertStatus, Notification
from bot.domain.expressions import metrics_of
from bot.domain.selectors import linked_expression, quoted
from bot.errors import QueryRejected, SourceError
from bot.ports import Clock, Metrics

log = logging.getLogger(__name__)

# Set by the rule, not by what is measured.
_OF_THE_RULE = frozenset({"alertname", "severity", "__name__"})
_MOST_ALERTS, _MOST_LABELS = 20, 12
_LABEL = re.compile(r"[A-Za-z_]\w*", re.ASCII)
# Who did not answer is not asked again for this long: with each end that waits, what has just begun to fire waits, too.
_REST = timedelta(seconds=30)
# vmalert tells Alertmanager of a beginning in whole milliseconds.
_ROUNDED = timedelta(seconds=1)


class Endings:
    """Asks Prometheus about alerts that are told to have ended; a slow or absent one leaves them as they are told."""

    def __init__(self, metrics: Metrics | None, clock: Clock, patience_s: float = 0.8, *, looked_at: str = "") -> None:
        self._metrics = metrics
        self._clock = clock
        # The source whose alerts are looked at again and again: what goes on firing here will end by such a look.
        self._looked_at = looked_at
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
        ends = [each for each in notification.alerts if _is_plain_end(each)][:_MOST_ALERTS]
        lasting = [each for each in ends if notification.source == self._looked_at and each.rule_uid is None]
        try:
            async with asyncio.timeout(self._patience_s):
                gone, firing = await asyncio.gather(
                    _vanished(self._metrics, ends), _still_firing(self._metrics, lasting)
                )
        except (SourceError, TimeoutError) as error:
            log.info("Prometheus did not say whether what ended is still measured: %s", error or "too slow")
            self._rests_until = self._clock() + _REST
            return notification
        if firing:
            log.warning("%s said that %s alerts have ended which fire at Prometheus", notification.source, len(firing))
        return replace(notification, alerts=tuple(_as_judged(each, gone, firing) for each in notification.alerts))


def _as_judged(alert: Alert, gone: Collection[str], firing: Collection[str]) -> Alert:
    if alert.fingerprint in firing and not alert.firing:
        return replace(alert, status=AlertStatus.FIRING, ends_at=None)
    return replace(alert, ended_as=MISSING) if alert.fingerprint in gone else alert


async def _still_firing(metrics: Metrics, ends: Sequence[Alert]) -> set[str]:
    """Return the fingerprints of those that fire on where their rule is evaluated."""
    if not ends:
        return set()
    try:
        firing = await metrics.firing()
    except QueryRejected:
        # A server that only stores numbers knows no alerts.
        return set()
    return {each.fingerprint for each in ends if any(_lasts(each, labels, since) for labels, since in firing)}


def _lasts(alert: Alert, labels: Mapping[str, str], since: datetime) -> bool:
    """Tell whether this is the same alert; one that has been true only since it began to fire is another episode."""
    own, told = alert.labels.items(), labels.items()
    # External labels and those that a relabelling adds or drops stand on one side only.
    return (told <= own or own <= told) and since <= alert.starts_at + _ROUNDED


async def _vanished(metrics: Metrics, ends: Sequence[Alert]) -> set[str]:
    """Return the fingerprints of those whose series are no more."""
    by_names: dict[str, list[Alert]] = {}
    for each in ends:
        if names := metrics_of(linked_expression(each)):
            by_names.setdefault(names, []).append(each)
    found = await asyncio.gather(*(_vanished_of(metrics, names, alerts) for names, alerts in by_names.items()))
    return set[str]().union(*found)


async def _vanished_of(metrics: Metrics, names: str, alerts: Sequence[Alert]) -> set[str]:
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
