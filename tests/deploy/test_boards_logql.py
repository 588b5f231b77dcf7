"""Every LogQL expression of every dashboard: read by the grammar of Grafana's editor, its lines found in the shop's logs.

The shop's Loki answers selectors and line filters; parsers of lines are tried here on the lines that it returned.
What is computed from them (rates, quantiles) nobody computes here: that would take a Loki.
"""

from __future__ import annotations

import asyncio
import re
import time

import aiohttp
import pytest

from tests.deploy.boards import questions
from tests.deploy.grammar import Node, lookups, read, strings_after, wrong
from tests.deploy.stack import Shop, open_shop

LOGQL = questions("loki")
WITHIN_S = 100
# What the shop has no log of: nginx' own complaints, and Bongsu's.
NOT_LOGGED = {("nginx", 14), ("bongsu", 8)}


@pytest.fixture(scope="module")
def parsed() -> list[list[Node]]:
    return read([asked.expression for asked in LOGQL])


def test_the_grammar_knows_every_expression(parsed):
    assert len(LOGQL) > 15
    assert {str(asked): wrong(nodes) for asked, nodes in zip(LOGQL, parsed, strict=True) if wrong(nodes)} == {}


@pytest.mark.parametrize(
    "query",
    [
        "{a=b}",
        '{a="b"} | | json',
        '{a="b"} | nothing',
        'count_over_time({a="b"})',
        'sum(rate({a="b"}[1m])',
        'summ(rate({a="b"}[1m]))',
        '{a="b"} |= `open',
    ],
)
def test_the_grammar_would_say_what_is_wrong(query):
    (nodes,) = read([query])

    assert wrong(nodes)


def test_every_selector_asks_for_something(parsed):
    # Loki refuses a selector that matches everything.
    for asked, nodes in zip(LOGQL, parsed, strict=True):
        selectors = [each.text for each in nodes if each.name == "Selector"]
        assert selectors
        for selector in selectors:
            values = re.findall(r'(?:=~|=)\s*"([^"]*)"', selector)
            assert any(not re.fullmatch(value, "") for value in values), str(asked)


def test_every_parser_names_what_it_finds(parsed):
    for asked, nodes in zip(LOGQL, parsed, strict=True):
        for expression in strings_after(nodes, "Regexp"):
            assert re.compile(expression).groupindex, str(asked)


def test_what_counts_over_time_uses_grafanas_own_windows():
    ranges = {window for asked in LOGQL for window in re.findall(r"\[([^\]]*)\]\)", asked.raw)}

    assert ranges == {"$__auto", "$__range"}


@pytest.mark.timeout(280)
async def test_every_expression_finds_lines_in_the_shops_logs(tmp_path, parsed):
    wanted = [
        (asked, lookup, nodes)
        for asked, nodes in zip(LOGQL, parsed, strict=True)
        if (asked.board, asked.panel) not in NOT_LOGGED
        for lookup in lookups(asked.expression, nodes)
    ]
    async with aiohttp.ClientSession() as session, open_shop(tmp_path, session) as shop:
        # Errors of level error and warn, answers with 5xx, and restarts.
        for fault in ("deploy", "noise", "crash"):
            await shop.switch(fault)
        silent = await until_found(shop, wanted)

    assert silent == []


async def until_found(shop: Shop, wanted: list[tuple[object, str, list[Node]]]) -> list[str]:
    """Wait until each query returns lines that its parsers understand; return those that never did."""
    end = time.monotonic() + WITHIN_S
    while True:
        found = [(asked, lookup, nodes) for asked, lookup, nodes in wanted if not await understood(shop, lookup, nodes)]
        if not found or time.monotonic() > end:
            return [f"{asked}: {lookup}" for asked, lookup, _ in found]
        await asyncio.sleep(1)


async def understood(shop: Shop, lookup: str, nodes: list[Node]) -> bool:
    lines = [line for stream in await shop.logged(lookup) for _, line in stream["values"]]
    expressions = strings_after(nodes, "Regexp")
    return any(all(re.search(each, line, re.DOTALL) for each in expressions) for line in lines)


# As config/nginx/log_format.conf writes, as nginx does by itself, and as the shop does.
JSON = (
    '{"time":"2026-11-25T10:00:00+00:00","remote_addr":"10.8.0.2","method":"GET","uri":"/api/orders/7","protocol":"HTTP/1.1",'
    '"status":"502","bytes":"200","request_time":"0.104","upstream_time":"-","user_agent":"a \\" 404 b"}'
)
COMBINED = '10.8.0.2 - kim [25/Nov/2026:10:00:00 +0000] "GET /api/orders/7?page=2 HTTP/1.1" 502 200 "-" "okhttp/4.12.0"'


@pytest.mark.parametrize("line", [JSON, COMBINED, f"{COMBINED} rt=0.104 trace=0"], ids=["json", "combined", "shop"])
def test_the_access_log_is_read_in_each_of_its_formats(parsed, line):
    expressions = {
        expression
        for asked, nodes in zip(LOGQL, parsed, strict=True)
        if asked.board == "nginx"
        for expression in strings_after(nodes, "Regexp")
    }

    found = {name: value for each in expressions for name, value in (searched(each, line)).items()}

    timed = {} if line == COMBINED else {"rt": "0.104"}
    assert found == {"status": "502", "path": "/api/orders/7"} | timed


def searched(expression: str, line: str) -> dict[str, str]:
    match = re.search(expression, line)
    return match.groupdict() if match else {}
