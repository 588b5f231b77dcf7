"""What Grafana's transformations make of the answers to a table's queries."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.tables import MADE, Column, NotMade, Patterns, Transformation, arranged, frame_of, named, sorted_by
from bot.telemetry.patterns import matches, replaced

PATTERNS = Patterns(matches, replaced)
A = frame_of("A", [({"job": "api", "host": "x"}, 1.0), ({"job": "chat", "host": "y"}, 3.0)], 5000.0, alone=False)
B = frame_of("B", [({"job": "chat", "host": "y"}, 30.0), ({"job": "shop", "host": "z"}, 20.0)], 5000.0, alone=False)


def rows(frame: tuple[Column, ...]) -> list[tuple[Any, ...]]:
    return list(zip(*(each.cells for each in frame), strict=True))


def names(frame: tuple[Column, ...]) -> list[str]:
    return [each.name for each in frame]


def made(*steps: tuple[str, dict[str, Any]], frames=(A, B)) -> tuple[Column, ...]:
    return arranged(frames, [Transformation(name, options) for name, options in steps], PATTERNS)


def test_one_query_has_its_time_its_labels_and_a_value():
    frame = frame_of("A", [({"job": "api"}, 1.0), ({"host": "x"}, 2.0)], 5000.0, alone=True)

    assert names(frame) == ["Time", "host", "job", "Value"]
    assert rows(frame) == [(5000.0, None, "api", 1.0), (5000.0, "x", None, 2.0)]


def test_of_several_that_nobody_joins_the_first_is_shown():
    assert made() == A


def test_rows_that_agree_in_all_but_values_are_one():
    frame = made(("merge", {}))

    assert names(frame) == ["Time", "host", "job", "Value #A", "Value #B"]
    assert [row[2:] for row in rows(frame)] == [("api", 1.0, None), ("chat", 3.0, 30.0), ("shop", None, 20.0)]


def test_rows_of_other_labels_are_not_merged_by_chance():
    other = frame_of("B", [({"region": "eu"}, 1.0)], 5000.0, alone=False)

    with pytest.raises(NotMade, match="merge"):
        made(("merge", {}), frames=(A, other))


def test_rows_are_one_by_the_labels_that_all_queries_have():
    phases = frame_of(
        "A", [({"pod": "a", "phase": "Running"}, 1.0), ({"pod": "b", "phase": "Failed"}, 1.0)], 0.0, alone=False
    )
    twins = [({"pod": "a", "node": "n1"}, 7.0), ({"pod": "a", "node": "n2"}, 8.0), ({"pod": "c", "node": "n1"}, 9.0)]
    frame = made(("merge", {}), frames=(phases, frame_of("B", twins, 0.0, alone=False)))

    assert names(frame) == ["Time", "phase", "pod", "Value #A", "node", "Value #B"]
    assert [row[1:] for row in rows(frame)] == [
        ("Running", "a", 1.0, "n1", 7.0),
        ("Failed", "b", 1.0, None, None),
        # Of one pod on two nodes nothing is overwritten.
        (None, "a", None, "n2", 8.0),
        (None, "c", None, "n1", 9.0),
    ]


SIZES = frame_of("A", [({"pod": "a"}, 1.0), ({"pod": "b"}, 5.0), ({"pod": "c", "node": "n"}, 9.0)], 0.0, alone=True)


def condition(name: str, field: str = "Value", **options: Any) -> dict[str, Any]:
    return {"fieldName": field, "config": {"id": name, "options": options}}


@pytest.mark.parametrize(
    ("options", "pods"),
    [
        ({}, "abc"),
        ({"filters": [condition("greater", value=5)]}, "c"),
        ({"filters": [condition("greaterOrEqual", value="5")]}, "bc"),
        ({"filters": [condition("lower", value=5)], "type": "exclude"}, "bc"),
        ({"filters": [condition("lowerOrEqual", value=5), condition("equal", "pod", value="c")]}, "abc"),
        ({"filters": [condition("greater", value=1), condition("notEqual", "pod", value="c")], "match": "all"}, "b"),
        ({"filters": [{**condition("between"), "config": {"id": "between", "options": {"from": 1, "to": 9}}}]}, "b"),
        ({"filters": [condition("isNull", "node")]}, "ab"),
        ({"filters": [condition("isNotNull", "node")]}, "c"),
        ({"filters": [condition("regex", "pod", value="^[ab]")]}, "ab"),
        ({"filters": [condition("greater", "pod", value=0)]}, ""),
        ({"filters": [condition("greater", "Gone", value=0)]}, ""),
        ({"filters": [condition("greater", "Gone", value=0)], "type": "exclude"}, "abc"),
    ],
)
def test_rows_are_kept_by_their_values(options, pods):
    frame = made(("filterByValue", options), frames=(SIZES,))

    (kept,) = [each.cells for each in frame if each.name == "pod"]
    assert "".join(str(each) for each in kept) == pods


@pytest.mark.parametrize(
    "how", [condition("greater", value="$limit"), condition("equal", value="$x"), condition("odd")]
)
def test_a_condition_that_nobody_knows_is_not_passed_over(how):
    with pytest.raises(NotMade, match="filterByValue"):
        made(("filterByValue", {"filters": [how]}), frames=(SIZES,))


def test_an_empty_answer_hinders_no_merge():
    empty = frame_of("B", [], 5000.0, alone=False)

    assert names(made(("merge", {}), frames=(A, empty))) == ["Time", "host", "job", "Value #A", "Value #B"]


def test_a_join_numbers_what_has_the_same_name():
    frame = made(("joinByField", {"byField": "job", "mode": "outer"}))

    assert names(frame) == ["job", "Time 1", "host 1", "Value #A", "Time 2", "host 2", "Value #B"]
    assert [(row[0], row[3], row[6]) for row in rows(frame)] == [
        ("api", 1.0, None), ("chat", 3.0, 30.0), ("shop", None, 20.0),
    ]  # fmt: skip
    inner = made(("joinByField", {"byField": "job", "mode": "inner"}))
    assert [row[0] for row in rows(inner)] == ["chat"]


@pytest.mark.parametrize("options", [{}, {"byField": "Time"}, {"byField": "nobody"}])
def test_a_join_that_would_multiply_rows_is_not_made(options):
    with pytest.raises(NotMade, match="joinByField"):
        made(("joinByField", options))


def test_columns_are_left_out_put_in_order_and_renamed():
    frame = made(
        ("merge", {}),
        ("organize", {
            "excludeByName": {"Time": True, "host": False},
            "indexByName": {"Value #B": 0, "job": 1},
            "renameByName": {"Value #B": "Errors", "job": ""},
        }),
    )  # fmt: skip

    assert names(frame) == ["Errors", "job", "host", "Value #A"]


@pytest.mark.parametrize(
    ("options", "left"),
    [
        ({"include": {"names": ["job", "Value #A"]}}, ["job", "Value #A"]),
        ({"include": {"pattern": "/^Value/"}}, ["Value #A"]),
        ({"exclude": {"names": ["Time"]}}, ["host", "job", "Value #A"]),
        ({"include": {"names": ["job"], "pattern": "/Value/"}, "exclude": {"pattern": "/#A/"}}, ["job"]),
        ({}, ["Time", "host", "job", "Value #A"]),
    ],
)
def test_columns_are_kept_by_name_or_pattern(options, left):
    assert names(made(("filterFieldsByName", options))) == left


@pytest.mark.parametrize("options", [{"byVariable": True}, {"include": {"pattern": "/(?<!a)b/"}}])
def test_a_filter_that_cannot_be_read_here_is_named(options):
    with pytest.raises(NotMade, match="filterFieldsByName"):
        made(("filterFieldsByName", options))


def test_rows_are_in_order_with_what_is_missing_before_all_numbers():
    frame = made(("merge", {}), ("sortBy", {"sort": [{"field": "Value #B", "desc": True}]}))

    assert [row[4] for row in rows(frame)] == [30.0, 20.0, None]
    assert [row[2] for row in rows(sorted_by(A, "job", descending=True))] == ["chat", "api"]
    assert sorted_by(A, "nobody", descending=True) == A


def test_columns_are_renamed_by_a_pattern():
    frame = made(("renameByRegex", {"regex": "Value #(.*)", "renamePattern": "of $1"}))

    assert names(frame) == ["Time", "host", "job", "of A"]


def test_rows_are_grouped_and_counted():
    frame = frame_of("A", [({"job": "a", "n": "1"}, 1.0), ({"job": "b"}, 5.0), ({"job": "a"}, 3.0)], 0.0, alone=True)
    how = {
        "job": {"operation": "groupby", "aggregations": []},
        "Value": {"operation": "aggregate", "aggregations": ["sum", "max", "mean", "count"]},
    }
    grouped = made(("groupBy", {"fields": how}), frames=(frame,))

    assert names(grouped) == ["job", "Value (sum)", "Value (max)", "Value (mean)", "Value (count)"]
    assert rows(grouped) == [("a", 4.0, 3.0, 2.0, 2.0), ("b", 5.0, 5.0, 5.0, 1.0)]
    how["Value"]["aggregations"] = ["allIsZero"]
    with pytest.raises(NotMade, match="groupBy"):
        made(("groupBy", {"fields": how}), frames=(frame,))


def test_only_so_many_rows_are_kept():
    assert len(rows(made(("merge", {}), ("limit", {"limitField": 2})))) == 2


def test_a_series_over_time_is_renamed_or_left_out():
    steps = [
        Transformation("renameByRegex", {"regex": "/^(\\w+) of .*$/", "renamePattern": "$1"}),
        Transformation("organize", {"excludeByName": {"memory": True}, "renameByName": {"cpu": "CPU"}}),
    ]

    assert [named(name, steps, PATTERNS) for name in ("cpu of api", "memory of api", "disk")] == ["CPU", None, "disk"]


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["job", "Time", "Value #A", "groupby", "count", "("]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["fields", "sort", "field", "desc", "byField", "mode", "names", "pattern", "include", "exclude", "job",
             "excludeByName", "includeByName", "indexByName", "renameByName", "regex", "renamePattern", "operation",
             "aggregations", "limitField", "Value #A"]
        ),
        inner,
        max_size=4,
    ),
    max_leaves=8,
)  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from(sorted(MADE)), _ANY), max_size=3))
def test_nothing_that_a_dashboard_says_breaks_it(steps):
    try:
        frame = made(*((name, options if isinstance(options, dict) else {}) for name, options in steps))
    except NotMade:
        return
    assert len({len(each.cells) for each in frame}) <= 1


def test_not_a_number_is_in_order_too():
    frame = (Column("Value", (math.nan, 2.0, 1.0), "A"),)

    assert [row[0] for row in rows(sorted_by(frame, "Value", descending=False))][1:] == [1.0, 2.0]
