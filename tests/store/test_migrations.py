"""Migrations: from empty, in step with the tables, and never backwards."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
import uuid
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from bot.errors import ConfigurationError
from bot.store.database import Database, driver_url
from bot.store.migrate import HEAD
from bot.store.tables import metadata
from tests.postgres import create_database


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/deep/down/new.db"
    return create_database(request.getfixturevalue("postgres"), f"m{uuid.uuid4().hex}")


def compare(connection: Connection):
    return compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)


async def test_an_empty_database_is_brought_to_the_schema_of_the_tables(fresh):
    async with Database.open(fresh) as store:
        await store.ping()

        differences = await store._runner.read(compare)
    assert differences == []


async def test_a_database_that_is_up_to_date_is_left_alone(fresh):
    async with Database.open(fresh):
        pass

    async with Database.open(fresh) as store:
        await store.ping()


async def test_a_newer_database_is_refused(fresh):
    newer = text("UPDATE alembic_version SET version_num = '9999'")
    async with Database.open(fresh) as store:
        await store._runner.write(lambda connection: connection.execute(newer))

    with pytest.raises(ConfigurationError) as caught:
        async with Database.open(fresh):
            pass

    assert caught.value.key == "errors.database_newer"


async def test_a_migration_that_fails_is_a_sentence_and_leaves_nothing_half_made(tmp_path):
    path = tmp_path / "taken.db"
    with closing(sqlite3.connect(path)) as taken:
        # The migration makes this table after all others.
        taken.execute("CREATE TABLE timeline (somebody_elses TEXT)")

    with pytest.raises(ConfigurationError) as caught:
        async with Database.open(f"sqlite:///{path}"):
            pass

    assert caught.value.key == "errors.database"
    assert caught.value.values["problem"]
    with closing(sqlite3.connect(path)) as left:
        assert left.execute("SELECT name FROM sqlite_master").fetchall() == [("timeline",)]


async def test_two_processes_that_start_at_once_both_find_the_schema(fresh):
    async def start():
        async with Database.open(fresh) as store:
            await store.ping()

    results = await asyncio.gather(start(), start(), return_exceptions=True)

    assert results == [None, None]


async def test_a_start_that_is_stopped_while_it_migrates_leaves_no_process_and_can_be_repeated(tmp_path):
    before = children()
    starting = asyncio.create_task(open_and_close(f"sqlite:///{tmp_path}/new.db"))
    deadline = time.monotonic() + 30
    while children() == before and time.monotonic() < deadline:
        await asyncio.sleep(0.005)
    # The pipe to the new process takes a few turns of the loop; it needs far longer to import Alembic.
    for _ in range(20):
        await asyncio.sleep(0)

    starting.cancel()
    (stopped,) = await asyncio.gather(starting, return_exceptions=True)

    assert isinstance(stopped, asyncio.CancelledError)
    assert children() == before
    await open_and_close(f"sqlite:///{tmp_path}/new.db")


async def open_and_close(address):
    async with Database.open(address):
        pass


def children():
    return {
        child for task in Path(f"/proc/{os.getpid()}/task").glob("*/children") for child in task.read_text().split()
    }


async def test_a_database_without_its_tables_is_a_sentence(tmp_path):
    path = tmp_path / "emptied.db"
    with closing(sqlite3.connect(path)) as emptied:
        emptied.execute("CREATE TABLE alembic_version (version_num TEXT)")
        emptied.execute("INSERT INTO alembic_version VALUES (?)", (HEAD,))
        emptied.commit()

    with pytest.raises(ConfigurationError) as caught:
        await open_and_close(f"sqlite:///{path}")

    assert "no such table" in caught.value.values["problem"]


def test_head_is_the_newest_file():
    versions = sorted(
        path.name for path in (Path(__file__).parents[2] / "bot/store/migrations/versions").glob("[0-9]*.py")
    )

    assert versions[-1].startswith(HEAD)


@pytest.mark.parametrize(
    "address",
    ["", "mysql://x", "sqlite", "sqlite://", "sqlite:///:memory:", "not an address", "postgresql://u:p@h:notaport/x"],
)
def test_an_address_nobody_can_read_is_a_sentence_without_its_password(address):
    with pytest.raises(ConfigurationError) as caught:
        driver_url(address)

    assert "p@h" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "driver"),
    [
        ("sqlite:///data/x.db", "sqlite"),
        ("postgres://u@h/x", "postgresql+asyncpg"),
        ("postgresql://h/x", "postgresql+asyncpg"),
    ],
)
def test_people_need_not_know_the_driver(address, driver):
    assert driver_url(address).drivername == driver


async def test_a_database_that_cannot_be_opened_is_a_sentence(tmp_path):
    (tmp_path / "not-a-database.db").write_text(
        "this is not SQLite, this is a long text that only looks like a file\n" * 50
    )

    with pytest.raises(ConfigurationError) as caught:
        async with Database.open(f"sqlite:///{tmp_path}/not-a-database.db"):
            pass

    assert caught.value.key == "errors.database"


async def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(ConfigurationError):
        async with Database.open(f"sqlite:///{tmp_path}/file/x.db"):
            pass


async def test_the_word_of_hosted_databases_for_encryption_is_understood(postgres):
    address = create_database(postgres, f"s{uuid.uuid4().hex}")

    await open_and_close(f"{address}?sslmode=disable")

    assert driver_url("postgres://u@h/x?sslmode=require").query == {"ssl": "require"}


@pytest.mark.parametrize("tail", ["nobody_made_this", "postgres?nonsense=1", "postgres?sslmode=require"])
async def test_a_server_that_turns_us_away_is_a_sentence(postgres, tail):
    with pytest.raises(ConfigurationError) as caught:
        await open_and_close(f"{postgres}/{tail}")

    assert caught.value.key == "errors.database"


async def test_a_server_that_is_not_there_is_a_sentence():
    with pytest.raises(ConfigurationError):
        async with Database.open("postgresql://bongsu@127.0.0.1:1/none"):
            pass
