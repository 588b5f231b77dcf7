"""The baselines are those that were published: the same figures on the same cases, and the same tricks on small ones."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bench.baselines import BASELINES, alerting_first, baro, by_chance, candidates, n_sigma
from bench.cases import folders, load
from bench.scoring import figures, judged_scores
from bench.truths import truth
from bot.domain.telemetry import MetricKind, Observations, Series
from tests.bench.folders import FIRED_AT, GIVEN, write_case


def observed(**series):
    """Sixty normal samples a minute apart, then four at the alert."""
    return Observations(
        "a",
        MetricKind.LATENCY,
        60 * 72.0,
        series=[
            Series(name, "x", MetricKind.OTHER, [(60.0 * at, value) for at, value in zip([*range(60), *range(70, 74)], values, strict=True)])
            for name, values in series.items()
        ],
    )  # fmt: skip


def test_mean_and_deviation_median_and_quartiles():
    seen = observed(a=[*[1.0, 3.0] * 30, 2, 12, 2, 2])

    assert n_sigma(seen) == {"a": pytest.approx(10.0)}
    # Median 2, quartiles 1 and 3.
    assert baro(seen) == {"a": pytest.approx(5.0)}


def test_a_spread_of_zero_counts_as_one_and_a_constant_is_dropped():
    steady = [*[5.0] * 58, 5.0, 6.0, 5, 9, 5, 5]

    assert baro(observed(a=steady)) == {"a": pytest.approx(4.0)}
    assert baro(observed(a=[*[5.0] * 60, 9, 9, 9, 9])) == n_sigma(observed(a=[*[5.0] * 60, 9, 9, 9, 9])) == {}


def test_only_what_rises_counts_and_only_within_the_window():
    falls = observed(a=[*[1.0, 3.0] * 30, -50, -50, -50, -50])
    after = replace(observed(a=[*[1.0, 3.0] * 30, 2, 2, 2, 99]), fired_at=60.0 * 69)

    assert n_sigma(falls)["a"] < 0
    assert n_sigma(after)["a"] == pytest.approx(0.0)


def test_the_latest_deploy_before_the_alert_is_blamed_and_always_none_blames_nobody(tmp_path):
    changes = [
        {"at": at, "service": service, "kind": kind, "id": service, "text": ""}
        for at, service, kind in ((10, "web", "deploy"), (20, "stock", "deploy"), (30, "cart", "flag"))
    ]
    late = {"at": FIRED_AT + 1, "service": "db", "kind": "deploy", "id": "db", "text": ""}
    seen = load(write_case(tmp_path / "case", changes=[*changes, late]))
    latest = BASELINES["latest-deploy"]

    blamed = latest.blames(seen)

    assert blamed
    assert blamed.id == "stock"
    assert max(latest.scores(seen), key=latest.scores(seen).get) == "stock"
    assert BASELINES["always-none"].blames(seen) is None
    assert BASELINES["always-none"].alarm > 1e300


def test_who_blames_an_innocent_change_does_harm(tmp_path):
    change = {"culprit_change": "abc", "decoy_changes": ["xyz"]}
    told = {"root_service": "stock", "fault_kind": "deploy", "healthy": False, **change}
    real = truth(write_case(tmp_path / "case", truth=told))
    blamed = {name: judged_scores("case", {}, 0.0, real, (), 0.0, 0.0, name) for name in ("abc", "xyz", None)}

    assert [each.harmful for each in blamed.values()] == [False, True, False]
    assert [each.culprit_found for each in blamed.values()] == [True, False, False]
    assert figures([blamed["xyz"]])["decoys_blamed"] == 1


def test_chance_ties_all_and_the_alerting_one_is_first(tmp_path):
    seen = load(write_case(tmp_path / "x"))

    assert by_chance(seen) == dict.fromkeys(candidates(seen), 0.0)
    assert max(alerting_first(seen), key=alerting_first(seen).__getitem__) == "web"
    assert candidates(seen) == {"web", "cart", "orders", "stock", "db"}


PUBLISHED = {
    "n-sigma": "N-Sigma, only fired_at",
    "baro": "robust scorer (BARO form), only fired_at",
    "random": "random",
    "alerting-first": "alerting service first",
}


# Reading a case takes longer than scoring it, so each is read once.
@pytest.mark.timeout(900)
@pytest.mark.skipif(not GIVEN.exists(), reason="the cases are kept beside the checkout, and are not here")
def test_the_figures_are_those_measured_by_others_on_these_cases():
    known = json.loads((GIVEN / "baselines.json").read_text("utf-8"))
    checked = set[str]()
    for suite, cases in folders(GIVEN).items():
        methods = known[suite]["methods"]
        wanted = {name: published for name, published in PUBLISHED.items() if published in methods}
        outcomes = {name: [] for name in wanted}
        for case in cases:
            seen, real = load(case), truth(case)
            for name, judged in outcomes.items():
                baseline = BASELINES[name]
                judged.append(
                    judged_scores(case.name, baseline.scores(seen), baseline.alarm, real, candidates(seen), 0, 0)
                )
        found = {name: {key: figures(each)[key] for key in ("ac1", "ac3", "avg5")} for name, each in outcomes.items()}

        assert found == {name: pytest.approx(methods[published], abs=6e-4) for name, published in wanted.items()}
        checked |= wanted.keys()
    assert checked == PUBLISHED.keys()
