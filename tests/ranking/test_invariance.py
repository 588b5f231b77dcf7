"""What must not move a ranking: units, a shift in time, the order of series and services, their names; and what must not lower one."""

import re
from dataclasses import replace
from random import Random

import pytest

from bench.cases import load
from bench.generator.incident import made, written
from bench.perturb import asked, injection, second_fault
from bench.truths import truth
from bot.domain.telemetry import MetricKind, Observations
from bot.ranking.rank import rank


@pytest.fixture(scope="module")
def incidents(tmp_path_factory) -> list[tuple[Observations, list[tuple[str, float]]]]:
    """What was seen, and how it ranks."""
    folder = tmp_path_factory.mktemp("cases")
    loaded = [load(written(made(23, number), folder / str(number))) for number in range(12)]
    seen = [replace(each, lines=(), log_windows=()) for each in loaded]
    return [(each, places(each)) for each in seen]


@pytest.fixture(scope="module")
def incidents_with_time(tmp_path_factory) -> list[tuple[Observations, str]]:
    """What is known by series alone, and which service is to be found."""
    folder = tmp_path_factory.mktemp("timed")
    cases = [written(made(31, number, "series"), folder / str(number)) for number in range(24)]
    return [(load(case), root) for case in cases if (root := truth(case).root)]


def first(seen: Observations) -> str:
    return rank(seen).suspects[0].service


def places(seen: Observations) -> list[tuple[str, float]]:
    return [(each.service, round(each.score, 3)) for each in rank(seen).suspects[:5]]


def test_milliseconds_rank_as_seconds_do(incidents):
    for seen, ranked in incidents:
        in_ms = [
            replace(each, unit="ms", points=[(at, 1000 * value) for at, value in each.points])
            if each.kind is MetricKind.LATENCY and each.unit == "s"
            else each
            for each in seen.series
        ]

        assert places(replace(seen, series=in_ms)) == ranked


def test_the_order_of_series_and_edges_means_nothing(incidents):
    for seen, ranked in incidents:
        series, edges = list(seen.series), list(seen.edges)
        Random(5).shuffle(series)
        Random(6).shuffle(edges)

        assert places(replace(seen, series=series, edges=edges)) == ranked


def test_a_day_later_it_is_the_same(incidents):
    for seen, ranked in incidents:
        day = 86_400.0
        later = replace(
            seen,
            fired_at=seen.fired_at + day,
            series=[replace(each, points=[(at + day, value) for at, value in each.points]) for each in seen.series],
            spans=[replace(each, start=each.start + day) for each in seen.spans],
            span_windows=[(start + day, end + day) for start, end in seen.span_windows],
            changes=[replace(each, at=each.at + day) for each in seen.changes],
        )

        assert places(later) == ranked


def test_other_names_get_the_same_places(incidents):
    for seen, ranked in incidents:
        other = {name: f"z{place:03d}" for place, name in enumerate(sorted(_names(seen), reverse=True))}
        words = re.compile("|".join(map(re.escape, sorted(other, key=len, reverse=True))))
        renamed = replace(
            seen,
            service=other.get(seen.service or ""),
            series=[replace(each, service=other[each.service]) for each in seen.series],
            spans=[
                replace(
                    each,
                    service=other[each.service],
                    operation=words.sub(lambda name, other=other: other[name[0]], each.operation),
                )
                for each in seen.spans
            ],
            edges=[(other[caller], other[callee]) for caller, callee in seen.edges],
            changes=[replace(each, service=other.get(each.service or "")) for each in seen.changes],
        )

        assert [score for _, score in places(renamed)] == [score for _, score in ranked]


def test_more_evidence_never_lowers_a_service(incidents):
    for seen, ranked in incidents:
        if not ranked or not seen.series:
            continue
        name, _ = ranked[0]
        own = next((each for each in seen.series if each.service == name and each.kind is MetricKind.SATURATION), None)
        if own is None:
            continue
        full = replace(
            own, points=[(at, 1.0 if at > seen.fired_at - 200 else 0.1) for at, _ in own.points], unit="ratio"
        )
        more = rank(replace(seen, series=[*seen.series, replace(full, name="pool_used_ratio")]))

        assert more.suspects[0].service == name


def test_what_an_attacker_writes_moves_no_verdict_and_blames_no_change(tmp_path):
    for number in range(8):
        seen = load(written(made(29, number), tmp_path / str(number)))
        told = injection(seen)

        plain, harder = rank(seen), rank(told)

        assert told.summary != seen.summary
        assert [each.service for each in harder.suspects] == [each.service for each in plain.suspects]
        assert (harder.abstained, harder.culprit, harder.harmless) == (plain.abstained, plain.culprit, plain.harmless)


def _names(seen: Observations) -> set[str]:
    names = {each.service for each in (*seen.series, *seen.spans)} | {name for edge in seen.edges for name in edge}
    return names | ({seen.service} if seen.service else set())


def test_asked_later_no_fewer_are_found(incidents_with_time):
    found = [
        sum(first(cut) == root for seen, root in incidents_with_time if (cut := asked(seconds)(seen) or seen))
        for seconds in (60.0, 180.0, 600.0)
    ]

    assert found[0] - 1 <= found[1]
    assert found[1] - 1 <= found[2]


def test_a_second_fault_hides_hardly_any_first_one(incidents_with_time):
    alone = [(seen, root) for seen, root in incidents_with_time if first(seen) == root and second_fault(seen)]
    kept = [root in [each.service for each in rank(second_fault(seen) or seen).suspects[:3]] for seen, root in alone]

    assert len(kept) >= 5
    assert sum(kept) >= 0.8 * len(kept)
