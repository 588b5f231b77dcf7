"""Variables and panels against the dashboard they are of."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.dashboards import (
    ALL,
    DashboardModel,
    Panel,
    Variable,
    address,
    check_value,
    parse_variables,
    pointer,
    unknown_variable,
)
from bot.domain.pictures import Shot
from bot.domain.telemetry import Window
from bot.errors import InvalidTarget

MODEL = DashboardModel(
    "api",
    "API",
    panels=(Panel(1, "Latency p99", row="Web"), Panel(2, "Latency p50", row="Web"), Panel(4, "Errors")),
    variables=(Variable("service", label="Service name", options=("api", "chat")), Variable("env", multi=True)),
)
WINDOW = Window(datetime(2026, 11, 25, 8, tzinfo=UTC), datetime(2026, 11, 25, 9, tzinfo=UTC))


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("", {}),
        ("service=api env=prod", {"service": ("api",), "env": ("prod",)}),
        ("service = api", {"service": ("api",)}),
        ("env=prod,dev", {"env": ("prod", "dev")}),
        ("env=prod env=dev env=prod", {"env": ("prod", "dev")}),
        ('name="two words" var-x=1; $y=2', {"name": ("two words",), "x": ("1",), "y": ("2",)}),
        ("uri=/a=b", {"uri": ("/a=b",)}),
    ],
)
def test_variables_are_read_as_people_write_them(typed, read):
    assert parse_variables(typed) == read


@pytest.mark.parametrize("typed", ["service", "=api", "service=", "a=b c", "a=b =", '"'])
def test_variables_that_cannot_be_read_are_refused(typed):
    with pytest.raises(InvalidTarget, match="variables_unreadable"):
        parse_variables(typed)


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_variables(typed):
    try:
        read = parse_variables(typed)
    except InvalidTarget:
        return

    assert all(name and values and all(isinstance(value, str) for value in values) for name, values in read.items())


def test_a_wrong_value_lists_the_right_ones():
    with pytest.raises(InvalidTarget) as refused:
        check_value(MODEL.variables[0], ("apo",), MODEL.variables[0].known)

    assert refused.value.values == {"name": "service", "typed": "apo", "known": "api, chat"}


def test_a_wrong_name_lists_the_right_ones():
    assert unknown_variable(MODEL, "svc").values == {"typed": "svc", "known": "service, env"}


def test_a_list_of_a_thousand_values_is_cut():
    with pytest.raises(InvalidTarget) as refused:
        check_value(MODEL.variables[0], ("x",), {f"pod-{n}": f"pod-{n}" for n in range(1000)})

    assert refused.value.values["known"].endswith("pod-11, … (+988)")


@pytest.mark.parametrize(
    ("variable", "values", "known", "checked"),
    [
        (Variable("service"), ("API",), ("api",), ("api",)),
        (Variable("service"), ("api",), None, ("api",)),
        (Variable("env", multi=True), ("dev", "prod"), ("prod", "dev"), ("dev", "prod")),
        (Variable("env", include_all=True), ("all",), ("prod",), (ALL,)),
        (Variable("q", kind="textbox"), ("anything",), (), ("anything",)),
    ],
)
def test_values_are_written_as_the_dashboard_does(variable, values, known, checked):
    assert check_value(variable, values, None if known is None else {each: each for each in known}) == checked


def test_two_values_for_one_place_are_refused():
    with pytest.raises(InvalidTarget, match="variable_single"):
        check_value(Variable("service"), ("api", "chat"), {"api": "api", "chat": "chat"})


@pytest.mark.parametrize(
    ("typed", "found"), [("4", 4), ("panel-2", 2), ("errors", 4), ("web p99", 1), ("LATENCY P50", 2)]
)
def test_a_panel_is_found_by_id_title_or_what_it_alone_can_mean(typed, found):
    assert MODEL.find_panel(typed).id == found


@pytest.mark.parametrize(
    ("typed", "near"), [("latency", "Latency p99, Latency p50"), ("nope", "Latency p99, Latency p50, Errors")]
)
def test_a_panel_that_may_be_several_or_none_lists_those_there_are(typed, near):
    with pytest.raises(InvalidTarget) as refused:
        MODEL.find_panel(typed)

    assert refused.value.values["near"] == near


@pytest.mark.parametrize(("name", "found"), [("service", "service"), ("SERVICE NAME", "service"), ("nope", None)])
def test_a_variable_goes_by_its_name_or_its_label(name, found):
    variable = MODEL.variable(name)

    assert (variable.name if variable else None) == found


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://g.example/d/api/slug?viewPanel=panel-4&var-a=b&var-a=c", ("api", 4, {"a": ("b", "c")})),
        ("https://g.example/grafana/d/api?from=1&orgId=1&viewPanel=4", ("api", 4, {})),
        ("https://g.example/d-solo/api/x?panelId=7", ("api", 7, {})),
        ("/d/uid", ("uid", None, {})),
        ("https://g.example/explore?x=/d/api", None),
        ("https://g.example/d/..%2F..%2Fadmin", None),
        ("https://g.example/d/../x", None),
        ("http://[bad/d/api", None),
        ("", None),
    ],
)
def test_only_addresses_of_dashboards_point_at_one(url, found):
    read = pointer(url)

    assert (read and (read.uid, read.panel, dict(read.variables))) == found


def test_a_deep_link_carries_what_was_pictured():
    shot = Shot("api", WINDOW, panel=4, variables={"service": ("a b", "c&d")})

    assert address("https://g.example/d/api", shot) == (
        "https://g.example/d/api?from=1795593600000&to=1795597200000"
        "&var-service=a%20b&var-service=c%26d&viewPanel=panel-4"
    )


@given(st.text(max_size=80))
def test_a_deep_link_points_at_what_it_was_made_of(value):
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return

    found = pointer(address("https://g.example/d/api", Shot("api", WINDOW, panel=4, variables={"x": (value,)})))

    # An empty value is none.
    assert found is not None
    assert (found.uid, found.panel) == ("api", 4)
    assert found.variables.get("x", ("",)) == (value,)
