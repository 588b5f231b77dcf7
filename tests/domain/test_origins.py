"""Which messages come from one source: replicas do, namesakes do not."""

from __future__ import annotations

import pytest

from bot.domain.origins import organisation_of, origin_of, same_origin


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://alertmanager-6f7c9d8b54-x2x4z:9093", "http://alertmanager-6f7c9d8b54-9qk2m:9093"),
        ("http://3f2a9bc1d2e4:9093", "http://aa00bb11cc22:9093"),
        ("http://grafana-0:3000", "http://grafana-1:3000"),
        ("https://grafana.example/", "https://grafana.example:443"),
        ("https://grafana.example/sub/", "https://grafana.example/sub"),
    ],
)
def test_replicas_are_one_source(one, other):
    assert same_origin(origin_of(one, "1"), origin_of(other, "1"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://am-0:9093", "http://am-1:9093"),
        ("http://am1:9093", "http://am2:9093"),
        ("http://alertmanager-main-0.monitoring.svc:9093", "http://alertmanager-main-12.monitoring.svc:9093/"),
        ("http://prometheus1.example:9093", "https://Prometheus2.example:9093"),
    ],
)
def test_alertmanagers_that_are_counted_are_replicas(one, other):
    assert same_origin(origin_of(one), origin_of(other))


def test_a_grafana_with_a_number_is_itself_also_where_its_organisation_or_its_number_was_not_kept():
    first, second = (origin_of(f"https://grafana{number}.example", "1") for number in (1, 2))

    # As an earlier version stored both, and as it is without an organisation.
    assert same_origin("grafana.example#1", first)
    assert same_origin(second, "grafana.example#1")
    assert same_origin(origin_of("https://grafana1.example"), first)
    assert not same_origin(first, second)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://grafana1.example/", "https://grafana2.example/"),
        ("http://g1:3000/", "http://g2:3000/"),
        ("http://grafana-0.eu.example/", "http://grafana-1.eu.example/"),
        ("https://grafana.prod.example/", "https://grafana.staging.example/"),
        ("http://am-prod:9093", "http://am-staging:9093"),
        ("http://am-eu-0:9093", "http://am-us-0:9093"),
        ("http://10.0.0.1:9093", "http://10.0.0.2:9093"),
        ("http://localhost:3000", "http://localhost:3001"),
        ("https://example/prod", "https://example/staging"),
        ("http://am-0.eu.example", "http://am-0.us.example"),
        ("http://am-0.eu", ""),
    ],
)
def test_namesakes_are_two(one, other):
    assert not same_origin(origin_of(one, "1"), origin_of(other, "1"))


def test_two_organisations_of_one_grafana_are_two_and_an_untold_one_may_be_either():
    first, second, untold = (origin_of("https://grafana.example", each) for each in ("1", "2", ""))

    assert not same_origin(first, second)
    assert same_origin(first, untold)
    assert same_origin(untold, second)
    assert [organisation_of(each) for each in (first, untold, "")] == ["1", "", ""]


@pytest.mark.parametrize(
    "odd", ["", "   ", "http://[::1", "http://h:notaport", "nonsense", "x" * 9000, "http://[::1]:9093"]
)
def test_an_address_that_is_none_is_no_reason_to_fail(odd):
    assert len(origin_of(odd, "1")) <= 500
    assert same_origin(origin_of(odd, "1"), origin_of(odd, "1"))
