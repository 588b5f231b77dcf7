"""Times that mute, as a real Alertmanager reads them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import aiohttp
import pytest

from bot.telemetry.routes import matchers_of, read_config
from bot.telemetry.time_intervals import covers
from playground.monitors import alertmanager_config
from playground.process import free_port
from tests.cases.sources import alertmanager, burning, hook, send

# A Saturday, half past eight in the evening of a month with 30 days.
AT = datetime(2026, 11, 28, 20, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("interval", "inside"),
    [
        ({}, True),
        ({"times": [{"start_time": "20:00", "end_time": "20:30"}]}, False),
        ({"times": [{"start_time": "20:30", "end_time": "24:00"}]}, True),
        ({"times": [{"start_time": 20 * 60, "end_time": 21 * 60}]}, True),
        ({"weekdays": ["monday:friday"]}, False),
        ({"weekdays": ["Saturday", "sunday"]}, True),
        ({"weekdays": ["sunday:saturday"]}, True),
        ({"weekdays": ["monday:monday"]}, False),
        # It is Sunday in Seoul already.
        ({"weekdays": ["saturday"], "location": "Asia/Seoul"}, False),
        (
            {"weekdays": ["sunday"], "times": [{"start_time": "05:00", "end_time": "06:00"}], "location": "Asia/Seoul"},
            True,
        ),
        ({"days_of_month": ["28"]}, True),
        ({"days_of_month": ["1:27", "29:31"]}, False),
        ({"days_of_month": ["-3:-1"]}, True),
        ({"days_of_month": ["-2:-1"]}, False),
        ({"days_of_month": ["31"]}, False),
        ({"months": ["october:december"]}, True),
        ({"months": ["11"]}, True),
        ({"months": ["1:3"]}, False),
        ({"years": ["2025:2027"]}, True),
        ({"years": ["2027"]}, False),
        ({"years": ["2026"], "months": ["november"], "weekdays": ["sunday"]}, False),
    ],
)
def test_a_moment_lies_in_an_interval(interval, inside):
    assert covers([interval], AT) is inside
    assert covers([{"years": ["1999"]}, interval], AT) is inside


@pytest.mark.parametrize(
    ("weekdays", "inside"),
    [
        ("friday:monday", [5, 6, 0, 1]),
        ("saturday:sunday", [6, 0]),
        ("tuesday:monday", [2, 3, 4, 5, 6, 0, 1]),
        ("friday:friday", [5]),
    ],
)
def test_a_range_of_weekdays_goes_round_the_end_of_the_week(weekdays, inside):
    week = [AT + timedelta(days=number) for number in range(1, 8)]

    assert [day for day, at in enumerate(week) if covers([{"weekdays": [weekdays]}], at)] == sorted(inside)


@pytest.mark.parametrize(
    "odd",
    [
        "always",
        [{"times": "22:00"}],
        [{"times": [{"start_time": "22:00"}]}],
        [{"times": [{"start_time": "ten", "end_time": "11:00"}]}],
        [{"weekdays": ["someday"]}],
        [{"months": ["13"]}],
        [{"days_of_month": ["0"]}],
        [{"days_of_month": [65]}],
        [{"location": "Nowhere/Else"}],
        [{"location": "../../etc/passwd"}],
        [{"location": "Local"}],
        [{}, {"years": [None]}],
    ],
)
def test_what_cannot_be_read_is_not_known(odd):
    assert covers(odd, AT) is None


def test_no_interval_covers_nothing():
    assert covers(None, AT) is False
    assert covers([], AT) is False


@pytest.mark.timeout(120)
async def test_a_real_alertmanager_mutes_at_the_same_times(tmp_path):
    now = datetime.now(UTC)
    seoul = now.astimezone(ZoneInfo("Asia/Seoul"))
    tomorrow = seoul + timedelta(days=1)
    length = ((seoul.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)).day
    place = {"location": "Asia/Seoul"}
    intervals = [
        {"weekdays": [f"{seoul:%A}".lower()], **place},
        {"weekdays": [f"{tomorrow:%A}".lower()], **place},
        {"weekdays": ["sunday:saturday"], **place},
        {"days_of_month": [f"{seoul.day - length - 1}"], **place},
        {"days_of_month": [f"{seoul.day}:31"], **place},
        {"days_of_month": [f"{seoul.day + 1}:31"] if seoul.day < 31 else ["1:30"], **place},
        {"months": [f"{seoul:%B}".lower()], "years": [f"{seoul.year}"], **place},
        {"months": [f"{seoul:%B}".lower()], "years": [f"{seoul.year + 1}"], **place},
        {"times": [{"start_time": "00:00", "end_time": "24:00"}], **place},
    ]
    names = [f"R{number}" for number in range(len(intervals))]
    route = alertmanager_config("http://127.0.0.1:1", "token")["route"]
    more = {
        "time_intervals": [
            {"name": name, "time_intervals": [each]} for name, each in zip(names, intervals, strict=True)
        ],
        "route": route
        | {"routes": [{"matchers": [f'alertname="{name}"'], "mute_time_intervals": [name]} for name in names]},
    }
    expected = {name for name, each in zip(names, intervals, strict=True) if covers([each], now) is False}
    heard: set[str] = set()

    async with (
        hook() as (webhook, bodies),
        aiohttp.ClientSession() as session,
        alertmanager(tmp_path / "data", free_port(), webhook, **more) as address,
    ):
        await send(session, address, *(burning(name) for name in names))
        while not expected <= heard:
            heard |= {each["labels"]["alertname"] for each in (await asyncio.wait_for(bodies.get(), 60))["alerts"]}
        # One more group_interval for those that must not come.
        await asyncio.sleep(3)
        while not bodies.empty():
            heard |= {each["labels"]["alertname"] for each in bodies.get_nowait()["alerts"]}

    assert len(expected) == 3
    assert heard == expected


async def test_a_real_alertmanager_tells_matchers_that_are_read_as_it_means_them(tmp_path):
    """It writes them anew: quoted, with a sign before quotation marks, backslashes and line breaks."""
    meant = [
        ("path", "=", 'x,y"z'),
        ("text", "=", "two\nlines"),
        ("host", "=~", r"web\d+"),
        ("disk", "!=", "C:\\temp"),
        ("shop", "!~", "a|b"),
    ]
    written = ['path="x,y\\"z"', r'text="two\nlines"', r'host=~"web\d+"', r"disk!=C:\\temp", "{shop!~a|b}"]
    route = alertmanager_config("http://127.0.0.1:1", "token")["route"] | {"routes": [{"matchers": written}]}

    async with (
        aiohttp.ClientSession() as session,
        alertmanager(tmp_path / "data", free_port(), "http://127.0.0.1:1", route=route) as address,
        session.get(f"{address}/api/v2/status") as answer,
    ):
        told = read_config(await answer.json())["route"]["routes"]

    assert [sorted(matchers_of(each)) for each in told] == [sorted(meant)]
