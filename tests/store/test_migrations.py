"""Migrations: from empty, in step with the tables, and never backwards."""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
import time
import uuid
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, inspect, text
from sqlalchemy.exc import IntegrityError

import bot
from bot.domain import lifecycle
from bot.domain.incidents import PageReason
from bot.domain.views import MessageRef
from bot.errors import ConfigurationError
from bot.ports import TaskKind
from bot.store import tables
from bot.store.database import Database, driver_url
from bot.store.migrate import HEAD
from bot.store.rows import incident_columns
from bot.store.runner import PostgresRunner, SqliteRunner
from bot.store.tables import metadata
from tests.builders import MINJI, NOW, make_incident, make_notification
from tests.postgres import create_database

ROOT = Path(__file__).parents[2]


@pytest.fixture(params=["sqlite", "postgresql"])
def new(request, tmp_path):
    """Return the address of an empty database, another one each time."""

    def address():
        name = f"m{uuid.uuid4().hex}"
        if request.param == "sqlite":
            return f"sqlite:///{tmp_path}/deep/down/{name}.db"
        return create_database(request.getfixturevalue("postgres"), name)

    return address


@pytest.fixture
def fresh(new):
    return new()


def compare(connection: Connection):
    return compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)


async def test_an_empty_database_is_brought_to_the_schema_of_the_tables(fresh):
    async with Database.open(fresh) as store:
        await store.ping()

        differences = await store._runner.read(compare)
    assert differences == []


def shape(connection: Connection):
    """Return what a database is made of, whatever the order of its columns, and what it holds."""
    found = inspect(connection)
    names = connection.dialect.name == "postgresql"
    made = {}
    for table in found.get_table_names():
        rows = connection.execute(text(f"SELECT * FROM {table} ORDER BY 1")).mappings()
        made[table] = {
            "columns": {each["name"]: {**each, "type": str(each["type"])} for each in found.get_columns(table)},
            # Alembic's copy of a table of SQLite has no name for it.
            "key": [found.get_pk_constraint(table)[each] for each in ("constrained_columns", *["name"] * names)],
            "others": sorted(map(str, [*found.get_foreign_keys(table), *found.get_unique_constraints(table)])),
            "checks": found.get_check_constraints(table),
            "indexes": sorted(map(str, found.get_indexes(table))),
            "holds": [dict(row) for row in rows],
        }
    if not names:
        sql = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'"))
        made["numbered once"] = sorted(name for name, _ in sql)
        made.pop("sqlite_sequence", None)
    return made


async def test_what_is_made_at_once_is_what_all_migrations_make(fresh, new):
    await run_alembic(fresh, "head")
    async with runner_of(fresh) as runner:
        migrated = await runner.read(shape)

    async with Database.open(new()) as store:
        at_once = await store._runner.read(shape)

    assert at_once == migrated
    assert at_once["leadership"]["holds"] == [{"name": "beat", "value": 0}, {"name": "term", "value": 0}]


async def test_some_that_begin_at_the_same_moment_make_one_schema(fresh):
    async def opened():
        async with Database.open(fresh) as store:
            await store.ping()
            return await store._runner.read(shape)

    first, *others = await asyncio.gather(*(opened() for _ in range(4)))

    assert others == [first] * 3


async def test_what_a_deleted_database_has_left_does_not_come_back(tmp_path):
    file = tmp_path / "bongsu.db"
    async with Database.open(f"sqlite:///{file}") as store:
        await store.inbox.keep("grafana", b"{}", NOW)
        left = file.with_name("bongsu.db-wal").read_bytes()
    file.unlink()
    file.with_name("bongsu.db-wal").write_bytes(left)

    async with Database.open(f"sqlite:///{file}") as store:
        assert (await store.inbox.counts())["received"] == 0


def schemas():
    return sorted(path.name[:4] for path in (ROOT / "bot/store/migrations/versions").glob("[0-9]*.py"))


@pytest.mark.parametrize("document", ["upgrade.md", "upgrade.ko.md"])
def test_the_page_about_upgrades_knows_every_schema_and_this_version(document):
    rows = re.findall(r"(?m)^\| (\d+\.\d+\.\d+) \| ([\d, ]+) \|$", (ROOT / "docs" / document).read_text("utf-8"))

    assert [schema for _, written in rows for schema in written.split(", ")] == schemas()
    assert (rows[-1][0], rows[-1][1].split(", ")[-1]) == (bot.__version__, HEAD)


@pytest.mark.parametrize("schema", schemas()[:-1])
async def test_what_an_earlier_schema_holds_is_kept(fresh, schema):
    await run_alembic(fresh, schema)
    async with runner_of(fresh) as runner:
        await runner.write(fill)

    async with Database.open(fresh) as store:
        tasks = await store.outbox.due(NOW, 10)
        differences = await store._runner.read(compare)
        asked = await store.investigations.ask(7, MINJI, NOW, timedelta())
        lost = text("INSERT INTO outbox (incident, created_at, due_at, attempts) VALUES (99, :at, :at, 0)")
        with pytest.raises(IntegrityError):
            await store._runner.write(lambda connection: connection.execute(lost, {"at": driver_time(connection)}))

        returned = await come_again(store)

    # What was stored before alerts had an incident of their own is found by its alert, also by another route.
    assert [outcome.incident.number for outcome in returned] == [7]
    # The second had been delivered.
    assert [(task.id, task.kind, task.reason) for task in tasks] == [
        (1, TaskKind.CARD, None),
        (3, TaskKind.CALL, PageReason.REOPENED),
    ]
    assert {task.created_at for task in tasks} == {NOW}
    assert {task.card for task in tasks} == {MessageRef(2**62, 2**61)}
    assert [task.attempts for task in tasks] == [1, 3]
    assert differences == []
    assert asked.incident == 7


async def come_again(store):
    told = make_notification(group_key="another route", origin="alertmanager.example#")
    delivery = await store.inbox.keep("alertmanager", b"{}", NOW)
    return await store.incidents.receive(delivery, told, lambda known: lifecycle.tell(known, told, NOW), NOW)


def fill(connection: Connection, old: MetaData | None = None):
    """Write what a program of an earlier schema left behind: an incident, its card, and a task of every kind."""
    if old is None:
        old = MetaData()
        old.reflect(connection)
    at = driver_time(connection)
    columns = old.tables["incidents"].columns
    row = incident_columns(make_incident()) | {"number": 7, "version": 3, "opened_at": at}
    row = {name: value for name, value in row.items() if name in columns}
    connection.execute(old.tables["incidents"].insert().values(row))
    card = {"incident": 7, "channel_id": 2**62, "message_id": 2**61, "version": 3}
    connection.execute(old.tables["cards"].insert().values(card))
    task = {"incident": 7, "created_at": at, "due_at": at, "started_at": at}
    task = {name: value for name, value in task.items() if name in old.tables["outbox"].columns}
    tasks = old.tables["outbox"].insert()
    connection.execute(tasks.values(**task, attempts=0))
    connection.execute(tasks.values(**task, attempts=1, done_at=at, last_error="한글"))
    connection.execute(tasks.values(**task, attempts=3, page="reopened"))
    if "alert_incidents" in old.tables:
        alerts = [alert.fingerprint for alert in make_incident().alerts]
        rows = [{"source": "alertmanager", "origin": "", "fingerprint": each, "incident": 7} for each in alerts]
        connection.execute(old.tables["alert_incidents"].insert(), rows)


def driver_time(connection: Connection):
    return NOW.replace(tzinfo=None) if connection.dialect.name == "sqlite" else NOW


async def run_alembic(address, revision):
    """Bring an empty database to an earlier schema, as an earlier program would have."""
    url = driver_url(address)
    if url.get_backend_name() == "sqlite":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    config = Config()
    config.set_main_option("script_location", str(Path(tables.__file__).with_name("migrations")))
    config.set_main_option("sqlalchemy.url", url.render_as_string(hide_password=False))
    # In a thread, because it has an event loop of its own.
    await asyncio.to_thread(command.upgrade, config, revision)


def runner_of(address):
    url = driver_url(address)
    return (SqliteRunner if url.get_backend_name() == "sqlite" else PostgresRunner).open(url)


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


async def test_a_start_that_is_stopped_while_it_migrates_leaves_no_process_and_can_be_repeated(tmp_path):
    await run_alembic(f"sqlite:///{tmp_path}/old.db", schemas()[-2])
    before = children()
    starting = asyncio.create_task(open_and_close(f"sqlite:///{tmp_path}/old.db"))
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
    await open_and_close(f"sqlite:///{tmp_path}/old.db")


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
    assert schemas()[-1] == HEAD


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


@pytest.mark.parametrize("tail", ["nobody_made_this", "postgres?nonsense=1", "postgres?sslmode=require"])
async def test_a_server_that_turns_us_away_is_a_sentence(postgres, tail):
    with pytest.raises(ConfigurationError) as caught:
        await open_and_close(f"{postgres}/{tail}")

    assert caught.value.key == "errors.database"


async def test_a_server_that_is_not_there_is_a_sentence():
    with pytest.raises(ConfigurationError):
        async with Database.open("postgresql://bongsu@127.0.0.1:1/none"):
            pass
