"""The same tests on both databases."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store.database import Database
from tests.postgres import create_database


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.server)])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        path = tmp_path / "store.db"
        path.write_bytes(request.getfixturevalue("empty_sqlite").read_bytes())
        return f"sqlite:///{path}"
    server = request.getfixturevalue("postgres")
    template = request.getfixturevalue("postgres_template")
    return create_database(server, f"t{uuid.uuid4().hex}", template)


@pytest.fixture(scope="session")
def postgres_template(postgres: str) -> str:
    """A migrated, empty database to copy."""
    import asyncio

    # Folders that take this fixture over have it once more, on the same server.
    name = f"template_{uuid.uuid4().hex}"
    address = create_database(postgres, name)

    async def make() -> None:
        async with Database.open(address):
            pass

    asyncio.run(make())
    return name


@pytest.fixture
async def store(address: str) -> AsyncIterator[Database]:
    async with Database.open(address) as opened:
        yield opened
