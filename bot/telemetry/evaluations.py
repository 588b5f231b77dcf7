"""Reads what Prometheus and Grafana tell of the evaluation of a rule; both write it in one way.

Source: Prometheus docs, "HTTP API", /api/v1/rules (2.42 on); Grafana's source, pkg/services/ngalert/api (11.6 to 12.4).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bot.telemetry.shapes import items, moment, obj, texts


def evaluation(rule: dict[str, Any], group: dict[str, Any], source: str, firing: tuple[str, ...]) -> dict[str, Any]:
    """Return the fields of a Rule that tell when it was evaluated, how that went, and what fires; `firing` are states."""
    alerts = [obj(alert) for alert in items(rule.get("alerts"))]
    found = [alert for alert in alerts if str(alert.get("state", "")).startswith(firing)]
    return {
        "firing": len(found),
        "evaluated_at": _evaluated_at(rule.get("lastEvaluation"), source),
        "interval": _seconds(group.get("interval")),
        "wait": _seconds(rule.get("duration")),
        "healthy": str(rule.get("health", "ok")) in ("ok", ""),
        "paused": rule.get("isPaused") is True,
        "active": tuple(
            frozenset((name, value) for name, value in texts(alert.get("labels")).items() if not name.startswith("__"))
            for alert in found
        ),
    }


def _evaluated_at(raw: Any, source: str) -> datetime | None:
    # Year 1 is Go's word for "never", as it is after a start.
    if not raw or str(raw).startswith("0001-"):
        return None
    return moment(raw, source)


def _seconds(raw: Any) -> timedelta:
    return timedelta(seconds=min(float(raw), 1e7)) if isinstance(raw, (int, float)) and raw > 0 else timedelta()
