"""Reads webhook bodies of Grafana and Alertmanager: bytes in, Notification out. No I/O.

Source: Grafana's "Webhook notifier" (11.5 to 13) and Alertmanager's webhook version "4"; examples in tests/fixtures.
Lenient, because what is refused is an alert that nobody sees: one odd value never takes the others with it, a scalar
becomes a text, an alert that says neither that it fires nor that it has ended is counted and left out. Refused is only
what holds no readable alert at all.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, cast
from urllib.parse import parse_qs, urlsplit

from bot.domain.alerts import Alert, AlertStatus, Notification
from bot.domain.bodies import Body, holds, number_of, read_body
from bot.domain.coercion import cleaned, holds_unkept, numbers_of, text_of, texts_of, time_of
from bot.domain.labels import USUAL, Vocabulary
from bot.domain.origins import ADOPTED, is_adopted, is_repeat, is_test, origin_of
from bot.domain.wording import dumped_values
from bot.errors import InvalidNotification

GRAFANA: Final = "grafana"
ALERTMANAGER: Final = "alertmanager"

# What a card can be made of in time; what comes beyond is counted.
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
_RULE_PATH: Final = re.compile(r"/alerting/grafana/([^/]+)/view")


def parse(source: str, body: bytes, received_at: datetime, vocabulary: Vocabulary = USUAL) -> Notification:
    """Read a webhook body. Raises InvalidNotification naming the field."""
    cleaner = _Cleaner(body)
    found = read_body(body, _MAX_ALERTS, _Maker(received_at, vocabulary, cleaner).attempt)
    top = cleaner.cleaned(found.top)
    found.alerts = found.alerts or _tabled(top.get("alerts"))
    if not found.alerts:
        raise _nothing_in(found)
    readable, mistakes = _readable(found.alerts, _Maker(received_at, vocabulary, cleaner), top)
    if not readable:
        raise mistakes[0]
    group_labels, common = texts_of(top.get("groupLabels")), texts_of(top.get("commonLabels"))
    external_url, organisation = text_of(top.get("externalURL")), text_of(top.get("orgId"))
    unreadable = len(mistakes) + (found.missing if found.broken else 0)
    return Notification(
        source=source,
        group_key=_group_key(source, text_of(top.get("groupKey")), common or group_labels, organisation),
        receiver=text_of(top.get("receiver")),
        alerts=readable,
        group_labels=group_labels,
        external_url=external_url,
        origin=origin_of(external_url, organisation),
        truncated=number_of(top.get("truncatedAlerts")) + found.missing + len(mistakes),
        unreadable=unreadable,
        repeated=is_repeat(top.get("notification_reason")),
        adopted=is_adopted(top.get("groupKey")),
    )


def admit(source: str, body: bytes, received_at: datetime) -> None:
    """Look whether a body holds an alert that can be read, no further than the first. Raises InvalidNotification."""
    maker = _Maker(received_at, USUAL, _Cleaner(b""))
    if not holds(body, lambda top, item: isinstance(maker.attempt(top, item), Alert)):
        # What stands behind the alerts may say what they do not, and somebody must be told what is wrong.
        parse(source, body, received_at)


def _tabled(alerts: Any) -> list[Any]:
    """Return alerts that are written as a table, as some languages write lists, or the only one there is."""
    if not isinstance(alerts, dict):
        return []
    table = cast("dict[str, Any]", alerts)
    return ([table] if "labels" in table else list(table.values()))[:_MAX_ALERTS]


def _nothing_in(found: Body) -> InvalidNotification:
    if found.broken:
        return InvalidNotification("body", "is not JSON")
    return InvalidNotification("alerts", "is not a list" if found.top.get("alerts") is not None else "is empty")


def _readable(
    items: Sequence[Any], maker: _Maker, top: Mapping[str, Any]
) -> tuple[tuple[Alert, ...], list[InvalidNotification]]:
    """Return the alerts that can be read with what stands behind them as well, and what is wrong with the others."""
    alerts: list[Alert] = []
    mistakes: list[InvalidNotification] = []
    tested = is_test(top.get("groupKey"))
    for number, item in enumerate(items):
        try:
            alert = item if isinstance(item, Alert) else maker.alert(top, item, f"alerts[{number}]")
        except InvalidNotification as error:
            mistakes.append(error)
        else:
            alerts.append(replace(alert, tested=True) if tested else alert)
    return tuple(alerts), mistakes


class _Cleaner:
    """Takes out of texts what nothing can keep: NUL, and lone surrogates; most bodies have neither."""

    def __init__(self, body: bytes) -> None:
        self._needed = holds_unkept(body)

    def cleaned(self, value: Any) -> Any:
        """Return a value without them."""
        return cleaned(value) if self._needed else value


class _Maker:
    """Makes alerts of what one body holds; what many of them share is read once."""

    def __init__(self, received_at: datetime, vocabulary: Vocabulary, cleaner: _Cleaner) -> None:
        self._at = received_at
        self._vocabulary = vocabulary
        self._cleaner = cleaner
        self._times: dict[str, datetime | None] = {}
        self._texts: dict[str, str] = {}
        self._annotations: dict[str, str] = {}
        self._asked: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._meanings: dict[tuple[str, ...], tuple[int | None, str]] = {}

    def attempt(self, top: Mapping[str, Any], raw: Any) -> Any:
        """Make an alert with what stood before it; return what came if that is not enough."""
        try:
            return self.alert(top, raw, "alerts")
        except InvalidNotification:
            return raw

    def alert(self, top: Mapping[str, Any], raw: Any, field: str) -> Alert:
        """Make an alert. Raises InvalidNotification."""
        if not isinstance(raw, dict):
            raise InvalidNotification(field, "is not an object")
        get = cast("dict[str, Any]", self._cleaner.cleaned(raw)).get
        labels, annotations = texts_of(get("labels")), texts_of(get("annotations"))
        ends_at = self._time(get("endsAt"))
        status = self._status(get("status"), top, ends_at)
        if status is None:
            raise InvalidNotification(f"{field}.status", "is neither firing nor resolved")
        generator_url, silence_url = text_of(get("generatorURL")), text_of(get("silenceURL"))
        level, about = self._meaning(labels)
        return Alert(
            fingerprint=text_of(get("fingerprint")) or fingerprint(labels),
            status=status,
            # A clock that is ahead of ours must not put the beginning into the future.
            starts_at=min(self._time(get("startsAt")) or self._at, self._at),
            # A firing alert's end is "not yet": year 1 from these senders, a time to come from others.
            ends_at=None if status is AlertStatus.FIRING else ends_at or self._at,
            labels=labels,
            annotations=self._shared(annotations),
            values=numbers_of(get("values")) or _dumped(get("valueString")),
            rule_uid=text_of(get("ruleUID")) or rule_uid(generator_url, silence_url),
            generator_url=self._same(generator_url),
            dashboard_url=self._same(text_of(get("dashboardURL"))),
            panel_url=self._same(text_of(get("panelURL"))),
            level=level,
            about=about,
        )

    def _same(self, text: str) -> str:
        """Return one text for all that are equal: thousands of copies are megabytes."""
        return self._texts.setdefault(text, text)

    def _shared(self, annotations: dict[str, str]) -> dict[str, str]:
        if annotations != self._annotations:
            self._annotations = annotations
        return self._annotations

    def _meaning(self, labels: Mapping[str, str]) -> tuple[int | None, str]:
        """Tell severity and service; thousands of alerts of one rule say the same."""
        names = tuple(labels)
        asked = self._asked.get(names)
        if asked is None:
            asked = self._asked[names] = self._vocabulary.asked(names)
        key = (*asked, *[labels[name] for name in asked])
        found = self._meanings.get(key)
        if found is None:
            severity = self._vocabulary.severity_of(labels)
            found = severity.value if severity else None, self._vocabulary.service_of(labels) or ""
            self._meanings[key] = found
        return found

    def _status(self, told: Any, top: Mapping[str, Any], ends_at: datetime | None) -> AlertStatus | None:
        """Tell whether it fires; where nothing says so, by its end, as Alertmanager itself does."""
        written = text_of(told).strip().lower()
        if written:
            return _STATES.get(written)
        group = _STATES.get(text_of(self._cleaner.cleaned(top.get("status"))).strip().lower())
        if group is None:
            return None
        over = group is AlertStatus.RESOLVED or (ends_at is not None and ends_at <= self._at)
        return AlertStatus.RESOLVED if over else AlertStatus.FIRING

    def _time(self, value: Any) -> datetime | None:
        written = value if isinstance(value, str) else text_of(value)
        if written not in self._times:
            self._times[written] = time_of(written)
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


def _dumped(value: Any) -> dict[str, float]:
    return dumped_values(value) if isinstance(value, str) and value else {}
