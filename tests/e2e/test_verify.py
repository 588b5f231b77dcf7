"""`bongsu verify` as a process beside the real bot: against the demo's real servers, and a Grafana."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from playground.demo import Bot, Demo
from playground.world import CHANNELS
from tests.doctor.grafana import TOKEN as GRAFANA_TOKEN
from tests.doctor.grafana import grafana_on_loopback
from tests.e2e.conftest import judge
from tests.person import text_of

# The shop has been traced, logged and scraped by then, and no rule about its start fires any more.
PATIENCE_S = 60


async def verify(bot: Bot, *options: str, **changes: str) -> tuple[int, str]:
    """Run the command with the bot's own settings, as `docker compose exec bot` would."""
    environment: Mapping[str, str] = {**os.environ, **bot.environment, **changes}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "verify-stack", *options),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(PATIENCE_S):
            said, _ = await process.communicate()
    finally:
        # Left behind, it would be complained of in whatever test comes next.
        if process.returncode is None:
            process.kill()
            await process.wait()
    words = said.decode()
    assert bot.token not in words
    assert "Traceback" not in words
    return process.returncode or 0, words


async def fine(demo: Demo, **changes: str) -> str:
    """Run it until all is well: a demo needs some seconds before everything has arrived everywhere."""
    for _ in range(10):
        code, words = await verify(demo.bot, "--no-test-alert", **changes)
        if code == 0:
            return words
        await asyncio.sleep(2)
    raise AssertionError(words)


def cards(demo: Demo) -> list[dict]:
    return [
        message
        for channel in ("alert-urgent", "alert-normal")
        for message in demo.playground.state.messages[CHANNELS[channel]].values()
        if "BongsuVerify" in text_of(message)
    ]


@pytest.mark.timeout(200)
@pytest.mark.parametrize(("language", "words", "ended"), [("en", "works", "Test ended"), ("ko", "정상", "테스트 종료")])
async def test_the_demo_works_from_end_to_end_and_wakes_nobody(language, words, ended):
    async with Demo.open(language=language) as demo:
        await fine(demo)
        assert cards(demo) == []

        code, said = await verify(demo.bot)

        assert code == 0, said
        assert "❌" not in said
        assert words in said.splitlines()[-1]
        (card,) = cards(demo)
        assert card["channel_id"] == str(CHANNELS["alert-normal"])
        assert card["_pinged"] == []
        async with asyncio.timeout(60):
            while ended not in text_of(card):
                await asyncio.sleep(0.1)
                (card,) = cards(demo)
        assert "🟢" in text_of(card)
        judge(demo.playground)


@pytest.mark.timeout(200)
async def test_what_is_broken_in_the_demo_is_named(tmp_path):
    services = tmp_path / "services.yml"
    services.write_text("services: {api: {}, ghost: {}}", "utf-8")
    async with Demo.open() as demo:
        await fine(demo)
        await demo.shop.switch("crash", True)
        async with asyncio.timeout(PATIENCE_S):
            while "spring" not in (broken := (await verify(demo.bot, "--no-test-alert"))[1]):
                await asyncio.sleep(0.5)

        code, said = await verify(demo.bot, "--no-test-alert", BONGSU_SERVICES=str(services), RECEIVER="oncall")

        assert "is down: Get" in broken
        assert code == 1
        assert "✅ logs of api" in said
        for missing in ("metrics", "logs", "traces"):
            assert f"❌ {missing} of ghost: " in said
        assert "❌ receivers of alertmanager: There is none called oncall, only: bongsu, nobody." in said


@pytest.mark.timeout(120)
@pytest.mark.parametrize("version", [12, 13])
async def test_a_test_message_of_grafana_becomes_a_card_of_the_real_bot(
    playground, bot, alarm, version, tmp_path: Path
):
    async with grafana_on_loopback(f"{bot.url}/webhooks/grafana", bot.token, version) as grafana:
        where = {"GRAFANA_URL": grafana.url, "GRAFANA_TOKEN": GRAFANA_TOKEN}

        code, said = await verify(bot, **where)

    assert code == 0, said
    assert GRAFANA_TOKEN not in said
    (card,) = playground.state.messages[CHANNELS["alert-normal"]].values()
    assert "🧪" in text_of(card)
    assert card["_pinged"] == []


async def test_without_a_bot_it_says_so(bot):
    code, said = await verify(bot, ALERTMANAGER_URL="http://127.0.0.1:1")

    assert code == 1
    assert "❌ bongsu: Bongsu does not answer at http://127.0.0.1:" in said
    assert "❌ test alert: bongsu did not answer" in said


async def test_a_mistake_in_the_settings_is_one_sentence(bot, tmp_path):
    code, said = await verify(bot, BONGSU_SERVICES=str(tmp_path / "nowhere.yml"))

    assert code == 78
    assert said.startswith("bongsu: ")
    assert len(said.splitlines()) == 1
