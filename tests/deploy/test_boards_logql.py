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


def test_parsers_and_patterns_are_well_formed(parsed):
    for asked, nodes in zip(LOGQL, parsed, strict=True):
        for expression in strings_after(nodes, "Regexp"):
            assert re.compile(expression).groupindex, str(asked)
        for pattern in strings_after(nodes, "Pattern"):
            # Loki refuses captures without anything between them, and patterns that name nothing.
            assert "><" not in pattern
            assert re.search(r"<[a-z]\w*>", pattern)


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
    expressions = [*strings_after(nodes, "Regexp"), *map(as_expression, strings_after(nodes, "Pattern"))]
    return any(all(re.search(each, line, re.DOTALL) for each in expressions) for line in lines)


def as_expression(pattern: str) -> str:
    """Write a pattern of Loki as a regular expression."""
    parts = re.split(r"(<\w+>)", pattern)
    captures = [".+?" if part == "<_>" else f"(?P<{part[1:-1]}>.+?)" for part in parts[1::2]]
    literals = [re.escape(part) for part in parts[::2]]
    joined = literals[0] + "".join(a + b for a, b in zip(captures, literals[1:], strict=True))
    return f"^{joined}$"


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ('10.8.0.2 - - [25/Nov/2026:10:00:00 +0000] "GET /a?b=c HTTP/1.1" 502 9 "-" "x" rt=0.1 trace=0', "502"),
        ('10.8.0.2 - kim [25/Nov/2026:10:00:00 +0000] "POST / HTTP/2.0" 200 9 "-" "x"', "200"),
    ],
)
def test_the_pattern_of_the_access_log_reads_nginx_own_format(parsed, line, status):
    patterns = {pattern for nodes in parsed for pattern in strings_after(nodes, "Pattern")}

    (pattern,) = patterns
    match = re.search(as_expression(pattern), line)
    assert match
    assert match["status"] == status
