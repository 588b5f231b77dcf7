"""The main job, on real parts: fault, alert, card, ack by button, silence by command, mended, green; in both languages."""

from __future__ import annotations

import asyncio
import re

import aiohttp
import pytest

from playground.demo import Demo
from tests.e2e.conftest import judge
from tests.person import Person, text_of

CARD = re.compile(r"### \S+ P[1-4] · ")
WORDS = {
    "ko": {
        "ack": "담당하기",
        "has": "담당 중",
        "confirm": "중지하기",
        "made": "중지했습니다",
        "undo": "되돌리기",
        "undone": "해제했습니다",
        "ended": "해소됨",
        "waiting": "건 대기",
    },
    "en": {
        "ack": "Acknowledge",
        "has": "has it since",
        "confirm": "Confirm",
        "made": "is silenced until",
        "undo": "Undo",
        "undone": "has ended",
        "ended": "Recovered",
        "waiting": " waiting",
    },
}


async def silences(url: str) -> list[dict]:
    async with aiohttp.ClientSession() as session, session.get(f"{url}/api/v2/silences") as response:
        return [each for each in await response.json() if each["status"]["state"] == "active"]


@pytest.mark.timeout(180)
@pytest.mark.parametrize("language", ["ko", "en"])
async def test_from_a_fault_to_a_green_card(language):
    words = WORDS[language]
    locale = "ko" if language == "ko" else "en-US"

    async with Demo.open(language=language) as demo, Person.join(demo.playground.url, "minji", locale) as minji:
        await minji.fault("pool", True)
        # Where the machine is busy, what is worse has joined it by now, or soon will, and is in the heading then.
        card = await minji.wait_message(lambda m: "HikariPoolPending" in text_of(m))
        assert CARD.match(text_of(card))
        assert f"{words['waiting']}**" in text_of(card)

        await minji.press(card, words["ack"])
        await minji.wait_message(lambda m: m["id"] == card["id"] and words["has"] in text_of(m))

        async with asyncio.timeout(60):
            while not (offered := await minji.autocomplete("silence", rule="hikari")):
                await asyncio.sleep(0.2)
        preview = await minji.command("silence", rule=offered[0]["value"], duration="30m", reason="known")
        confirmed = await minji.press(preview, words["confirm"])
        assert words["made"] in text_of(confirmed)
        (silence,) = await silences(demo.monitors.alertmanager_url)
        assert silence["comment"] == "known"
        assert silence["createdBy"].startswith("discord: ")
        await minji.wait_message(lambda m: m["id"] == card["id"] and "🔕" in text_of(m))

        undone = await minji.press(confirmed, words["undo"])
        assert words["undone"] in text_of(undone)
        assert await silences(demo.monitors.alertmanager_url) == []

        status = await minji.command("status")
        assert re.search(r"^- #1 [🟠🔴] \w+( \+\d)? <t:", text_of(status), re.MULTILINE), text_of(status)
        assert "API" in text_of(status)

        await minji.fault("pool", False)
        green = await minji.wait_message(lambda m: m["id"] == card["id"] and "🟢" in text_of(m), 90)
        assert words["ended"] in text_of(green)
        # Whatever else fires by the same fault has joined it.
        assert len([m for m in minji.messages.values() if CARD.match(text_of(m))]) == 1
        judge(demo.playground)


@pytest.mark.timeout(120)
async def test_a_silenced_rule_sends_no_card_and_noise_raises_no_alert():
    async with Demo.open() as demo, Person.join(demo.playground.url, "minji", "en-US") as minji:
        async with asyncio.timeout(60):
            while not await minji.autocomplete("silence", rule="ServiceDown"):
                await asyncio.sleep(0.2)
        preview = await minji.command("silence", rule="ServiceDown", duration="1h")
        await minji.press(preview, "Confirm")
        await minji.fault("noise", True)
        await minji.fault("crash", True)

        # The restarts of the crash loop are told (P4), its downs are silenced.
        await minji.wait_message(lambda m: "ServiceRestarted" in text_of(m), 40)

        assert not [m for m in minji.messages.values() if "ServiceDown · Chat" in text_of(m)]
