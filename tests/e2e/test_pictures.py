"""The real process with a Grafana: a P2 is pictured in its thread by itself, and /dashboard answers with a picture."""

from __future__ import annotations

import asyncio
import io
import json
from datetime import UTC, datetime

import aiohttp
import pytest
from PIL import Image

from tests.builders import alertmanager_body
from tests.e2e.conftest import alarm_of
from tests.e2e.grafana import TOKEN, running_grafana
from tests.pages.boards import TOKEN as BOARDS_TOKEN
from tests.pages.boards import Board, Panel, boards, grid
from tests.person import Person, text_of


def linked_alert(url: str) -> bytes:
    body = json.loads(alertmanager_body(severity="high"))
    for alert in body["alerts"]:
        alert["startsAt"] = datetime.now(UTC).isoformat()
        alert |= {"dashboardURL": f"{url}/d/api?orgId=1", "panelURL": f"{url}/d/api?orgId=1&viewPanel=4"}
    return json.dumps(body).encode()


async def looked_at(message) -> Image.Image:
    async with aiohttp.ClientSession() as session, session.get(message["attachments"][0]["url"]) as response:
        return Image.open(io.BytesIO(await response.read()))


@pytest.mark.timeout(150)
async def test_an_alert_is_pictured_in_its_thread_and_a_dashboard_for_who_asks(playground, bot):
    async with running_grafana() as grafana:
        bot.environment |= {"GRAFANA_URL": grafana.url, "GRAFANA_TOKEN": TOKEN}
        await bot.start()
        async with alarm_of(bot) as alarm, Person.join(playground.url, "minji", "en-US") as minji:
            assert await alarm.send(linked_alert(grafana.url), "grafana") == 202
            card = await minji.wait_message(lambda m: "HighLatency · API" in text_of(m) and bool(m["components"]), 30)
            hung = await minji.wait_message(lambda m: bool(m["attachments"]) and m["channel_id"] == card["id"], 60)
            in_thread = await looked_at(hung)

            await minji.command("dashboard", name="api", range="15m", variables="service=chat")
            answer = await minji.wait_message(
                lambda m: bool(m["attachments"]) and m["channel_id"] == card["channel_id"], 60
            )
            asked_for = await looked_at(answer)

    assert hung["attachments"][0]["filename"] == "incident-1.png"
    words = text_of(hung)
    assert "API overview** · Latency" in words
    assert "1 of 1 panels" in words
    assert "Grafana's image renderer: none is installed" in words
    # The alert's own label, not what the dashboard was saved with.
    assert 'latency{service="api"}' in grafana.queries
    assert in_thread.size[0] == 1600
    assert "service=chat" in text_of(answer)
    assert 'latency{service="chat"}' in grafana.queries
    assert len(asked_for.convert("RGB").getcolors(2**24)) > 10


@pytest.mark.timeout(150)
async def test_a_picture_that_was_due_when_the_process_died_hangs_once(playground, bot):
    async with running_grafana() as grafana:
        bot.environment |= {"GRAFANA_URL": grafana.url, "GRAFANA_TOKEN": TOKEN}
        await bot.start()
        async with alarm_of(bot) as alarm, Person.join(playground.url, "minji", "en-US") as minji:
            assert await alarm.send(linked_alert(grafana.url), "grafana") == 202
            card = await minji.wait_message(lambda m: "HighLatency · API" in text_of(m) and bool(m["components"]), 30)
            bot.process.kill()
            await bot.process.wait()
            await bot.start()

            await minji.wait_message(lambda m: bool(m["attachments"]) and m["channel_id"] == card["id"], 60)
            # Whoever would post it a second time does so at once.
            await asyncio.sleep(3)
            hung = [m for m in minji.messages.values() if m["attachments"] and m["channel_id"] == card["id"]]

    assert len(hung) == 1


@pytest.mark.timeout(150)
async def test_our_own_browser_is_tried_first_and_says_what_it_saw(playground, bot):
    panels = [Panel(number, f"Panel {number}") for number in range(1, 7)]
    panels[3].shows, panels[4].shows, panels[4].message = "no-data", "error", "@everyone bad_data: parse error"
    async with boards() as grafana:
        grafana.add(Board("api", grid(panels)))
        bot.environment |= {"GRAFANA_URL": grafana.url, "GRAFANA_TOKEN": BOARDS_TOKEN}
        await bot.start()
        async with Person.join(playground.url, "minji", "en-US") as minji:
            await minji.command("dashboard", name="api", range="1h")
            answer = await minji.wait_message(lambda m: bool(m["attachments"]), 60)
            picture = await looked_at(answer)

    words = text_of(answer)
    assert "4 of 6 panels" in words
    assert "1 without data" in words
    assert "1 failed" in words
    assert "@\u200beveryone bad\\_data: parse error" in words
    assert picture.size[0] == 1600
    assert len(picture.convert("RGB").getcolors(2**24)) > 10
    assert any(path.startswith("/d/api") for _, path, _ in grafana.asked)
