"""Made incidents: the same from the same seed, readable as any case, of every kind, and not unlike the given suites."""

from __future__ import annotations

import json
import statistics
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest

from bench.cases import folders, load
from bench.generate import generate
from bench.generator.faults import KINDS, chosen
from bench.generator.incident import made, written
from bench.generator.series import Sampling, _times
from bench.generator.system import Role, grown
from bench.truths import truth
from bot.domain.telemetry import Observations
from tests.bench.folders import GIVEN

COUNT = 30
# It is arithmetic that takes seconds; a machine with much else to do may take minutes.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def seen(tmp_path_factory) -> list[Observations]:
    folder = tmp_path_factory.mktemp("cases") / "generated"
    return [load(written(made(11, number), folder / f"g-{number}")) for number in range(COUNT)]


@pytest.fixture(scope="module")
def given() -> list[Observations]:
    return [load(folder) for cases in folders(GIVEN).values() for folder in cases[::6]]


def test_the_same_seed_makes_the_same_incident_and_another_does_not():
    assert made(1, 5) == made(1, 5)
    assert made(1, 5) != made(2, 5)


def test_cases_are_written_where_the_bench_finds_them(tmp_path):
    generate(3, 7, tmp_path / "generated")

    assert [folder.name for folder in folders(tmp_path)["generated"]] == ["g-00000", "g-00001", "g-00002"]


def test_every_kind_occurs_and_some_incidents_are_none():
    kinds = Counter(chosen(Random(number)) for number in range(2000))

    assert len(KINDS) >= 26
    assert set(kinds) == {*KINDS, "nothing"}
    assert 0.05 <= kinds["nothing"] / 2000 <= 0.35, kinds
    # Most of what is drawn is felt by somebody, or there would be no incident of it.
    assert len({made(3, number).truth["fault_kind"] for number in range(20)}) >= 8


def test_the_root_is_somebody_whom_a_ranking_can_name(seen, tmp_path):
    for number in range(12):
        folder = written(made(11, number), tmp_path / str(number))
        root, observed = truth(folder).root, load(folder)
        names = {name for edge in observed.edges for name in edge} | {each.service for each in observed.series}
        # Of a host one may see nothing but what it does to its guests.
        assert root is None or root in names or "-" in root


def test_what_only_the_maker_knows_stands_in_no_file_but_the_truth(tmp_path):
    incident = made(3, 8)
    folder = written(incident, tmp_path / "case")
    kind = incident.truth["fault_kind"]

    told = "".join((folder / name).read_text("utf-8") for name in ("alert.json", "topology.json"))

    assert kind in json.loads((folder / "truth.json").read_text("utf-8"))["fault_kind"]
    assert kind not in told


def test_alerts_are_late_and_sources_are_missing(seen):
    assert {bool(each.lines) for each in seen} == {True, False}
    assert {bool(each.spans) for each in seen} == {True, False}
    assert {bool(each.changes) for each in seen} == {True, False}
    assert len({each.kind for each in seen}) == 3


def test_innocent_changes_speak_the_words_of_the_alert():
    spoken = [
        change["text"]
        for number in range(16)
        for incident in [made(5, number)]
        for change in incident.changes
        if change["kind"] == "commit" and change["id"] in incident.truth.get("decoy_changes", ())
    ]

    assert spoken
    # The others speak the words of its symptoms.
    alike = [any(word in text.lower() for word in ("latency", "error", "availability", "timeout")) for text in spoken]
    assert sum(alike) > len(alike) / 2, spoken


def sizes(seen: list[Observations]) -> dict[str, list[float]]:
    """Return what the suites have in common: sizes, steps, how empty, how constant, how rough series are when well."""
    found: dict[str, list[float]] = {
        name: [] for name in ("services", "rows", "step", "empty", "constant", "rough", "tail")
    }
    for each in seen:
        times = sorted({at for series in each.series for at, _ in series.points})
        if len(times) < 8:
            continue
        found["services"].append(len({series.service for series in each.series}))
        found["rows"].append(len(times))
        found["step"].append(statistics.median(after - before for before, after in pairwise(times)))
        found["empty"].append(statistics.mean(1 - len(series.points) / len(times) for series in each.series))
        values = list(quiet_values(each))
        found["constant"].append(sum(min(own) == max(own) for own in values) / max(1, len(values)))
        moving = [sorted(own) for own in values if min(own) < max(own) and statistics.median(own) > 0]
        if moving:
            found["rough"].append(statistics.median(spread(own) for own in moving))
            found["tail"].append(statistics.median(own[int(0.98 * len(own))] / own[len(own) // 2] for own in moving))
    return found


def quiet_values(seen: Observations) -> Iterator[list[float]]:
    for series in seen.series:
        own = [value for at, value in series.points if at < seen.fired_at - 900]
        if len(own) >= 5:
            yield own


def spread(own: list[float]) -> float:
    return (own[3 * len(own) // 4] - own[len(own) // 4]) / own[len(own) // 2] / 1.35


@pytest.mark.skipif(not GIVEN.exists(), reason="the given cases are not beside the checkout")
def test_sizes_and_roughness_span_those_of_the_given_suites(seen, given):
    made_ones, real = sizes(seen), sizes(given)

    for name, values in real.items():
        ours = sorted(made_ones[name])
        low, high = ours[len(ours) // 50], ours[-1 - len(ours) // 50]
        assert low <= statistics.median(values) <= high, name


def test_systems_have_every_role_and_from_three_to_sixty_components():
    systems = [grown(Random(seed)) for seed in range(200)]

    assert {each.role for system in systems for each in system.components} == set(Role)
    assert min(len(system.components) for system in systems) <= 4
    assert max(len(system.components) for system in systems) >= 50
    assert all(
        system.components[0].name == each.name or each.name in {callee for _, callee in system.edges}
        for system in systems
        for each in system.components
    )


def test_a_family_that_is_held_out_has_its_size_its_step_and_its_sources(tmp_path):
    shop = load(written(made(5, 1, "shop"), tmp_path / "shop"))
    cloud = load(written(made(5, 1, "cloud"), tmp_path / "cloud"))

    assert 10 <= len({each.service for each in shop.series}) <= 12
    assert not shop.lines
    assert not shop.spans
    assert {round(later[0] - before[0], -1) for before, later in pairwise(cloud.series[0].points)} >= {300.0}
    assert len({name for edge in cloud.edges for name in edge}) >= 30


def test_quantiles_are_of_the_same_requests():
    """What is slow for one request in ten is so for one in a hundred; drawn by themselves, each would stray alone."""
    dice, each = Random(3), grown(Random(3)).components[0]
    sampling = Sampling([0.0], 60.0, None, dice, bucketed=False)
    strays = replace(each, stray=0.05, stray_times=100.0)

    rows = [_times(sampling, ("p90", "p95", "p99"), 20.0, strays, 30) for _ in range(200)]

    assert all(low <= middle <= high for low, middle, high in rows)
    assert {max(row) > 4 * min(row) for row in rows} == {True, False}
