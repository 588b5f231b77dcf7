"""Mute timings as a Grafana and an Alertmanager tell them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from bot.domain.mute_timings import MuteTiming
from bot.telemetry.alertmanager import Alertmanager
from bot.telemetry.grafana import grafana_alerts
from bot.telemetry.http import JsonClient
from bot.telemetry.mute_timings import mute_timings
from tests.recordings import recorded

# A Saturday, 03:30 in Seoul.
NOW = datetime(2026, 11, 27, 18, 30, tzinfo=UTC)

CONFIG = """
route:
  receiver: all
  mute_time_intervals: [nights]
  routes:
    - matchers: ['team="db"', 'severity=~"low|info"']
      mute_time_intervals: [nights, weekends]
      routes: [{matchers: [disk="yes"], active_time_intervals: [office]}]
time_intervals:
  - name: nights
    time_intervals: [{times: [{start_time: 22:00, end_time: '24:00'}, {start_time: '00:00', end_time: '06:00'}], location: Asia/Seoul}]
  - name: weekends
    time_intervals: [{weekdays: ['saturday', 'sunday']}, {days_of_month: ['-1'], months: ['december'], years: ['2026:2027']}]
  - name: office
    time_intervals: [{weekdays: ['monday:friday'], times: [{start_time: '09:00', end_time: '18:00'}]}]
mute_time_intervals:
  - name: broken
    time_intervals: [{location: Nowhere/Land}]
"""


def test_they_are_read_with_the_routes_that_name_them():
    found = {each.name: each for each in mute_timings({"config": {"original": CONFIG}}, NOW)}

    inner = 'team="db" severity=~"low|info"'
    assert found["nights"] == MuteTiming(
        "nights", ("22:00-24:00,00:00-06:00 Asia/Seoul",), ("all", inner), (), covers=True
    )
    assert found["weekends"].when == ("saturday,sunday UTC", "-1 december 2026:2027 UTC")
    assert (found["weekends"].mutes, found["weekends"].covers) == ((inner,), False)
    assert (found["office"].active, found["office"].mutes) == ((f'{inner} disk="yes"',), ())
    assert (found["broken"].covers, found["broken"].mutes) == (None, ())


@pytest.mark.parametrize(
    "status", [{}, {"config": None}, {"config": {"original": "[: not yaml"}}, {"config": {"original": "7"}}]
)
def test_a_source_that_tells_no_configuration_has_none(status):
    assert list(mute_timings(status, NOW)) == []


@pytest.mark.parametrize("role", ["viewer", "editor", "admin"])
async def test_a_recorded_grafana_tells_them_to_whoever_may_look(server, session, role):
    status = recorded(f"roles/am_status_as_{role}")
    server.on(f"GET {status.path}", status.body, status.status)
    listed = recorded("provisioning/provisioning_mute_timings")

    found = await grafana_alerts(JsonClient(session, server.url, source="grafana")).mute_timings()

    assert [each.name for each in found] == [each["name"] for each in listed.body]
    [always, unused] = found
    assert (always.when, always.covers) == (("00:00-24:00 UTC",), True)
    assert any("Watchdog" in words for words in always.mutes)
    # A rule that names its receiver has a route of its own, which an administrator alone is told of.
    assert unused.mutes == (("bongsu",) if role == "admin" else ())


async def test_an_alertmanager_tells_them_as_text(server, session):
    server.on("GET /api/v2/status", json.dumps({"config": {"original": CONFIG}}))

    async def no_rules():
        return []

    found = await Alertmanager(JsonClient(session, server.url, source="alertmanager"), no_rules).mute_timings()

    assert [each.name for each in found] == ["broken", "nights", "office", "weekends"]
