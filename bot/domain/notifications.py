"""Webhook bodies of Grafana and Alertmanager: bytes in, Notification out. No I/O.

Source: Grafana's "Webhook notifier" (11.5 to 13) and Alertmanager's webhook version "4"; examples in tests/fixtures.
Lenient, because what is refused is an alert that nobody sees: one odd value never takes the others with it, a scalar
becomes a text, an alert that says neither that it fires nor that it has ended is counted and left out. Refused is only
what holds no readable alert at all.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, cast
from urllib.parse import parse_qs, urlsplit

from bot.domain.alerts import Alert, AlertStatus, Notification
from bot.domain.bodies import Body, number_of, read_body
from bot.domain.labels import USUAL, Vocabulary
from bot.domain.origins import ADOPTED, is_adopted, is_repeat, is_test, origin_of
from bot.domain.wording import dumped_values
from bot.errors import InvalidNotification

GRAFANA: Final = "grafana"
ALERTMANAGER: Final = "alertmanager"

# What a card can be made of in time; what comes beyond is counted.
_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")
_ONLY_TEXTS: Final = {str}
_MAX_ALERTS: Final = 5_000
# How senders say it: Grafana and Alertmanager the first of each, what was written after Grafana's old alerting the others.
_STATES: Final = {
    "firing": AlertStatus.FIRING,
    "alerting": AlertStatus.FIRING,
    "resolved": AlertStatus.RESOLVED,
    "ok": AlertStatus.RESOLVED,
    "normal": AlertStatus.RESOLVED,
    "inactive": AlertStatus.RESOLVED,
}
# Numbers in place of a time: seconds, milliseconds, microseconds or nanoseconds since the epoch, told by their size.
_EPOCHS: Final = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3), (0.0, 1.0))
_RULE_PATH: Final = re.compile(r"/alerting/grafana/([^/]+)/view")
# Grafana writes nanoseconds, Python reads microseconds.
_FRACTION: Final = re.compile(r"\.(\d{6})\d+")
_GO_TIME: Final = re.compile(r"^(\S+ \S+ [+-]\d{4})(?: [A-Z]+)?(?: m=\S+)?$")


def parse(source: str, body: bytes, received_at: datetime, vocabulary: Vocabulary = USUAL) -> Notification:
    """Read a webhook body. Raises InvalidNotification naming the field."""
    found = read_body(body, _MAX_ALERTS)
    cleaner = _Cleaner(body)
    top = cleaner.cleaned(found.top)
    if not found.alerts:
        raise _nothing_in(found)
    readable, mistakes = _readable(found.alerts, cleaner, _Maker(received_at, vocabulary, top))
    if not readable:
        raise mistakes[0]
    group_labels, common = _texts(top.get("groupLabels")), _texts(top.get("commonLabels"))
    external_url, organisation = _text(top.get("externalURL")), _text(top.get("orgId"))
    unreadable = len(mistakes) + (found.missing if found.broken else 0)
    return Notification(
        source=source,
        group_key=_group_key(source, _text(top.get("groupKey")), common or group_labels, organisation),
        receiver=_text(top.get("receiver")),
        alerts=readable,
        group_labels=group_labels,
        external_url=external_url,
        origin=origin_of(external_url, organisation),
        truncated=number_of(top.get("truncatedAlerts")) + found.missing + len(mistakes),
        unreadable=unreadable,
        repeated=is_repeat(top.get("notification_reason")),
        adopted=is_adopted(top.get("groupKey")),
    )


def _nothing_in(found: Body) -> InvalidNotification:
    if found.broken:
        return InvalidNotification("body", "is not JSON")
    return InvalidNotification("alerts", "is not a list" if found.top.get("alerts") is not None else "is empty")


def _readable(
    items: Sequence[Any], cleaner: _Cleaner, maker: _Maker
) -> tuple[tuple[Alert, ...], list[InvalidNotification]]:
    """Return the alerts that can be read, and what is wrong with the others."""
    alerts: list[Alert] = []
    mistakes: list[InvalidNotification] = []
    for number, item in enumerate(items):
        try:
            alerts.append(maker.alert(cleaner.cleaned(item), f"alerts[{number}]"))
        except InvalidNotification as error:
            mistakes.append(error)
    return tuple(alerts), mistakes


class _Cleaner:
    """Takes out of texts what nothing can keep: NUL, and lone surrogates; most bodies have neither."""

    def __init__(self, body: bytes) -> None:
        self._needed = b"\x00" in body or b"\\u0000" in body or _SURROGATE.search(body) is not None

    def cleaned(self, value: Any) -> Any:
        """Return a value without them."""
        return _cleaned(value) if self._needed else value


class _Maker:
    """Makes alerts of what one body holds; what many of them share is read once."""

    def __init__(self, received_at: datetime, vocabulary: Vocabulary, top: Mapping[str, Any]) -> None:
        self._at = received_at
        self._vocabulary = vocabulary
        self._group_state = _STATES.get(_text(top.get("status")).strip().lower())
        self._tested = is_test(top.get("groupKey"))
        self._times: dict[str, datetime | None] = {}

    def alert(self, raw: Any, field: str) -> Alert:
        """Make an alert. Raises InvalidNotification."""
        if not isinstance(raw, dict):
            raise InvalidNotification(field, "is not an object")
        item = cast("dict[str, Any]", raw)
        labels, annotations = _texts(item.get("labels")), _texts(item.get("annotations"))
        status, ends_at = self._state(item, field)
        generator_url, silence_url = _text(item.get("generatorURL")), _text(item.get("silenceURL"))
        severity = self._vocabulary.severity_of(labels)
        return Alert(
            fingerprint=_text(item.get("fingerprint")) or fingerprint(labels),
            status=status,
            # A clock that is ahead of ours must not put the beginning into the future.
            starts_at=min(self._time(item.get("startsAt")) or self._at, self._at),
            # A firing alert's end is "not yet": year 1 from these senders, a time to come from others.
            ends_at=None if status is AlertStatus.FIRING else ends_at or self._at,
            labels=labels,
            annotations=annotations,
            values=_numbers(item.get("values")) or _dumped(item.get("valueString")),
            rule_uid=_text(item.get("ruleUID")) or rule_uid(generator_url, silence_url),
            generator_url=generator_url,
            dashboard_url=_text(item.get("dashboardURL")),
            panel_url=_text(item.get("panelURL")),
            level=severity.value if severity else None,
            about=self._vocabulary.service_of(labels) or "",
            tested=self._tested,
        )

    def _state(self, item: Mapping[str, Any], field: str) -> tuple[AlertStatus, datetime | None]:
        """Tell whether it fires; where nothing says so, by its end, as Alertmanager itself does."""
        written = _text(item.get("status")).strip().lower()
        ends_at = self._time(item.get("endsAt"))
        status = _STATES.get(written)
        if status is None and not written and self._group_state:
            over = self._group_state is AlertStatus.RESOLVED or (ends_at is not None and ends_at <= self._at)
            status = AlertStatus.RESOLVED if over else AlertStatus.FIRING
        if status is None:
            raise InvalidNotification(f"{field}.status", "is neither firing nor resolved")
        return status, ends_at

    def _time(self, value: Any) -> datetime | None:
        written = value if isinstance(value, str) else _text(value)
        if written not in self._times:
            self._times[written] = _time(written)
        return self._times[written]


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
    found = _RULE_PATH.search(_path(generator_url)) if "/alerting/" in generator_url else None
    if found:
        return found.group(1)
    if "matcher" not in silence_url:
        return None
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


def _group_key(source: str, key: str, labels: Mapping[str, str], organisation: str) -> str:
    # The key is opaque and as long as the labels are; a hash fits every database index.
    named = key or json.dumps(sorted(labels.items()), ensure_ascii=True)
    # Nearly every Grafana has only the first organisation, whose keys stay what they were.
    sender = source if organisation in ("", "1") else f"{source}/{organisation}"
    return hashlib.sha256(f"{sender}\n{named}".encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _text(value: Any) -> str:
    """Write any value as a text; what is no scalar as JSON, so that nothing of it is lost."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _texts(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    given = cast("dict[str, Any]", value)
    if set(map(type, given.values())) <= _ONLY_TEXTS:
        return given
    return {name: _text(item) for name, item in given.items()}


def _numbers(value: Any) -> dict[str, float]:
    if not isinstance(value, dict):
        return {}
    numbers: dict[str, float] = {}
    for name, item in cast("dict[str, Any]", value).items():
        number = _number(item)
        if number is not None:
            numbers[name] = number
    return numbers


def _number(value: Any) -> float | None:
    """Read a finite number, also one that is written as a text."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _dumped(value: Any) -> dict[str, float]:
    return dumped_values(value) if isinstance(value, str) and value else {}


def _time(told: str) -> datetime | None:
    """Read a time; None for what is none, and for the year 1, with which Go says "none"."""
    # Go's own way to print a time ends with the name of its zone, and perhaps its other clock.
    written = _GO_TIME.sub(r"\1", told.strip())
    try:
        since = _number(written) if written.replace(".", "", 1).isdecimal() else None
        if since is not None:
            scale = next(scale for least, scale in _EPOCHS if since >= least)
            return datetime.fromtimestamp(since / scale, UTC) if since else None
        moment = datetime.fromisoformat(_FRACTION.sub(r".\1", written))
        if moment.year <= 1:
            return None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        # When it began is worth less than that it fires; the arrival stands in.
        return None


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        # NUL cannot be stored by PostgreSQL, and a lone surrogate cannot be written by anything.
        return value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {_cleaned(name): _cleaned(item) for name, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_cleaned(item) for item in cast("list[Any]", value)]
    return value
