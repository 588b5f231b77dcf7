"""Webhook bodies as received, and as an enemy would write them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.alerts import AlertStatus, Severity
from bot.domain.notifications import ALERTMANAGER, GRAFANA, fingerprint, parse, rule_uid
from bot.errors import InvalidNotification
from tests.builders import NOW, alertmanager_body

FIXTURES = Path(__file__).parents[1] / "fixtures"


def recorded(name: str) -> bytes:
    return json.dumps(json.loads((FIXTURES / f"{name}.json").read_text("utf-8"))).encode()


@pytest.mark.parametrize(
    "path", sorted((FIXTURES / "webhooks/alertmanager").glob("*.json")), ids=lambda path: path.stem
)
def test_every_recorded_alertmanager_body_is_read(path):
    body = json.loads(path.read_text("utf-8"))

    notification = parse(ALERTMANAGER, json.dumps(body).encode(), NOW)

    assert [alert.fingerprint for alert in notification.alerts] == [alert["fingerprint"] for alert in body["alerts"]]
    assert [alert.status.value for alert in notification.alerts] == [alert["status"] for alert in body["alerts"]]
    assert notification.truncated == body["truncatedAlerts"]


@pytest.mark.parametrize("path", sorted((FIXTURES / "webhooks/grafana").glob("*.json")), ids=lambda path: path.stem)
def test_every_documented_grafana_body_is_read(path):
    body = json.loads(path.read_text("utf-8"))

    notification = parse(GRAFANA, json.dumps(body).encode(), NOW)

    assert len(notification.alerts) == len(body["alerts"])


def test_year_one_means_not_ended():
    alert = parse(ALERTMANAGER, alertmanager_body(), NOW + timedelta(seconds=1)).alerts[0]

    assert alert.ends_at is None
    assert alert.starts_at == datetime(2026, 11, 24, 3, 0, 0, 123000, UTC)


def test_values_of_null_are_no_values():
    notification = parse(GRAFANA, recorded("webhooks/grafana/nodata"), NOW)

    assert notification.alerts[0].values == {}


def test_a_nodata_twin_carries_the_name_of_its_rule():
    alert = parse(GRAFANA, recorded("webhooks/grafana/nodata"), NOW).alerts[0]

    assert (alert.name, alert.trouble) == ("HighErrorRate", "NoData")


def test_an_error_twin_says_so():
    alert = parse(GRAFANA, recorded("webhooks/grafana/error"), NOW).alerts[0]

    assert (alert.name, alert.trouble) == ("HighErrorRate", "Error")


def test_a_paused_rule_is_told_from_a_recovery():
    alert = parse(GRAFANA, recorded("webhooks/grafana/paused"), NOW).alerts[0]

    assert alert.status is AlertStatus.RESOLVED
    assert alert.end_reason == "Paused"


def test_the_rule_uid_is_found_in_every_version():
    by_field = parse(GRAFANA, recorded("webhooks/grafana/v12_4"), NOW).alerts[0]
    by_link = parse(GRAFANA, recorded("webhooks/grafana/v11_5"), NOW).alerts[0]

    assert by_field.rule_uid == by_link.rule_uid == "abc123"
    assert (
        rule_uid("", "https://g.example/alerting/silence/new?matcher=__alert_rule_uid__%3Dabc123&orgId=1") == "abc123"
    )
    assert rule_uid("http://127.0.0.1:9090/graph?g0.expr=up") is None


def test_the_test_button_is_recognised():
    assert parse(GRAFANA, recorded("webhooks/grafana/test_button"), NOW).alerts[0].is_test


def test_a_missing_fingerprint_is_made_from_the_labels_and_stays_the_same():
    body = json.loads(alertmanager_body())
    del body["alerts"][0]["fingerprint"]

    first, second = (parse(ALERTMANAGER, json.dumps(body).encode(), NOW).alerts[0].fingerprint for _ in range(2))

    assert (
        first
        == second
        == fingerprint({"alertname": "HighLatency", "service": "api", "severity": "high", "instance": "api-0:8080"})
    )


def test_two_sources_never_share_a_group():
    keys = {parse(source, alertmanager_body(), NOW).group_key for source in (GRAFANA, ALERTMANAGER)}

    assert len(keys) == 2


def test_unknown_fields_are_fine():
    body = json.loads(alertmanager_body()) | {"novelty": {"a": [1]}}
    body["alerts"][0]["enrichments"] = [{"x": 1}]

    assert parse(ALERTMANAGER, json.dumps(body).encode(), NOW).alerts[0].severity is Severity.P2


def test_a_nul_in_a_label_is_dropped_because_postgresql_cannot_keep_it():
    alert = parse(ALERTMANAGER, alertmanager_body(team="a\x00b"), NOW).alerts[0]

    assert alert.labels["team"] == "ab"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda b: b.update(alerts=None), "alerts"),
        (lambda b: b.update(alerts=[]), "alerts"),
        (lambda b: b.update(alerts={}), "alerts"),
        (lambda b: b.update(alerts=["x"]), "alerts[0]"),
        (lambda b: b["alerts"][0].update(status="pending"), "alerts[0].status"),
        (lambda b: (b.update(status="?"), b["alerts"][0].update(status=None)), "alerts[0].status"),
    ],
)
def test_a_wrong_shape_names_its_field(change, field):
    body = json.loads(alertmanager_body())
    change(body)

    with pytest.raises(InvalidNotification) as caught:
        parse(ALERTMANAGER, json.dumps(body).encode(), NOW)

    assert caught.value.field == field


@pytest.mark.parametrize(
    "change",
    [
        lambda b: b.update(groupKey=7),
        lambda b: b.update(truncatedAlerts=-1),
        lambda b: b.update(truncatedAlerts=0.0),
        lambda b: b.update(truncatedAlerts="many"),
        lambda b: b.update(groupLabels=[]),
        lambda b: b.update(groupLabels=""),
        lambda b: b.update(commonLabels="none", commonAnnotations=7, externalURL=["x"], receiver={}, orgId="1"),
        lambda b: b["alerts"][0].update(labels="x"),
        lambda b: b["alerts"][0].update(annotations=[1]),
        lambda b: b["alerts"][0].update(startsAt="soon"),
        lambda b: b["alerts"][0].update(startsAt=5),
        lambda b: b["alerts"][0].update(endsAt={}),
        lambda b: b["alerts"][0].update(values=[1]),
        lambda b: b["alerts"][0].update(status="Firing"),
        lambda b: b["alerts"][0].update(status=" FIRING "),
        lambda b: b["alerts"][0].pop("status"),
        lambda b: b["alerts"][0].update(generatorURL=None, fingerprint=12, ruleUID=False, silenceURL=[]),
    ],
)
def test_one_odd_value_refuses_nothing(change):
    body = json.loads(alertmanager_body())
    change(body)

    notification = parse(ALERTMANAGER, json.dumps(body).encode(), NOW)

    assert [alert.firing for alert in notification.alerts] == [True]
    assert (notification.truncated, notification.unreadable) == (0, 0)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2, "2"),
        (2.5, "2.5"),
        (True, "true"),
        (False, "false"),
        (None, ""),
        (["a", 1], '["a", 1]'),
        ({"a": "b"}, '{"a": "b"}'),
    ],
)
def test_a_value_that_is_no_text_becomes_one(value, text):
    body = json.loads(alertmanager_body())
    body["alerts"][0]["labels"]["replica"] = value
    body["alerts"][0]["annotations"]["summary"] = value

    alert = parse(ALERTMANAGER, json.dumps(body).encode(), NOW).alerts[0]

    assert (alert.labels["replica"], alert.annotations["summary"]) == (text, text)


@pytest.mark.parametrize(
    "told", [1795478400, "1795478400", 1795478400.0, 1795478400000, 1795478400000000, 1795478400000000000]
)
def test_a_time_may_be_counted_since_the_epoch(told):
    body = json.loads(alertmanager_body())
    body["alerts"][0]["startsAt"] = told
    began = datetime.fromtimestamp(1795478400, UTC)

    assert parse(ALERTMANAGER, json.dumps(body).encode(), began + timedelta(hours=1)).alerts[0].starts_at == began


@pytest.mark.parametrize("told", ["2026-01-02T03.5Z", "2026-01-02 03:04,5Z", "20260102T0304.5Z"])
def test_half_an_hour_is_not_taken_for_half_a_second(told):
    body = json.loads(alertmanager_body())
    body["alerts"][0]["startsAt"] = told

    assert parse(ALERTMANAGER, json.dumps(body).encode(), NOW).alerts[0].starts_at == NOW


def test_an_alert_that_begins_in_the_future_has_begun_when_it_came():
    body = json.loads(alertmanager_body())
    body["alerts"][0]["startsAt"] = "2199-01-01T00:00:00Z"

    assert parse(ALERTMANAGER, json.dumps(body).encode(), NOW).alerts[0].starts_at == NOW


def test_what_cannot_be_read_is_counted_and_the_rest_is_kept():
    body = json.loads(alertmanager_body())
    body["alerts"] = ["x", {**body["alerts"][0], "status": "pending"}, *body["alerts"]]
    body["truncatedAlerts"] = 3

    notification = parse(ALERTMANAGER, json.dumps(body).encode(), NOW)

    assert [alert.name for alert in notification.alerts] == [
        json.loads(alertmanager_body())["alerts"][0]["labels"]["alertname"]
    ]
    assert (notification.truncated, notification.unreadable) == (5, 2)


def test_what_stands_behind_the_alerts_says_what_they_do_not():
    alerts = [{"labels": {"alertname": "A"}}, {"labels": {"alertname": "B"}, "status": "resolved"}]
    body = {"alerts": alerts, "status": "firing", "groupKey": "webhook-57c6d9296de2ad39-1700000000"}

    notification = parse(GRAFANA, json.dumps(body).encode(), NOW)

    assert [(alert.name, alert.firing, alert.is_test) for alert in notification.alerts] == [
        ("A", True, True),
        ("B", False, True),
    ]


def test_of_more_alerts_than_a_card_can_hold_the_first_are_kept_and_the_rest_is_counted():
    body = json.loads(alertmanager_body())
    one = body["alerts"][0]
    body["alerts"] = [{**one, "fingerprint": f"{number:016x}"} for number in range(5_007)]

    notification = parse(ALERTMANAGER, json.dumps(body).encode(), NOW)

    assert (len(notification.alerts), notification.truncated) == (5_000, 7)


def test_two_organisations_of_one_grafana_are_two_groups_and_the_first_keeps_its_key():
    body = json.loads(alertmanager_body())

    def key(**more):
        return parse(GRAFANA, json.dumps(body | more).encode(), NOW).group_key

    assert key() == key(orgId=1) == key(orgId="1")
    assert key(orgId=2) != key()


@pytest.mark.parametrize("body", [b"", b"no", b"[]", b"7", b"\xff\xfe", b"[" * 100_000, b'{"alerts": [' * 5_000])
def test_what_is_no_notification_is_refused(body):
    with pytest.raises(InvalidNotification):
        parse(GRAFANA, body, NOW)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
alert_fields = st.sampled_from(
    [
        "status",
        "labels",
        "annotations",
        "startsAt",
        "endsAt",
        "generatorURL",
        "fingerprint",
        "values",
        "silenceURL",
        "ruleUID",
    ]
)
top_fields = st.sampled_from(
    ["alerts", "groupKey", "groupLabels", "truncatedAlerts", "commonLabels", "receiver", "externalURL"]
)


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_but_our_own_error(body):
    read_or_refuse(body)


@given(json_values)
def test_no_json_raises_anything_but_our_own_error(value):
    read_or_refuse(json.dumps(value).encode())


@given(st.dictionaries(alert_fields, json_values), st.dictionaries(top_fields, json_values))
def test_no_damaged_notification_raises_anything_but_our_own_error(alert, top):
    body = json.loads(alertmanager_body())
    body["alerts"][0].update(alert)
    body.update(top)

    read_or_refuse(json.dumps(body).encode())


@given(st.dictionaries(st.text(), st.text()), st.text())
def test_any_label_set_is_readable_and_can_be_stored(labels, url):
    body = json.loads(alertmanager_body())
    body["alerts"][0].update(labels=labels, generatorURL=url, silenceURL=url)

    alert = parse(ALERTMANAGER, json.dumps(body).encode(), NOW).alerts[0]

    assert json.dumps(dict(alert.labels)).encode("utf-8")
    assert all("\x00" not in part for pair in alert.labels.items() for part in pair)
    assert alert.name
    assert alert.instance


def read_or_refuse(body: bytes) -> None:
    for source in (GRAFANA, ALERTMANAGER):
        try:
            parse(source, body, NOW)
        except InvalidNotification as error:
            assert error.field  # noqa: PT017
