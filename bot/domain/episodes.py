"""Lays what is told of alerts over what is known of them. Pure.

An alert ends only when its end is told; what a message does not mention stays as it was, because the sources leave out
what is silenced, inhibited or cut off.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.alerts import Alert, AlertStatus, Notification, Severity

# A firing message of another replica this soon after the end of the same episode may be a copy that was late.
LATE_COPY_WITHIN = timedelta(minutes=2)

# What each alert ends as when nobody told us its end.
RECONCILED, TESTED = "Reconciled", "Test"


def told(notification: Notification, at: datetime) -> tuple[Alert, ...]:
    """Return what a message tells, once for each label set: the last episode of each."""
    newest: dict[str, Alert] = {}
    for alert in notification.alerts:
        other = newest.get(alert.fingerprint)
        if other is None or _later(alert, other):
            newest[alert.fingerprint] = alert
    return tuple(_heard(alert, notification, at) for alert in newest.values())


def merge(known: Iterable[Alert], news: Iterable[Alert], at: datetime, *, trusted: bool) -> tuple[Alert, ...]:
    """Lay what was told over what was known; with `trusted` no copy can be late."""
    merged = {alert.fingerprint: alert for alert in known}
    news = tuple(news)
    for alert, before in _told_anew(merged, news):
        merged[alert.fingerprint] = replace(merged.pop(before), fingerprint=alert.fingerprint)
    for alert in news:
        old = merged.get(alert.fingerprint)
        merged[alert.fingerprint] = alert if old is None else _joined_as(old, _over(old, alert, at, trusted=trusted))
    return tuple(merged.values())


def _told_anew(known: Mapping[str, Alert], news: Iterable[Alert]) -> Iterator[tuple[Alert, str]]:
    """Find what is told under another fingerprint than before, which hashes labels that no message tells (its folder)."""
    told = {alert.fingerprint: alert for alert in news}
    strange = [alert for alert in told.values() if alert.fingerprint not in known and alert.rule_uid]
    if not strange:
        return
    left = {_identity(each): each.fingerprint for each in known.values() if each.fingerprint not in told}
    for alert in strange:
        before = left.pop(_identity(alert), None)
        if before is not None:
            yield alert, before


def _identity(alert: Alert) -> tuple[str | None, frozenset[tuple[str, str]]]:
    return alert.rule_uid, frozenset(alert.labels.items())


def is_late_copy(old: Alert, alert: Alert, at: datetime) -> bool:
    """Tell whether a firing message may be an old one: another replica tells it just after the end of the same episode."""
    if not goes_on(old, alert) or old.seen_at is None:
        return False
    # One sender tells one thing after the other; two need not.
    return bool(old.told_by and alert.told_by != old.told_by) and abs(at - old.seen_at) < LATE_COPY_WITHIN


def goes_on(old: Alert, alert: Alert) -> bool:
    """Tell whether a firing alert began before the end we know of: it is the same episode, which has not ended."""
    if old.firing or not alert.firing:
        return False
    return alert.episode == old.episode or (old.ends_at is not None and alert.starts_at < old.ends_at)


def ended(alert: Alert, at: datetime, ended_as: str | None = None) -> Alert:
    """Return a firing alert as ended."""
    return replace(alert, status=AlertStatus.RESOLVED, ends_at=at, seen_at=at, ended_as=ended_as, doubted_at=None)


def revived(alert: Alert, at: datetime) -> Alert:
    """Return an ended alert as firing still."""
    return replace(alert, status=AlertStatus.FIRING, ends_at=None, seen_at=at, ended_as=None, doubted_at=None)


def last_end(alerts: Iterable[Alert], began_at: datetime, at: datetime) -> datetime:
    """Return when the last of them ended, as far as that can be true: not before the beginning, not after now."""
    ends = [alert.ends_at for alert in alerts if alert.ends_at]
    return max(min(max(ends, default=at), at), min(began_at, at))


def reasons(alerts: Iterable[Alert]) -> Counter[str]:
    """Count how alerts ended; "" means recovered."""
    return Counter(TESTED if alert.is_test else alert.end_reason or "" for alert in alerts)


def worst(alerts: Iterable[Alert]) -> Severity:
    """Return the worst severity of alerts; one that is not stated counts as P2."""
    found = Severity.P4
    for alert in alerts:
        found = found.worse_of(alert.severity or Severity.P2)
    return found


def _over(old: Alert, alert: Alert, at: datetime, *, trusted: bool) -> Alert:
    if alert.firing:
        if not trusted and is_late_copy(old, alert, at):
            return replace(old, doubted_at=at)
        # One that goes on has begun when it began, whatever a repeat says.
        return _begun(alert, old) if old.firing else alert
    if old.firing and _of_an_older_episode(alert, old):
        return old
    if not old.firing and old.ends_at and not old.ended_as and alert.episode == old.episode:
        # Every replica tells the end; the first one we heard stands, and settles any doubt.
        return replace(old, doubted_at=None)
    # Grafana tells an end as if it had begun only then.
    return _begun(alert, old)


def _begun(alert: Alert, old: Alert) -> Alert:
    return alert if alert.starts_at <= old.starts_at else replace(alert, starts_at=old.starts_at)


def _joined_as(old: Alert, alert: Alert) -> Alert:
    """No message tells how it came into its incident."""
    return alert if alert.joined == old.joined else replace(alert, joined=old.joined)


def _of_an_older_episode(end: Alert, firing: Alert) -> bool:
    return end.starts_at < firing.starts_at and end.ends_at is not None and end.ends_at <= firing.starts_at


def _later(alert: Alert, other: Alert) -> bool:
    if alert.firing != other.firing:
        end, firing = (other, alert) if alert.firing else (alert, other)
        return alert.firing == (firing.starts_at >= end.starts_at)
    return alert.starts_at >= other.starts_at


def _heard(alert: Alert, notification: Notification, at: datetime) -> Alert:
    return replace(alert, seen_at=at, told_by=notification.external_url)
