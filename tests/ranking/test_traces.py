"""Spans into hits: who is slow, who fails, who is no longer reached."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.telemetry import Span
from bot.ranking.traces import trace_hits

FIRED = 1_790_000_000.0
ONSET = FIRED - 120
STRETCHES = ((FIRED - 900, FIRED + 60),)
STARTS = [FIRED - 900 + 4 * n for n in range(240)]


def request(
    at: float,
    callees: dict[str, tuple[float, float]],
    own: float = 10.0,
    caller: str = "shop",
    failed: frozenset[str] = frozenset(),
) -> list[Span]:
    """One call of `caller`; of each callee how long its own work takes and how long is lost on the way (ms)."""
    trace = f"{caller}{at}"
    took = own + sum(sum(each) for each in callees.values())
    made = [Span(trace, f"{trace}.", "", caller, "GET /", at, took, caller in failed, "server")]
    for callee, (work, way) in callees.items():
        bad = callee in failed
        made.append(
            Span(trace, f"{trace}>{callee}", f"{trace}.", caller, f"GET {callee}", at, work + way, bad, "client")
        )
        made.append(Span(trace, f"{trace}.{callee}", f"{trace}>{callee}", callee, "work", at, work, bad, "server"))
    return made


def spans(before: dict[str, tuple[float, float]], after: dict[str, tuple[float, float]], own: float = 10.0, **more):
    """Requests every four seconds that change at the onset; a little honest noise on all."""
    made: list[Span] = []
    for n, at in enumerate(STARTS):
        since = at >= ONSET
        mood = 1 + 0.05 * (n % 5)
        told = {name: (work * mood, way * mood) for name, (work, way) in (after if since else before).items()}
        made += request(at, told, (own if since else 10.0) * mood, **(more if since else {}))
    return made


def strongest(told: list[Span]) -> tuple[str, str, str]:
    hit = max(trace_hits(told, FIRED, STRETCHES), key=lambda hit: hit.strength)
    return hit.blames, hit.key, hit.mechanism


FINE = {"stock": (20.0, 2.0), "mail": (20.0, 2.0)}


def test_nothing_is_said_of_what_goes_on_as_before():
    assert trace_hits(spans(FINE, FINE), FIRED, STRETCHES) == []
    assert trace_hits([], FIRED, STRETCHES) == []


def test_time_that_is_lost_inside_is_of_that_service_and_not_of_its_caller():
    (hit,) = trace_hits(spans(FINE, FINE | {"stock": (400.0, 2.0)}), FIRED, STRETCHES)

    assert (hit.blames, hit.key, hit.values["operation"]) == ("stock", "span-slow", "work")
    assert ONSET - 31 <= hit.at <= FIRED + 31
    assert float(hit.values["after"]) > 10 * float(hit.values["before"])


def test_time_that_is_lost_on_the_way_speaks_against_the_callee():
    assert strongest(spans(FINE, FINE | {"stock": (20.0, 400.0)})) == ("stock", "edge-slow", "network")


def test_who_is_slow_towards_everybody_is_slow_itself():
    hits = trace_hits(spans(FINE, dict.fromkeys(FINE, (20.0, 400.0))), FIRED, STRETCHES)

    assert {(hit.blames, hit.mechanism) for hit in hits if hit.key == "edge-slow"} == {("shop", "cpu")}


def test_an_edge_of_one_that_is_fine_towards_others_says_less():
    def slow(*callers: str) -> float:
        ways = [400.0 if "web" in callers and at >= ONSET else 2.0 for at in STARTS]
        made = [
            each
            for at, way in zip(STARTS, ways, strict=True)
            for each in request(at, {"stock": (20.0, way)}, caller="web")
        ]
        told = [*spans({"stock": (20.0, 2.0)}, {"stock": (20.0, 400.0)}), *made]
        return max(hit.strength for hit in trace_hits(told, FIRED, STRETCHES) if hit.values.get("caller") == "shop")

    assert slow("shop") < slow("shop", "web")


def test_who_waits_for_somebody_without_spans_depends_on_him():
    def outside(ms: float, at: float) -> list[Span]:
        trace = f"b{at}"
        return [
            Span(trace, f"{trace}a", "", "shop", "GET /", at, ms + 5, False, "server"),
            Span(trace, f"{trace}b", f"{trace}a", "shop", "POST bank", at, ms, False, "client"),
        ]

    told = [each for at in STARTS for each in outside(500.0 if at >= ONSET else 20.0, at)]

    assert strongest(told) == ("shop", "span-waits", "dependency")


def test_of_a_failed_call_the_deepest_is_blamed():
    told = spans(FINE, FINE, failed=frozenset({"shop", "stock"}))

    failed = [hit for hit in trace_hits(told, FIRED, STRETCHES) if hit.key == "span-failed"]

    assert [(hit.blames, hit.mechanism) for hit in failed] == [("stock", "errors")]
    assert (failed[0].values["failed"], failed[0].values["before"]) == (failed[0].values["total"], "0")


def test_calls_that_no_longer_arrive_speak_against_who_does_not_answer():
    made = spans(FINE, FINE)
    lost = [each for each in made if each.service != "stock" or each.start < ONSET]

    hits = [hit for hit in trace_hits(lost, FIRED, STRETCHES) if hit.key == "calls-missing"]

    assert [(hit.blames, hit.mechanism, hit.values["caller"]) for hit in hits] == [("stock", "unavailable", "shop")]
    assert (hits[0].values["before"], hits[0].values["after"]) == ("100", "0")


def part(share: int) -> float:
    made = spans(FINE, FINE)
    lost = [each for n, each in enumerate(made) if each.service != "stock" or each.start < ONSET or each.start % share]
    return max((hit.strength for hit in trace_hits(lost, FIRED, STRETCHES) if hit.key == "calls-missing"), default=0.0)


def test_a_part_that_is_missing_says_less_than_all():
    assert part(8) < part(1)


@settings(max_examples=25)
@given(st.integers(-10_000_000, 10_000_000), st.randoms(use_true_random=False))
def test_neither_the_order_of_spans_nor_the_day_nor_names_mean_anything(shift, random: Random):
    told = spans(FINE, FINE | {"stock": (400.0, 200.0)}, failed=frozenset({"mail"}))
    names = {"shop": "z", "stock": "a", "mail": "m"}
    moved = [replace(each, start=each.start + shift, service=names[each.service]) for each in told]
    random.shuffle(moved)

    found = trace_hits(moved, FIRED + shift, [(low + shift, high + shift) for low, high in STRETCHES])
    plain = trace_hits(told, FIRED, STRETCHES)

    assert sorted((hit.blames, hit.key, hit.strength, hit.at - shift) for hit in found) == sorted(
        (names[hit.blames], hit.key, hit.strength, hit.at) for hit in plain
    )


@settings(max_examples=25)
@given(st.sampled_from(["work", "way"]), st.floats(20, 2000), st.floats(1.1, 5))
def test_slower_never_lowers_it(where, ms, more):
    def strength(slow: float) -> float:
        stock = (slow, 2.0) if where == "work" else (20.0, slow)
        hits = trace_hits(spans(FINE, FINE | {"stock": stock}), FIRED, STRETCHES)
        return max((hit.strength for hit in hits if hit.blames == "stock"), default=0.0)

    assert strength(ms) <= strength(ms * more)


@settings(max_examples=20)
@given(st.integers(1, 5), st.integers(2, 4))
def test_more_failures_never_lower_it(every, fewer):
    def strength(step: int) -> float:
        bad = set([at for at in STARTS if at >= ONSET][::step])
        told = [
            each
            for at in STARTS
            for each in request(at, FINE, failed=frozenset({"stock"}) if at in bad else frozenset())
        ]
        return max((hit.strength for hit in trace_hits(told, FIRED, STRETCHES)), default=0.0)

    assert strength(every * fewer) <= strength(every)


def test_a_caller_that_gave_up_did_not_fail_by_itself():
    def impatient(at: float) -> list[Span]:
        calm = at < ONSET
        caller, client, server = request(at, {"stock": (20.0, 2.0)})
        if calm:
            return [caller, client, server]
        return [
            replace(caller, duration_ms=3010.0, failed=True),
            replace(client, duration_ms=3000.0, failed=True),
            replace(server, duration_ms=7000.0),
        ]

    hits = trace_hits([each for at in STARTS for each in impatient(at)], FIRED, STRETCHES)

    assert {(hit.blames, hit.key) for hit in hits} == {("stock", "span-slow")}


def unanswered(operation: str, kind: str = "") -> list[Span]:
    """Calls of `web` that all end well, and from the onset on all fail, with nothing below them."""
    times = [at for start, end in STRETCHES for at in range(int(start), int(end))]
    return [Span(f"t{at}", f"s{at}", "", "web", operation, at, 20.0, at >= FIRED - 60, kind) for at in times]


@pytest.mark.parametrize(
    ("operation", "kind", "blamed", "key"),
    [
        ("reviews.default.svc.cluster.local:9080/*", "", "reviews", "call-failed"),
        ("reviews.default.svc.cluster.local:9080/*", "client", "reviews", "call-failed"),
        ("GET http://reviews:9080/1", "internal", "reviews", "call-failed"),
        ("GET /reviews/1", "client", "reviews", "call-failed"),
        # What web itself serves below such a path, or may serve.
        ("GET /reviews/1", "server", "web", "span-failed"),
        ("GET /reviews/1", "", "web", "span-failed"),
        ("reviews", "internal", "web", "span-failed"),
        ("reviews.default.svc.cluster.local:9080/*", "server", "web", "span-failed"),
        ("SELECT shop.reviews", "client", "web", "span-failed"),
        ("GET /reviews-v2", "client", "web", "span-failed"),
    ],
)
def test_a_call_that_fails_with_nothing_below_it_accuses_whom_it_names(operation, kind, blamed, key):
    hits = [
        hit
        for hit in trace_hits(unanswered(operation, kind), FIRED, STRETCHES, names=("web", "reviews"))
        if "failed" in hit.key
    ]

    assert [(hit.blames, hit.key) for hit in hits] == [(blamed, key)]


def test_a_call_below_which_its_callee_wrote_fails_by_itself():
    told = unanswered("GET /reviews", "client")
    below = [
        replace(each, span_id=f"b{each.span_id}", parent_id=each.span_id, service="reviews", failed=False)
        for each in told
    ]

    hits = trace_hits([*told, *below], FIRED, STRETCHES, names=("web", "reviews"))

    assert "call-failed" not in {hit.key for hit in hits}


@pytest.mark.parametrize(
    ("operation", "key", "mechanism"),
    [
        ("HikariPool.getConnection", "span-held", "pool"),
        ("pg-pool.connect", "span-held", "pool"),
        ("acquire connection", "span-held", "pool"),
        ("SELECT shop", "span-slow", "latency"),
        ("pooled ride", "span-slow", "latency"),
    ],
)
def test_who_waits_for_a_connection_of_a_pool_is_not_slow_itself(operation, key, mechanism):
    took = [(each, 900.0 if each.failed else 2.0) for each in unanswered(operation)]
    slow = [replace(each, duration_ms=duration, failed=False) for each, duration in took]

    assert [(hit.key, hit.mechanism) for hit in trace_hits(slow, FIRED, STRETCHES)] == [(key, mechanism)]


def test_a_pool_that_gives_no_connection_is_what_fails():
    [hit] = trace_hits(unanswered("HikariPool.getConnection"), FIRED, STRETCHES)

    assert (hit.key, hit.mechanism) == ("span-failed", "pool")
