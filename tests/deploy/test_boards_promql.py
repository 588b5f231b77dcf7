"""Every PromQL expression of every dashboard: read by Prometheus' own parser, and answered by a real Prometheus."""

from __future__ import annotations

import asyncio
import math
import re
import time

import pytest

from tests.deploy.boards import BOARDS, Asked, chosen, filled, questions, refused, variables
from tests.deploy.stack import Prometheus, everything

PROMQL = questions("prometheus")
WITHIN_S = 100
# A healthy shop throws nothing.
EMPTY_WHILE_HEALTHY = {("http-red", 14)}


def test_prometheus_reads_every_expression(tmp_path):
    assert len(PROMQL) > 100
    assert refused(tmp_path, [asked.expression for asked in PROMQL]) == ""


def test_prometheus_would_say_what_is_wrong(tmp_path):
    assert "parse error" in refused(tmp_path, ["up", "sum(rate(up[5m])"])


@pytest.mark.timeout(280)
async def test_no_panel_is_empty_over_the_shop_and_real_exporters(tmp_path, database):
    async with everything(tmp_path, database) as (prometheus, shop):
        empty = await until_filled(prometheus, {(asked.board, asked.panel) for asked in PROMQL} - EMPTY_WHILE_HEALTHY)
        healthy = await newest(prometheus, "overview", 3)
        choices = {name: await offered(prometheus, name) for name in offers()}
        dotted = await exemplars(prometheus)
        await shop.switch("deploy")
        thrown = await until_filled(prometheus, EMPTY_WHILE_HEALTHY)
        broken = await until_above(prometheus, 0.1, "overview", 3)

    assert empty == []
    assert thrown == []
    # The panel that a rule at 10 % links to tells the two apart.
    assert healthy < 0.1 < broken
    assert {name: found for name, found in choices.items() if not found} == {}
    assert re.fullmatch(r"[0-9a-f]{32}", dotted)


async def until_filled(prometheus: Prometheus, wanted: set[tuple[str, int]]) -> list[str]:
    """Wait until each question of these panels has an answer; return those that never had one."""
    asked = [each for each in PROMQL if (each.board, each.panel) in wanted]
    end = time.monotonic() + WITHIN_S
    while True:
        asked = [each for each in asked if not await values(prometheus, each)]
        if not asked or time.monotonic() > end:
            return [f"{each}: {each.expression}" for each in asked]
        await asyncio.sleep(0.5)


async def until_above(prometheus: Prometheus, limit: float, board: str, panel: int) -> float:
    end = time.monotonic() + WITHIN_S
    while True:
        found = await newest(prometheus, board, panel)
        if found > limit or time.monotonic() > end:
            return found
        await asyncio.sleep(0.5)


async def newest(prometheus: Prometheus, board: str, panel: int) -> float:
    """Return the largest of the newest values of a panel."""
    (asked,) = [each for each in PROMQL if (each.board, each.panel) == (board, panel)]
    data = await prometheus.get("query", query=asked.expression)
    return max(float(series["value"][1]) for series in data["result"])


async def values(prometheus: Prometheus, asked: Asked) -> list[float]:
    """Ask as Grafana would; return the values that can be drawn."""
    if asked.instant:
        data = await prometheus.get("query", query=asked.expression)
        found = [float(series["value"][1]) for series in data["result"]]
    else:
        now = time.time()
        data = await prometheus.get("query_range", query=asked.expression, start=now - 20, end=now, step=2)
        found = [float(value) for series in data["result"] for _, value in series["values"]]
    return [value for value in found if math.isfinite(value)]


def offers() -> list[tuple[str, str]]:
    """Return the variables of all dashboards that Prometheus fills, by dashboard and name."""
    return [
        (uid, name)
        for uid, board in BOARDS.items()
        for name, each in variables(board).items()
        if each.get("datasource", {}).get("type") == "prometheus"
    ]


async def offered(prometheus: Prometheus, of: tuple[str, str]) -> list[str]:
    uid, name = of
    query = variables(BOARDS[uid])[name]["query"]["query"]
    match = re.fullmatch(r"label_values\((.+), (\w+)\)", query)
    assert match, query
    selector = filled(match[1], chosen(BOARDS[uid]))
    return await prometheus.get(f"label/{match[2]}/values", **{"match[]": selector})


async def exemplars(prometheus: Prometheus) -> str:
    """Return the trace id of the newest request that is a dot on the graph of p99."""
    (asked,) = [each for each in PROMQL if (each.board, each.panel) == ("overview", 4)]
    now = time.time()
    found = await prometheus.get("query_exemplars", query=asked.expression, start=now - 60, end=now)
    dots = [dot for series in found for dot in series["exemplars"]]
    return max(dots, key=lambda dot: dot["timestamp"])["labels"]["trace_id"] if dots else ""
