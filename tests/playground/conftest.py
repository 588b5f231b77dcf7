"""A playground of each test's own, and how it is looked at: with a browser, or as a bot does."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from playground.server import Playground
from tests.playground.browsing import Bot, Opener, visits


@pytest.fixture
async def playground() -> AsyncIterator[Playground]:
    async with Playground.open(limited=False) as opened:
        yield opened


@pytest.fixture
async def visit(playground: Playground) -> AsyncIterator[Opener]:
    async with visits(playground.url) as opener:
        yield opener


@pytest.fixture
async def bot(playground: Playground) -> AsyncIterator[Bot]:
    async with aiohttp.ClientSession() as http:
        yield Bot(playground.url, http)
