"""What each server says of itself, into lines."""

from __future__ import annotations

import asyncio

import pytest

from bot.doctor.lines import Level, LineWriter, joined, without_secrets
from bot.doctor.servers import Servers
from bot.doctor.targets import PROMETHEUS_RULES
from bot.telemetry.http import JsonClient


@pytest.fixture
def servers():
    return Servers(LineWriter("en"), "bongsu")


@pytest.fixture
def http(server, session):
    server.on("POST /api/v1/query", {"data": {"resultType": "vector", "result": []}})
    return JsonClient(session, server.url, source="server", timeout_s=20)


def down(number, error="refused"):
    return {"labels": {"job": "j", "instance": f"i{number}"}, "health": "down", "lastError": error}


async def test_many_broken_targets_are_a_few_lines_and_a_number(server, http, servers):
    server.on("GET /api/v1/targets", {"data": {"activeTargets": [down(n) for n in range(25)]}})

    found = await servers.targets(http)

    assert len(found) == 11
    assert found[-1].words == "and 15 more"
    assert {each.level for each in found} == {Level.WRONG}


async def test_words_of_others_control_no_terminal_and_tell_no_password(server, http, servers):
    error = 'Get "http://me:hunter2@h:1/m?token=hunter3": \x1b[31mrefused\n\u202e' + "x" * 5000
    server.on("GET /api/v1/targets", {"data": {"activeTargets": [down(1, error)]}})

    (found,) = await servers.targets(http)

    assert "hunter" not in found.words
    assert 'Get "http://h:1/m": [31mrefused' in found.words
    assert len(found.words) < 400
    assert not {"\x1b", "\n", "\u202e"} & set(found.words)


async def test_a_target_that_was_never_scraped_is_not_taken_for_one_that_is_down(server, http, servers):
    target = {"labels": {"job": "j", "instance": "i"}, "health": "unknown"}
    server.on("GET /api/v1/targets", {"data": {"activeTargets": [target]}})

    (found,) = await servers.targets(http)

    assert found.level is Level.WRONG
    assert "has not been scraped yet" in found.words


async def test_what_its_agent_cannot_scrape_is_down(server, http, servers):
    server.on("GET /api/v1/targets", {"data": {"activeTargets": []}})
    sample = {"metric": {"job": "spring", "instance": "api:8080"}, "value": [1, "0"]}
    server.on("POST /api/v1/query", {"data": {"resultType": "vector", "result": [sample]}})

    (found,) = await servers.targets(http)

    assert (found.level, found.words) == (Level.WRONG, "spring api:8080 is down, says the agent that scrapes it.")


async def test_a_prometheus_that_has_nothing_is_wrong(server, http, servers):
    server.on("GET /api/v1/targets", {"data": {"activeTargets": []}})

    (found,) = await servers.targets(http)

    assert found.level is Level.WRONG
    assert "scrapes nothing" in found.words


@pytest.mark.parametrize(("needed", "level"), [(True, Level.WRONG), (False, Level.NOTE)])
async def test_no_rules_are_wrong_only_where_rules_are_needed(server, http, servers, needed, level):
    server.on(f"GET /{PROMETHEUS_RULES}", {"data": {"groups": []}})

    (found,) = await servers.rules(http, PROMETHEUS_RULES, needed=needed)

    assert found.level is level


async def test_a_rule_without_data_is_worth_a_note(server, http, servers):
    rules = [{"name": "A", "health": "ok"}, {"name": "B", "health": "nodata"}]
    server.on(f"GET /{PROMETHEUS_RULES}", {"data": {"groups": [{"name": "g", "rules": rules}]}})

    fine, note = await servers.rules(http, PROMETHEUS_RULES, needed=True)

    assert (fine.level, note.level) == (Level.OK, Level.NOTE)
    assert note.words.endswith("g / B")


@pytest.mark.parametrize(("status", "words"), [(503, "is not ready"), (502, "HTTP 502")])
async def test_a_bongsu_that_runs_is_not_thereby_ready(server, http, servers, status, words):
    server.on("GET /healthz", {"status": "ok"})
    server.on("GET /readyz", {"ready": False}, status)

    (found,) = await LineWriter("en").tried("bongsu", lambda: servers.bongsu(http))

    assert found.level is Level.WRONG
    assert words in found.words


async def test_a_probe_that_hangs_is_a_line_too():
    async def hangs():
        await asyncio.sleep(60)
        return []

    (found,) = await LineWriter("en").tried("it", hangs, 0.05)

    assert (found.level, found.subject, found.words) == (Level.WRONG, "it", "no answer within 0 s")


def test_a_long_list_of_names_is_cut():
    assert joined("abc") == "a, b, c"
    assert joined(map(str, range(10)), most=2) == "0, 1, … (+8)"


@pytest.mark.parametrize(
    ("words", "harmless"),
    [
        ("postgresql://user:pw@host/db is down", "postgresql://host/db is down"),
        ("Get https://h/x?key=1&b=2 failed", "Get https://h/x failed"),
        ("nothing to hide? no", "nothing to hide? no"),
    ],
)
def test_addresses_lose_credentials_and_questions(words, harmless):
    assert without_secrets(words) == harmless
