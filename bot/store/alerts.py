"""Alerts into JSON and back; they are kept in their incident."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.domain.alerts import Alert, AlertStatus


def alert_out(alert: Alert) -> dict[str, Any]:
    """Write an alert as JSON takes it."""
    return {
        "fingerprint": alert.fingerprint,
        "status": alert.status.value,
        "starts_at": alert.starts_at.isoformat(),
        "ends_at": alert.ends_at.isoformat() if alert.ends_at else None,
        "seen_at": alert.seen_at.isoformat() if alert.seen_at else None,
        "labels": dict(alert.labels),
        "annotations": dict(alert.annotations),
        "values": dict(alert.values),
        "rule_uid": alert.rule_uid,
        "generator_url": alert.generator_url,
        "dashboard_url": alert.dashboard_url,
        "panel_url": alert.panel_url,
        "told_by": alert.told_by,
        "doubted_at": alert.doubted_at.isoformat() if alert.doubted_at else None,
        "ended_as": alert.ended_as,
        "tested": alert.tested,
    }


def alert_in(raw: dict[str, Any]) -> Alert:
    """Read an alert that this program or another version of it has written."""
    moments: dict[str, Any] = {
        name: datetime.fromisoformat(raw[name]) if raw.get(name) else None
        for name in ("starts_at", "ends_at", "seen_at", "doubted_at")
    }
    # A newer program may have written more than we know, while both are at work.
    known = {name: value for name, value in raw.items() if name in Alert.__dataclass_fields__}
    fields: dict[str, Any] = {**known, **moments, "status": AlertStatus(raw["status"])}
    return Alert(**fields)
