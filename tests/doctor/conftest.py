"""A local server and a session to ask it with."""

from __future__ import annotations

import aiohttp
import pytest

from tests.telemetry.local import local_server


@pytest.fixture
async def server():
    async with local_server() as running:
        yield running


@pytest.fixture
async def session():
    async with aiohttp.ClientSession() as opened:
        yield opened
