"""Deviations of series into hits: how strong, in which words, and which mechanism their names speak of."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.telemetry import MetricKind, Observations, Series
from bot.ranking.metrics import Deviation
from bot.ranking.topology import metric_hits

FIRED = 1_790_000_000.0
KINDS = st.sampled_from(list(MetricKind))


def deviation(kind: MetricKind = MetricKind.LATENCY, z: float = 8.0, name: str = "p99", **changes: float) -> Deviation:
    series = Series("shop", name, kind, [(FIRED - 60, 1.0)], "s", "rate(x[5m])")
    fields = {"onset": FIRED - 90, "before": 0.2, "after": 2.0, "now": 2.5, "top": 0.0, **changes}
    return Deviation(series, z, **fields)


def hits(*found: Deviation, kind: MetricKind = MetricKind.LATENCY):
    return metric_hits(Observations("shop", kind, FIRED), {"shop": list(found)})


def strength(left: Deviation, kind: MetricKind = MetricKind.LATENCY) -> float:
    return max((hit.strength for hit in hits(left, kind=kind)), default=0.0)


def test_a_hit_tells_since_when_from_what_to_what_and_where_to_see_it():
    (hit,) = hits(deviation())

    assert (hit.blames, hit.at, hit.key, hit.mechanism) == ("shop", FIRED - 90, "metric-rose", "latency")
    assert (hit.values, hit.query) == ({"metric": "p99", "before": "200 ms", "after": "2.5 s"}, "rate(x[5m])")


@given(KINDS, KINDS, st.floats(-5, 40), st.floats(0.01, 40), st.floats(0, 1))
def test_standing_farther_out_never_lowers_it(kind, alert, z, more, ramp):
    low, high = (deviation(kind, each, ramp=ramp) for each in (z, z + more))

    assert 0 <= strength(low, alert) <= strength(high, alert) <= 1


@given(KINDS, st.floats(0, 0.99), st.floats(0.01, 1))
def test_a_clearer_ramp_never_lowers_it(kind, ramp, more):
    assert strength(deviation(kind, 0.0, ramp=ramp)) <= strength(deviation(kind, 0.0, ramp=min(1.0, ramp + more)))


@given(st.lists(st.tuples(KINDS, st.floats(0, 30)), max_size=8), st.randoms())
def test_neither_order_nor_names_move_a_strength(told, random):
    found = [deviation(kind, z, name=f"m{at}") for at, (kind, z) in enumerate(told)]
    shuffled = [replace(each, series=replace(each.series, service="zz")) for each in found]
    random.shuffle(shuffled)

    assert sorted(hit.strength for hit in hits(*found)) == sorted(hit.strength for hit in hits(*shuffled))


@pytest.mark.parametrize(
    ("before", "now", "says_it_all"),
    [(0.46, 0.97, True), (0.46, 0.7, False), (0.88, 0.97, False)],
    ids=["full", "half full", "nearly as full as ever"],
)
def test_what_has_filled_up_says_it_all_from_few_samples(before, now, says_it_all):
    heap = deviation(MetricKind.SATURATION, z=2.5, name="jvm heap", before=before, now=now, after=now, top=1.0)

    assert (strength(heap, MetricKind.SATURATION) > 0.7) is says_it_all


@pytest.mark.parametrize("z", [-20.0, 0.0, 1.0])
def test_what_stays_in_its_normal_says_nothing(z):
    assert hits(deviation(z=z)) == []


@pytest.mark.parametrize("kind", [MetricKind.TRAFFIC, MetricKind.OTHER])
def test_a_surge_of_traffic_says_less_than_what_the_alert_complains_of(kind):
    assert 0 < strength(deviation(kind)) < 0.5 * strength(deviation(MetricKind.LATENCY))


def test_what_the_alert_does_not_complain_of_is_told_of_after_what_it_does():
    errors = deviation(MetricKind.ERRORS)

    assert 0 < strength(errors, MetricKind.SATURATION) < strength(errors, MetricKind.ERRORS)
    assert strength(errors, MetricKind.OTHER) == strength(errors, MetricKind.ERRORS)


@pytest.mark.parametrize(("lost", "mechanism"), [(0.1, "errors"), (0.9, "unavailable")])
def test_of_an_availability_a_person_reads_what_is_left(lost, mechanism):
    (hit,) = hits(deviation(MetricKind.AVAILABILITY, name="up", before=0.0, after=lost, now=lost, top=1.0))

    assert (hit.key, hit.mechanism) == ("metric-fell", mechanism)
    assert (hit.values["before"], hit.values["after"]) == ("1 s", f"{1000 * (1 - lost):.0f} ms")


@pytest.mark.parametrize(
    ("name", "mechanism"),
    [
        ("JVM heap used", "memory"),
        ("jvm_memory_pool_bytes", "memory"),
        ("hikaricp pending", "pool"),
        ("database connections", "pool"),
        ("cpu", "cpu"),
        ("filesystem used", "disk"),
        ("threads", "saturation"),
    ],
)
def test_the_name_of_a_series_tells_more_than_its_kind(name, mechanism):
    (hit,) = hits(deviation(MetricKind.SATURATION, name=name))

    assert hit.mechanism == mechanism


def test_what_is_far_from_full_says_less_than_what_is_full():
    almost, half = (
        deviation(MetricKind.SATURATION, name="memory used", before=0.1, after=after, now=after, top=1.0)
        for after in (0.95, 0.3)
    )

    assert strength(half, MetricKind.SATURATION) < strength(almost, MetricKind.SATURATION)


@pytest.mark.parametrize(
    ("before", "after", "top", "noticed"),
    [
        (0.244, 0.290, 0.0, False),
        (0.221, 0.227, 0.0, False),
        (0.290, 0.244, 0.0, False),
        (0.244, 0.488, 0.0, True),
        (0.0, 0.1, 0.0, True),
        (0.93, 0.99, 1.0, True),
    ],
)
def test_a_few_per_cent_are_noticed_only_of_what_can_be_full(before, after, top, noticed):
    (hit,) = hits(deviation(before=before, now=after, top=top))

    assert hit.noticed is noticed


def test_what_is_told_of_a_mechanism_fits_its_evidence():
    less = deviation(MetricKind.TRAFFIC, 20.0, "requests", before=10.0, after=1.0, now=1.0, falls=True)
    some = deviation(MetricKind.TRAFFIC, 20.0, "requests", before=10.0, after=7.0, now=7.0, falls=True)
    better = deviation(MetricKind.LATENCY, 20.0, before=2.0, after=0.9, now=0.9)
    in_use, waiting = (
        deviation(MetricKind.SATURATION, 20.0, name, before=0.0, after=0.6, now=0.7)
        for name in ("db_pool_in_use_count", "db_pool_pending_count")
    )

    told = [hits(each)[0] for each in (less, some, better, in_use, waiting)]

    assert [each.mechanism for each in told] == ["unavailable", "unknown", "latency", "unknown", "pool"]
    # That it became faster is no evidence.
    assert [each.noticed for each in told] == [True, True, False, True, True]


def test_what_is_refused_a_resource_is_at_its_limit():
    used = deviation(MetricKind.SATURATION, 40.0, "container_cpu_usage_cores")
    (refused,) = hits(replace(used, series=replace(used.series, name="container_cpu_cfs_throttled_seconds")))

    assert refused.mechanism == "cpu"
    assert refused.strength > 1.5 * strength(used)


def test_more_bytes_for_the_same_requests_are_no_traffic_to_be_asked_for():
    (moved,) = hits(deviation(MetricKind.TRAFFIC, 40.0, "network_receive_bytes"))
    (asked,) = hits(deviation(MetricKind.TRAFFIC, 40.0, "requests_per_second"))

    assert (moved.mechanism, asked.mechanism) == ("unknown", "traffic")
