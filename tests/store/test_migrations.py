"""Migrations: from empty, in step with the tables, and never backwards."""

from __future__ import annotations

import uuid
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


def test_head_is_the_newest_file():
    versions = sorted(
        path.name for path in (Path(__file__).parents[2] / "bot/store/migrations/versions").glob("[0-9]*.py")
    )

    assert versions[-1].startswith(HEAD)


@pytest.mark.parametrize("address", ["", "mysql://x", "sqlite", "not an address", "postgresql://u:p@h:notaport/x"])
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


async def test_a_server_that_is_not_there_is_a_sentence():
    with pytest.raises(ConfigurationError):
        async with Database.open("postgresql://bongsu@127.0.0.1:1/none"):
            pass
