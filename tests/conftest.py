"""Fixtures that many tests share."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
from hypothesis import HealthCheck, settings

from bot.store.database import Database
from playground import interactions
from tests.fakes import HandClock
from tests.person import PATIENCE_S
from tests.postgres import running_postgres
from tests.telemetry.local import local_server

pytest_plugins = ("tests.reruns", "tests.long_first", "tests.watching")

# How long an example takes says something about the machine and its neighbours, not about what is tested.
# CI tries the same examples each time, as Hypothesis has it do by itself: whoever runs the tests by hand looks for new ones.
settings.register_profile(
    "bongsu", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=bool(os.environ.get("CI"))
)
# For the inner loop: `make unit`.
settings.register_profile("quick", settings.get_profile("bongsu"), max_examples=15)
settings.load_profile("bongsu")


@pytest.fixture(autouse=True)
def patient_discord(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the playground wait for a first answer longer than Discord does: a busy machine is not what is tested."""
    monkeypatch.setattr(interactions, "FIRST_ANSWER_S", PATIENCE_S)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    with running_postgres() as address:
        yield address


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy, because a migration takes longer than most tests."""
    import asyncio

    path = tmp_path_factory.mktemp("sqlite") / "empty.db"

    async def make() -> None:
        async with Database.open(f"sqlite:///{path}"):
            pass

    asyncio.run(make())
    return path


@pytest.fixture
async def database(empty_sqlite: Path, tmp_path: Path) -> AsyncIterator[Database]:
    path = tmp_path / "bongsu.db"
    path.write_bytes(empty_sqlite.read_bytes())
    async with Database.open(f"sqlite:///{path}") as opened:
        yield opened


@pytest.fixture
async def server():
    """A server of our own on loopback that answers what a test tells it to."""
    async with local_server() as running:
        yield running


@pytest.fixture
async def session():
    """An HTTP session to ask it with."""
    async with aiohttp.ClientSession() as opened:
        yield opened
