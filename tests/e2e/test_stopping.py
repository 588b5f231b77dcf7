"""The real process told to stop while Discord and every source end in the same second."""

from __future__ import annotations

import asyncio
import os
import signal
import time

import pytest

from playground.demo import Bot
from playground.server import Playground
from tests.builders import alertmanager_body
from tests.e2e.conftest import alarm_of
from tests.e2e.test_hanging import black_hole


@pytest.mark.timeout(120)
async def test_it_ends_within_seconds_when_everything_ends_at_once(tmp_path):
    async with black_hole() as (url, _):
        async with Playground.open() as playground:
            bot = Bot(playground, tmp_path, language="en")
            bot.environment |= {f"{name}_URL": url for name in ("PROMETHEUS", "LOKI", "TEMPO", "ALERTMANAGER")}
            process = await bot.start()
            async with alarm_of(bot) as alarm:
                assert await alarm.send(alertmanager_body("HighLatency", severity="critical")) == 202
            # An investigation is on its way and waits for all of them.
            await asyncio.sleep(1)
        # Discord is gone as well.
        began = time.monotonic()
        os.kill(process.pid, signal.SIGTERM)
        async with asyncio.timeout(60):
            while not process.ended:
                await asyncio.sleep(0.05)
        took = time.monotonic() - began
        await bot.stop()

    assert took < 30
