"""Silences at a Grafana, on the real process: labels with dots, the twin without data, lengths as people type them.

Alertmanager 0.25 refuses names with dots; a server of ours answers as Grafana does, and has what is sent to it.
"""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from tests.cases.bot_process import PATIENCE_S, BotProcess, Shared, bot_process
from tests.cases.given import case
from tests.person import text_of
from tests.telemetry.local import LocalServer, local_server

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]

API = "/api/alertmanager/grafana/api/v2"
RULES = {"68": "OtelErrors", "69": "QueueLag"}


def alert(number: str):
    begun = (datetime.now(UTC) - timedelta(minutes=2)).isoformat()
    return {
        "labels": case(number)["labels"],
        "annotations": {},
        "fingerprint": f"print-{number}",
        "startsAt": begun,
        "endsAt": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
        "updatedAt": begun,
        "receivers": [{"name": "bongsu"}],
        "status": {"state": "active", "silencedBy": [], "inhibitedBy": []},
    }


def rule(number: str):
    uid = case(number)["labels"]["__alert_rule_uid__"]
    return {"name": RULES[number], "uid": uid, "type": "alerting", "state": "firing", "health": "ok", "labels": {}}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def grafana():
    async with local_server() as server:
        server.on(f"GET {API}/alerts", [alert(number) for number in RULES])
        server.on(f"GET {API}/silences", [])
        server.on(f"POST {API}/silences", {"silenceID": "made"}, 202)
        groups = [{"name": "g", "file": "Team A/Prod", "rules": [rule(number) for number in RULES]}]
        server.on("GET /api/prometheus/grafana/api/v1/rules", {"status": "success", "data": {"groups": groups}})
        yield server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(grafana: LocalServer, tmp_path_factory):
    settings = {"GRAFANA_URL": grafana.url, "GRAFANA_TOKEN": "glsa_x"}
    kept = Shared(lambda: bot_process(tmp_path_factory.mktemp("grafana"), **settings))
    yield kept
    await kept.close()


@pytest_asyncio.fixture(loop_scope="module")
async def process(shared: Shared, request):
    return await shared.process(request.node)


async def offered(process: BotProcess, typed: str, kind: str) -> str:
    """Return what is offered for what was typed, once the source was read."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            found = await process.minji.autocomplete("silence", rule=typed)
            if wanted := [each["value"] for each in found if each["value"].startswith(kind)]:
                return wanted[0]
            await asyncio.sleep(0.2)


def made(grafana: LocalServer):
    sent = [json.loads(body) for line, _, body in grafana.asked if line == f"POST {API}/silences"]
    return [(each["name"], each["value"], each["isRegex"], each["isEqual"]) for each in sent[-1]["matchers"]]


@pytest.mark.row("68")
async def test_68_labels_with_dots_are_silenced_as_they_are_written(process: BotProcess, grafana):
    instance = await offered(process, "OtelErrors", "alert:")
    proposal = await process.minji.command("silence", rule=instance, duration="1h")
    await process.minji.press(proposal, "Confirm")

    said = text_of(proposal)
    for matcher in ('host.name="web-1"', 'k8s/pod="a-1"', 'severity="high"'):
        assert matcher in said
    assert made(grafana) == [
        ("__alert_rule_uid__", "ru1", False, True),
        ("host.name", "web-1", False, True),
        ("k8s/pod", "a-1", False, True),
        ("severity", "high", False, True),
    ]


@pytest.mark.row("69")
async def test_69_the_twin_without_data_falls_silent_with_its_rule(process: BotProcess, grafana):
    wanted = await offered(process, "QueueLag", "")
    proposal = await process.minji.command("silence", rule=wanted, duration="1h")
    await process.minji.press(proposal, "Confirm")

    assert ("__alert_rule_uid__", "ru2", False, True) in made(grafana)
    assert "alertname" not in {name for name, *_ in made(grafana)}


@pytest.mark.row("81")
@pytest.mark.parametrize(
    ("typed", "minutes"),
    [("1.5h", 90), ("1h30", 90), ("90m", 90), ("until monday 9:00", None), ("until noon", None), ("tomorrow 9", None)],
)
async def test_81_lengths_are_taken_as_people_type_them(process: BotProcess, grafana, typed, minutes):
    wanted = await offered(process, "OtelErrors", "alert:")
    before = datetime.now(UTC)
    proposal = await process.minji.command("silence", rule=wanted, duration=typed)
    await process.minji.press(proposal, "Confirm")

    sent = [json.loads(body) for line, _, body in grafana.asked if line == f"POST {API}/silences"][-1]
    ends = datetime.fromisoformat(sent["endsAt"])
    if minutes:
        assert abs(ends - before - timedelta(minutes=minutes)) < timedelta(minutes=2)
    else:
        # In Seoul, where this Bongsu is.
        there = (ends + timedelta(hours=9)).strftime("%a %H:%M")
        assert there[4:] == ("12:00" if "noon" in typed else "09:00")
        assert "monday" not in typed or there.startswith("Mon")


@pytest.mark.row("81")
@pytest.mark.parametrize("typed", ["30", "13am", "25:00", "until yesterday", "soon"])
async def test_81_what_cannot_be_meant_is_refused_with_a_sentence(process: BotProcess, grafana, typed):
    wanted = await offered(process, "OtelErrors", "alert:")
    before = len(grafana.asked)

    answer = text_of(await process.minji.command("silence", rule=wanted, duration=typed))

    assert typed in answer
    assert "Confirm" not in answer
    assert not [line for line, *_ in grafana.asked[before:] if line == f"POST {API}/silences"]
