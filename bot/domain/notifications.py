"""Webhook bodies of Grafana and Alertmanager: bytes in, Notification out. No I/O.

Source: Grafana's "Webhook notifier" (11.5 to 13) and Alertmanager's webhook version "4"; examples in tests/fixtures.
Lenient where senders differ (unknown fields, `values: null`, no `ruleUID`), strict where a wrong guess would hide an
alert (shape, status, times).
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final, cast
from urllib.parse import parse_qs, urlsplit

from bot.domain.alerts import Alert, AlertStatus, Notification
from bot.domain.origins import ADOPTED, is_adopted, is_repeat, is_test, organisation, origin_of
from bot.errors import InvalidNotification

GRAFANA: Final = "grafana"
ALERTMANAGER: Final = "alertmanager"

# Far more than any group has; a body of 1 MiB cannot hold many more anyway.
_MAX_ALERTS: Final = 5_000
_RULE_PATH: Final = re.compile(r"/alerting/grafana/([^/]+)/view")
# Grafana writes nanoseconds, Python reads microseconds.
_FRACTION: Final = re.compile(r"\.(\d{6})\d+")


def parse(source: str, body: bytes, received_at: datetime) -> Notification:
    """Read a webhook body. Raises InvalidNotification naming the field."""
    try:
        raw: Any = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidNotification("body", "is not JSON") from error
    top = _mapping(raw, "body")

    alerts = _list(top.get("alerts"), "alerts")
    if not alerts:
        raise InvalidNotification("alerts", "is empty")
    if len(alerts) > _MAX_ALERTS:
        raise InvalidNotification("alerts", f"holds more than {_MAX_ALERTS} alerts")
    external_url = _text(top.get("externalURL"), "externalURL")
    tested = is_test(top.get("groupKey"))
    group_labels = _texts(top.get("groupLabels"), "groupLabels")
    common = _texts(top.get("commonLabels"), "commonLabels")
    return Notification(
        source=source,
        group_key=_group_key(source, _text(top.get("groupKey"), "groupKey"), common or group_labels),
        receiver=_text(top.get("receiver"), "receiver"),
        alerts=tuple(
            replace(_alert(item, f"alerts[{n}]", received_at), tested=tested) for n, item in enumerate(alerts)
        ),
        group_labels=group_labels,
        common_annotations=_texts(top.get("commonAnnotations"), "commonAnnotations"),
        external_url=external_url,
        origin=origin_of(external_url, organisation(top.get("orgId"))),
        repeated=is_repeat(top.get("notification_reason")),
        adopted=is_adopted(top.get("groupKey")),
        truncated=_count(top.get("truncatedAlerts"), "truncatedAlerts"),
    )


def _alert(raw: Any, field: str, received_at: datetime) -> Alert:
    item = _mapping(raw, field)
    labels = _texts(item.get("labels"), f"{field}.labels")
    status = item.get("status")
    if status not in ("firing", "resolved"):
        raise InvalidNotification(f"{field}.status", "is neither firing nor resolved")
    firing = status == "firing"
    generator_url = _text(item.get("generatorURL"), f"{field}.generatorURL")
    silence_url = _text(item.get("silenceURL"), f"{field}.silenceURL")
    uid = _text(item.get("ruleUID"), f"{field}.ruleUID")
    return Alert(
        fingerprint=_text(item.get("fingerprint"), f"{field}.fingerprint") or fingerprint(labels),
        status=AlertStatus(status),
        starts_at=_time(item.get("startsAt"), f"{field}.startsAt") or received_at,
        # A firing alert's end is "not yet": year 1 from these senders, a time to come from others.
        ends_at=None if firing else _time(item.get("endsAt"), f"{field}.endsAt") or received_at,
        labels=labels,
        annotations=_texts(item.get("annotations"), f"{field}.annotations"),
        values=_numbers(item.get("values"), f"{field}.values"),
        rule_uid=uid or rule_uid(generator_url, silence_url),
        generator_url=generator_url,
        dashboard_url=_text(item.get("dashboardURL"), f"{field}.dashboardURL"),
        panel_url=_text(item.get("panelURL"), f"{field}.panelURL"),
    )


def compose(alerts: Sequence[Alert], external_url: str = "", organisation: str = "") -> bytes:
    """Write the body that the source would have sent for these alerts of one rule, had it not been lost."""
    items = [
        {
            "status": alert.status.value,
            "labels": dict(alert.labels),
            "annotations": dict(alert.annotations),
            "startsAt": alert.starts_at.isoformat(),
            "generatorURL": alert.generator_url,
            "fingerprint": alert.fingerprint,
            "ruleUID": alert.rule_uid or "",
        }
        for alert in alerts
    ]
    body = {
        "alerts": items,
        "groupKey": f"{ADOPTED}{alerts[0].name}",
        "externalURL": external_url,
        "orgId": organisation,
    }
    return json.dumps(body).encode()


def fingerprint(labels: Mapping[str, str]) -> str:
    """Hash a label set, for senders that leave the fingerprint out; the same labels give the same hash for ever."""
    canonical = json.dumps(sorted(labels.items()), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def rule_uid(generator_url: str, silence_url: str = "") -> str | None:
    """Find the rule uid in the links of Grafana before 12.4, which has no field for it."""
    found = _RULE_PATH.search(_path(generator_url))
    if found:
        return found.group(1)
    try:
        matchers = parse_qs(urlsplit(silence_url).query).get("matcher", [])
    except ValueError:
        return None
    uids = [m.removeprefix("__alert_rule_uid__=") for m in matchers if m.startswith("__alert_rule_uid__=")]
    return uids[0] if uids else None


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        # A label value may have found its way into the link; a link that is no link names no rule.
        return ""


def _group_key(source: str, key: str, labels: Mapping[str, str]) -> str:
    # The key is opaque and as long as the labels are; a hash fits every database index.
    named = key or json.dumps(sorted(labels.items()), ensure_ascii=True)
    return hashlib.sha256(f"{source}\n{named}".encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _mapping(value: Any, field: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InvalidNotification(field, "is not an object")
    return cast("dict[str, Any]", value)


def _list(value: Any, field: str) -> list[Any]:
    if not isinstance(value, list):
        raise InvalidNotification(field, "is not a list")
    return cast("list[Any]", value)


def _text(value: Any, field: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidNotification(field, "is not a text")
    return _clean(value)


def _texts(value: Any, field: str) -> dict[str, str]:
    if value is None:
        return {}
    pairs = _mapping(value, field)
    return {_clean(name): _text(item, f"{field}.{name[:60]}") for name, item in pairs.items()}


def _numbers(value: Any, field: str) -> dict[str, float]:
    if value is None:
        return {}
    numbers: dict[str, float] = {}
    for name, item in _mapping(value, field).items():
        if isinstance(item, (int, float)) and not isinstance(item, bool):
            number = _float(item)
            if math.isfinite(number):
                numbers[_clean(name)] = number
    return numbers


def _float(item: float) -> float:
    try:
        return float(item)
    except OverflowError:
        return math.inf


def _count(value: Any, field: str) -> int:
    if value is None:
        return 0
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise InvalidNotification(field, "is not a count")
    return min(value, 1_000_000)


def _time(value: Any, field: str) -> datetime | None:
    """Read a time; None for the year 1, with which Go says "none"."""
    written = _text(value, field)
    if not written:
        return None
    try:
        moment = datetime.fromisoformat(_FRACTION.sub(r".\1", written))
        if moment.year <= 1:
            return None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidNotification(field, "is not a time") from error


def _clean(value: str) -> str:
    # NUL cannot be stored by PostgreSQL, and a lone surrogate cannot be written by anything.
    return value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
