"""Sources that forget, beside the real process: an Alertmanager without its data, a recorded Grafana (row 67)."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import AsyncExitStack

import aiohttp
import pytest

from playground.process import free_port
from tests.cases.bot_process import BotProcess, bot_process
from tests.cases.given import at, case
from tests.cases.sources import alertmanager, send
from tests.cases.test_sources import ALERTS, RECORDED, RULES, evaluated, never_evaluated, recorded, said
from tests.person import text_of
from tests.telemetry.local import LocalServer, local_server

pytestmark = [pytest.mark.timeout(300), pytest.mark.row("67")]


async def status_says(process: BotProcess, *words: str) -> str:
    said = ""
    async with asyncio.timeout(60):
        while not all(word in said for word in words):
            await asyncio.sleep(0.3)
            said = text_of(await process.minji.command("status"))
    return said


def answer_as_recorded(grafana: LocalServer, alerts, rules, organisation: str = "viewer") -> None:
    grafana.on(ALERTS, alerts)
    grafana.on(RULES, rules)
    grafana.on("GET /api/alertmanager/grafana/api/v2/silences", [])
    grafana.on("GET /api/org", said(f"roles/org_as_{organisation}"))
    grafana.on("GET /api/frontend/settings", said(f"roles/frontend_settings_as_{organisation}"))
    grafana.on("GET /api/alertmanager/grafana/api/v2/status", said("roles/am_status_as_viewer"))


def sent_of(listed):
    """Return what the recorded Grafana sent of the alerts that it lists."""
    known = {alert["fingerprint"] for alert in listed}
    for path in sorted((RECORDED / "webhooks").glob("*_firing_*.json")):
        body = json.loads(path.read_text("utf-8"))["body"]
        body = json.loads(body) if isinstance(body, str) else body
        if {alert["fingerprint"] for alert in body.get("alerts", [])} <= known:
            yield body


def shown(process: BotProcess) -> dict[str, str]:
    """Return what each card says, by its number."""
    heads = {text_of(each): re.search(r"^### .* · #(\d+)", text_of(each)) for each in process.messages()}
    return {head[1]: text for text, head in heads.items() if head}


async def looked(process: BotProcess, grafana: LocalServer) -> None:
    """Wait until it has asked for the alerts, and has made of the answer what it makes of it: it asks again."""
    asked = len(grafana.asked)
    await process.until(lambda: sum(line == ALERTS for line, *_ in grafana.asked[asked:]) > 1, "asked for alerts")


async def let_pass(process: BotProcess, grafana: LocalServer) -> None:
    """Let it look at the source often, for longer than any restart takes."""
    for _ in range(3):
        process.pass_time(200)
        await looked(process, grafana)
    await process.settled()


async def test_67_an_alertmanager_that_forgets_turns_nothing_green_and_loses_no_holder(tmp_path):
    port, alerts = free_port(), case("67")["alerts"]
    settings = {"ALERTMANAGER_URL": f"http://127.0.0.1:{port}", "RECONCILE_EVERY_S": "1", "GROUP_INTERVAL_S": "2"}
    async with (
        bot_process(tmp_path / "bot", **settings) as process,
        aiohttp.ClientSession() as session,
        AsyncExitStack() as first,
        AsyncExitStack() as second,
    ):
        hook = f"{process.bot.url}/webhooks/alertmanager", process.bot.token
        address = await first.enter_async_context(alertmanager(tmp_path / "first", port, *hook))
        await send(session, address, *at(alerts, process.now()))
        await process.card("CoreDown", "Nobody has it")
        await process.minji.press(process.cards("CoreDown")[0], "Acknowledge")
        card = await process.card("CoreDown", "has it since")
        proposal = await process.minji.press(process.cards("CoreDown")[0], "Silence")
        await process.minji.press(proposal, "Confirm")
        await process.card("CoreDown", "Silenced until")

        await first.aclose()
        await second.enter_async_context(alertmanager(tmp_path / "second", port, *hook))
        # It was looked at, and knows nothing: neither the alert nor the silence.
        told = await status_says(process, "Alertmanager was restarted", "Alertmanager has lost 1 silence")
        process.pass_time(240)
        await asyncio.sleep(3)
        emptied = process.said("CoreDown")
        await send(session, address, *at(alerts, process.now()))
        again = await process.card("CoreDown", "🔴", "has it since")

        assert "CoreDown" in told
        assert [("🔴" in said, "has it since" in said) for said in emptied] == [(True, True)]
        assert again.split("\n")[0] == card.split("\n")[0]
        assert len(process.cards("CoreDown")) == 1
        assert process.called("CoreDown") == [["@here", "oncall"]]

        # What it is never told again ends after all, when the Alertmanager is no longer young.
        process.pass_time(600)
        await second.aclose()
        async with alertmanager(tmp_path / "third", port, *hook):
            async with asyncio.timeout(120):
                while "🟢" not in process.said("CoreDown")[0]:
                    process.pass_time(60)
                    await asyncio.sleep(1)


@recorded
async def test_a_recorded_grafana_that_restarts_or_shows_another_organisation_turns_nothing_green(tmp_path):
    listed, rules = said("alertmanager/alerts_all"), said("prometheus/prom_rules")
    async with local_server() as grafana:
        answer_as_recorded(grafana, listed, rules)
        settings = {
            "GRAFANA_URL": grafana.url,
            "GRAFANA_TOKEN": "glsa_x",
            "RECONCILE_EVERY_S": "1",
            "GROUP_INTERVAL_S": "2",
        }
        async with bot_process(tmp_path / "bot", **settings) as process:
            for body in sent_of(listed):
                await process.post(body, "grafana")
            # What it was not told is made up for before anything is compared.
            await looked(process, grafana)
            await process.settled()
            card = next(each for each in process.messages() if "Nobody has it" in text_of(each))
            await process.minji.press(card, "Acknowledge")
            await process.until(lambda: any("has it since" in text for text in shown(process).values()), "acknowledged")
            held = next(number for number, text in shown(process).items() if "has it since" in text)
            burning = [number for number, text in shown(process).items() if "🟢" not in text and "⚪" not in text]

            answer_as_recorded(grafana, [], never_evaluated(rules))
            await status_says(process, "lists none of the")
            await let_pass(process, grafana)
            restarted = shown(process)

            answer_as_recorded(
                grafana, said("roles/alerts_as_other_org"), said("roles/rules_as_other_org"), "other_org"
            )
            await status_says(process, "The Grafana token belongs to organisation")
            await let_pass(process, grafana)
            elsewhere = shown(process)

            answer_as_recorded(grafana, listed, evaluated(rules, process.now()))
            await let_pass(process, grafana)
            back = shown(process)

    assert len(burning) >= 4
    for seen in (restarted, elsewhere, back):
        assert [number for number in burning if "🟢" in seen[number] or "⚪" in seen[number]] == []
        assert "has it since" in seen[held]
    # Nothing of it came again under another number.
    assert back.keys() == elsewhere.keys()
