"""What must not move a ranking: units, a shift in time, the order of series and services, their names; and what must not lower one."""

from dataclasses import replace
from random import Random

import pytest

from bench.cases import load
from bench.generator.incident import made, written
from bench.perturb import injection
from bot.domain.telemetry import MetricKind, Observations
from bot.ranking.rank import rank


@pytest.fixture(scope="module")
def incidents(tmp_path_factory) -> list[Observations]:
    folder = tmp_path_factory.mktemp("cases")
    loaded = [load(written(made(23, number), folder / str(number))) for number in range(12)]
    return [replace(each, lines=(), log_windows=()) for each in loaded]


def places(seen: Observations) -> list[tuple[str, float]]:
    return [(each.service, round(each.score, 3)) for each in rank(seen).suspects[:5]]


def test_milliseconds_rank_as_seconds_do(incidents):
    for seen in incidents:
        in_ms = [
            replace(each, unit="ms", points=[(at, 1000 * value) for at, value in each.points])
            if each.kind is MetricKind.LATENCY and each.unit == "s"
            else each
            for each in seen.series
        ]

        assert places(replace(seen, series=in_ms)) == places(seen)


def test_the_order_of_series_and_edges_means_nothing(incidents):
    for seen in incidents:
        series, edges = list(seen.series), list(seen.edges)
        Random(5).shuffle(series)
        Random(6).shuffle(edges)

        assert places(replace(seen, series=series, edges=edges)) == places(seen)


def test_a_day_later_it_is_the_same(incidents):
    for seen in incidents:
        day = 86_400.0
        later = replace(
            seen,
            fired_at=seen.fired_at + day,
            series=[replace(each, points=[(at + day, value) for at, value in each.points]) for each in seen.series],
            spans=[replace(each, start=each.start + day) for each in seen.spans],
            span_windows=[(start + day, end + day) for start, end in seen.span_windows],
            changes=[replace(each, at=each.at + day) for each in seen.changes],
        )

        assert places(later) == places(seen)


def test_other_names_get_the_same_places(incidents):
    for seen in incidents:
        other = {name: f"z{place:03d}" for place, name in enumerate(sorted(_names(seen), reverse=True))}
        renamed = replace(
            seen,
            service=other.get(seen.service or ""),
            series=[replace(each, service=other[each.service]) for each in seen.series],
            spans=[replace(each, service=other[each.service]) for each in seen.spans],
            edges=[(other[caller], other[callee]) for caller, callee in seen.edges],
            changes=[replace(each, service=other.get(each.service or "")) for each in seen.changes],
        )

        assert [score for _, score in places(renamed)] == [score for _, score in places(seen)]


def test_more_evidence_never_lowers_a_service(incidents):
    for seen in incidents:
        ranking = rank(seen)
        if not ranking.suspects or not seen.series:
            continue
        name = ranking.suspects[0].service
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
