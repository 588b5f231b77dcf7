"""What a solver reads of a case, and what it must not."""

from __future__ import annotations

import json
import math

import pytest

from bench.cases import folders, load, stretches, unit_of
from bench.truths import truth
from bot.domain.telemetry import ChangeKind, MetricKind
from tests.bench.folders import FIRED_AT, GIVEN, write_case


def test_a_case_is_read_without_what_only_an_evaluator_knows(tmp_path):
    told = write_case(tmp_path / "told", windows={"incident": [0, 1]})
    untold = write_case(tmp_path / "untold", truth=None)

    assert load(told) == load(untold)
    assert not (untold / "truth.json").exists()


def test_a_case_that_has_an_alert_and_nothing_else_is_a_case(tmp_path):
    folder = write_case(tmp_path / "bare", metrics=None, logs=None, topology=None, truth=None)

    seen = load(folder)

    assert (seen.service, seen.kind, seen.fired_at, seen.summary) == ("web", MetricKind.LATENCY, FIRED_AT, "slow")
    empty = (seen.series, seen.lines, seen.spans, seen.edges, seen.changes, seen.log_windows, seen.span_windows)
    assert not any(empty)
    assert seen.labels == {"n": "5.0"}


@pytest.mark.parametrize(
    ("kind", "read"),
    [
        ("errors", MetricKind.ERRORS),
        ("availability", MetricKind.AVAILABILITY),
        ("saturation", MetricKind.SATURATION),
        ("unknown", MetricKind.OTHER),
        ("of a kind that nobody has thought of", MetricKind.OTHER),
        (None, MetricKind.OTHER),
    ],
)
def test_the_alert_says_what_it_is_about(tmp_path, kind, read):
    folder = write_case(tmp_path / "x", alert={"service": None, "kind": kind, "fired_at": 1})

    assert (load(folder).kind, load(folder).service) == (read, None)


def test_a_column_is_split_at_its_first_bar_and_an_empty_cell_is_no_sample(tmp_path):
    table = "time,a b|heap_bytes|old,c|cpu_percent,d|x,e|y\n1,5,,1,NaN\n2,,2,,3\n3,7,4,,Inf\n"
    folder = write_case(tmp_path / "x", metrics=table)

    series = {(each.service, each.name): each for each in load(folder).series}

    # One sample, or one that is a number, makes no series.
    assert sorted(series) == [("a b", "heap_bytes|old"), ("c", "cpu_percent")]
    assert series["a b", "heap_bytes|old"].points == [(1, 5), (3, 7)]
    assert (series["c", "cpu_percent"].unit, series["c", "cpu_percent"].kind) == ("%", MetricKind.SATURATION)


@pytest.mark.parametrize(
    ("metric", "unit"),
    [
        ("cpu_usage_millicores", "mCPU"),
        ("io_bytes_per_second", "B/s"),
        ("io_bytes", "B"),
        ("read_count_per_second", "/s"),
        ("commit_latency_milliseconds", "ms"),
        ("p99_ms", "ms"),
        ("syscall_read", ""),
    ],
)
def test_the_end_of_a_name_is_the_unit(metric, unit):
    assert unit_of(metric) == unit


def test_lines_spans_and_changes_become_ours(tmp_path):
    folder = write_case(
        tmp_path / "x",
        logs=[
            {"ts": 9, "service": "a", "message": "late", "level": "WARN", "trace_id": "t", "span_id": "s"},
            {"ts": 3, "service": "a", "message": "BackOff", "level": "EVENT", "attrs": {"type": "Warning"}},
            {"ts": 4, "service": "a", "message": "none"},
        ],
        spans=[
            {"trace_id": "t", "span_id": "s", "parent_id": None, "service": "a", "operation": "o", "start": 1,
             "duration_ms": 2, "status": "ERROR"},
            {"trace_id": "t", "span_id": "u", "parent_id": "s", "service": "b", "operation": "o", "start": 2,
             "duration_ms": 1, "status": "OK"},
        ],
        changes=[
            {"at": 5, "service": "a", "kind": "deploy", "id": "c0ffee", "text": "later"},
            {"at": 2, "service": None, "kind": "commit", "id": "c0ffee"},
        ],
    )  # fmt: skip

    seen = load(folder)

    assert [(line.at, line.level, line.trace_id) for line in seen.lines] == [
        (3, "warn", ""),
        (4, "", ""),
        (9, "warn", "t"),
    ]
    assert [(span.parent_id, span.failed) for span in seen.spans] == [("", True), ("s", False)]
    assert [(change.at, change.kind, change.service) for change in seen.changes] == [
        (2, ChangeKind.COMMIT, None),
        (5, ChangeKind.DEPLOY, "a"),
    ]


def test_stretches_end_where_nothing_comes_for_far_longer_than_usual():
    dense = [100.0 + step for step in range(60)]
    later = [5000.0 + step for step in range(60)]
    sparse = [120.0 * step for step in range(60)]

    assert stretches([*dense, *later]) == [(100, 159), (5000, 5059)]
    assert stretches(sparse) == [(0, 120 * 59)]
    assert stretches(dense[:10]) == []


def test_only_what_is_unwell_on_the_platform_makes_a_line(tmp_path):
    well = {
        "name": "shop-1",
        "containers": [{"name": "shop", "ready": True, "restart_count": 1, "state": {"running": True}}],
    }
    waiting = {
        "name": "shop-2",
        "containers": [{"name": "shop", "ready": False, "state": {"reason": "CrashLoopBackOff"}}],
    }
    state = {
        "pods": [well, waiting, {"name": "odd"}],
        "deployments": [{"name": "shop", "desired": 3, "available": 1}, {"name": "ok", "desired": 1, "available": 1}],
        "nodes": [{"name": "n1", "ready": "True", "disk_pressure": "True"}, {"name": "n2", "ready": "False"}],
        "monitors": [
            {"name": "errors", "overall_state": "Alert", "message": "5 %", "tags": ["service:shop"]},
            {"name": "quota", "overall_state": "Alert", "tags": ["plain"]},
            {"name": "fine", "overall_state": "OK", "tags": []},
        ],
        "performance_insights": {"top_sql": []},
    }
    folder = write_case(tmp_path / "x", logs=None, state=state)

    said = [(line.service, line.level, line.message) for line in load(folder).lines]

    assert said == [
        ("shop", "error", "CrashLoopBackOff: container of pod shop-2 is waiting"),
        ("shop", "error", "Deployment shop has 1 of 3 replicas available"),
        ("n1", "warn", "Node n1 is under disk pressure"),
        ("n2", "error", "Node n2 is not ready"),
        ("shop", "warn", "Monitor errors alerts: 5 %"),
        ("web", "warn", "Monitor quota alerts"),
    ]
    assert {line.at for line in load(folder).lines} == {FIRED_AT}


def test_suites_are_the_folders_that_hold_cases_whatever_their_names(tmp_path):
    for name in ("zoo/b", "zoo/a", "x y/1"):
        write_case(tmp_path / name)
    (tmp_path / "zoo" / "notes").mkdir()

    found = folders(tmp_path)

    assert {suite: [case.name for case in cases] for suite, cases in found.items()} == {"x y": ["1"], "zoo": ["a", "b"]}
    assert list(folders(tmp_path, "zoo")) == ["zoo"]


def test_the_truth_of_a_case(tmp_path):
    label = {"root_service": "a", "fault_kind": "f", "healthy": False, "culprit_change": "none", "decoy_changes": ["c"]}

    known = truth(write_case(tmp_path / "x", truth=label))

    assert (known.root, known.fault, known.healthy, known.culprit, known.decoys) == ("a", "f", False, "none", ("c",))


@pytest.mark.parametrize(
    ("service", "inject_at", "began"), [("shop", None, 40.0), (None, None, None), ("shop", 70.0, 70.0)]
)
def test_what_a_change_broke_began_at_the_latest_when_it_reached_a_service(tmp_path, service, inject_at, began):
    change = {"kind": "deploy", "id": "c", "text": "", "service": service}
    case = write_case(tmp_path / "x", truth={"culprit_change": "c", **({"inject_at": inject_at} if inject_at else {})})
    commit = {**change, "kind": "commit", "service": None}
    (case / "changes.json").write_text(json.dumps([{**commit, "at": 10}, {**change, "at": 40}, {**change, "at": 60}]))

    assert truth(case).began == began


@pytest.mark.skipif(not GIVEN.exists(), reason="the cases are kept beside the checkout, and are not here")
def test_every_given_case_can_be_read():
    for cases in folders(GIVEN).values():
        for case in cases:
            seen = load(case)
            known = truth(case)

            assert seen.series or seen.lines or seen.changes
            assert all(math.isfinite(value) for each in seen.series for _, value in each.points)
            assert known.healthy != bool(known.root)
