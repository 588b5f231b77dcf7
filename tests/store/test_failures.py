"""A database that fails for a while: our own error, nothing half done, and afterwards everything goes on."""

from __future__ import annotations

import asyncio
import sqlite3
import uuid
from contextlib import closing

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.util import await_only

from bot.domain.incidents import Entry, EntryKind
from bot.errors import ConfigurationError, SourceUnavailable, UnknownIncident
from bot.store.database import Database, driver_url
from bot.store.runner import PostgresRunner
from bot.store.tables import timeline
from tests.builders import MINJI, NOW
from tests.postgres import administer, create_database
from tests.store.test_store import receive


async def test_a_file_that_somebody_else_locks_is_our_own_error_and_serves_again_afterwards(tmp_path, empty_sqlite):
    path = tmp_path / "locked.db"
    path.write_bytes(empty_sqlite.read_bytes())
    async with Database.open(f"sqlite:///{path}") as store:
        await store._runner.read(lambda connection: connection.exec_driver_sql("PRAGMA busy_timeout=20"))
        with closing(sqlite3.connect(path)) as other:
            other.execute("BEGIN EXCLUSIVE")

            with pytest.raises(SourceUnavailable) as caught:
                await store.inbox.keep("grafana", b"lost?", NOW)

        await store.inbox.keep("grafana", b"kept", NOW)

        assert "locked" in str(caught.value.__cause__)
        assert [delivery.body for delivery in await store.inbox.pending(10)] == [b"kept"]


async def test_a_full_disk_is_our_own_error_and_what_was_stored_stays(tmp_path, empty_sqlite):
    path = tmp_path / "full.db"
    path.write_bytes(empty_sqlite.read_bytes())
    async with Database.open(f"sqlite:///{path}") as store:
        await store.inbox.keep("grafana", b"first", NOW)
        await leave_little_room(store)

        with pytest.raises(SourceUnavailable) as caught:
            await store.inbox.keep("grafana", b"x" * 1024 * 1024, NOW)

        assert "full" in str(caught.value.__cause__)
        assert [delivery.body for delivery in await store.inbox.pending(10)] == [b"first"]
        outcome = await receive(store)
        assert outcome.incident
        assert await store.incidents.load(1) == outcome.incident


async def leave_little_room(store):
    def work(connection):
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 20}")

    await store._runner.read(work)


async def test_a_server_that_goes_away_is_our_own_error_and_serves_again_when_it_is_back(postgres, postgres_template):
    name = f"g{uuid.uuid4().hex}"
    async with Database.open(create_database(postgres, name, postgres_template)) as store:
        await receive(store)
        administer(postgres, f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false")
        administer(postgres, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")

        with pytest.raises(SourceUnavailable) as caught:
            await store.ping()
        with pytest.raises(SourceUnavailable):
            await store.inbox.keep("grafana", b"x", NOW)

        # What /readyz shows to everybody names nothing of ours.
        assert name not in str(caught.value)
        administer(postgres, f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true")
        assert [incident.number for incident in await store.incidents.open()] == [1]


async def test_a_defect_of_ours_is_not_taken_for_weather(store):
    orphan = timeline.insert().values(incident=99, at=NOW, kind=EntryKind.OPENED.value, actor="{}", detail="{}")

    with pytest.raises(IntegrityError):
        await store._runner.write(lambda connection: connection.execute(orphan))


async def test_a_note_to_nothing_leaves_nothing(store):
    with pytest.raises(UnknownIncident):
        await store.incidents.note(99, Entry(NOW, EntryKind.SILENCED, MINJI))

    assert await store.incidents.timeline(99) == []


async def test_a_second_process_on_the_same_file_is_refused_until_the_first_has_ended(tmp_path, empty_sqlite):
    path = tmp_path / "one.db"
    path.write_bytes(empty_sqlite.read_bytes())
    async with Database.open(f"sqlite:///{path}", alone=True):
        with pytest.raises(ConfigurationError) as refused:
            async with Database.open(f"sqlite:///{path}", alone=True):
                pass
        # Who only looks, as `check` does, may.
        async with Database.open(f"sqlite:///{path}") as store:
            await store.ping()

    async with Database.open(f"sqlite:///{path}", alone=True) as store:
        await store.ping()
    assert refused.value.values["problem"].key == "database.held"


@pytest.mark.parametrize("replaced", [False, True])
async def test_a_file_that_has_gone_takes_nothing_in_and_is_not_ready(tmp_path, empty_sqlite, replaced):
    path = tmp_path / "gone.db"
    path.write_bytes(empty_sqlite.read_bytes())
    async with Database.open(f"sqlite:///{path}") as store:
        path.rename(tmp_path / "elsewhere.db")
        if replaced:
            path.write_bytes(empty_sqlite.read_bytes())

        with pytest.raises(SourceUnavailable):
            await store.inbox.keep("grafana", b"into nothing", NOW)
        with pytest.raises(SourceUnavailable):
            await store.ping()


async def test_a_full_disk_is_not_ready(tmp_path, empty_sqlite):
    path = tmp_path / "full.db"
    path.write_bytes(empty_sqlite.read_bytes())
    async with Database.open(f"sqlite:///{path}") as store:
        await store._runner.read(lambda connection: connection.exec_driver_sql("PRAGMA query_only=1"))

        with pytest.raises(SourceUnavailable):
            await store.ping()


async def test_an_outage_is_logged_once_and_its_end_too(tmp_path, empty_sqlite, caplog):
    caplog.set_level("INFO")
    path = tmp_path / "away.db"
    path.write_bytes(empty_sqlite.read_bytes())
    async with Database.open(f"sqlite:///{path}") as store:
        path.rename(tmp_path / "elsewhere.db")
        for _ in range(20):
            with pytest.raises(SourceUnavailable):
                await store.inbox.keep("grafana", b"x", NOW)
        (tmp_path / "elsewhere.db").rename(path)
        await store.ping()

    said = [record.getMessage() for record in caplog.records if record.name == "bot.store.runner"]
    assert [words.split(":")[0] for words in said] == ["the database failed", "the database works again"]


async def test_a_server_that_was_read_only_for_a_while_is_written_again_without_a_restart(postgres):
    name = f"r{uuid.uuid4().hex}"
    address = create_database(postgres, name)
    async with Database.open(address) as store:
        administer(postgres, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        administer(postgres, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        for _ in range(3):
            with pytest.raises(SourceUnavailable):
                await store.inbox.keep("grafana", b"lost?", NOW)
        with pytest.raises(SourceUnavailable):
            await store.ping()

        # A session keeps what held when it began, as one to a server that has become a replica does.
        administer(postgres, f"ALTER DATABASE {name} RESET default_transaction_read_only")
        for _ in range(3):
            try:
                await store.inbox.keep("grafana", b"kept", NOW)
            except SourceUnavailable:
                continue
            break

        await store.ping()
        assert [delivery.body for delivery in await store.inbox.pending(10)] == [b"kept"]


def end_and_ask(connection):
    # As SQLAlchemy itself does with each connection that it has opened, and translates nothing of it.
    driver = connection.connection.driver_connection
    driver.terminate()
    await_only(driver.set_type_codec("json", schema="pg_catalog", encoder=str, decoder=str, format="text"))


async def test_a_connection_that_is_lost_as_it_is_opened_is_our_own_error(postgres):
    async with PostgresRunner.open(driver_url(f"{postgres}/postgres")) as runner:
        with pytest.raises(SourceUnavailable) as caught:
            await runner.read(end_and_ask)

        assert isinstance(caught.value.__cause__, asyncpg.InterfaceError)
        assert await runner.read(lambda connection: connection.scalar(text("SELECT 2"))) == 2


async def test_a_connection_that_is_given_back_is_kept(postgres):
    # To close one takes a word with the server; who stood still meanwhile had a traceback of the pool in the log.
    asked = text("SELECT pg_backend_pid() FROM pg_sleep(0.3)")
    async with PostgresRunner.open(driver_url(f"{postgres}/postgres")) as runner:
        at_once = (runner.read(lambda connection: connection.scalar(asked)) for _ in range(12))
        sessions = set(await asyncio.gather(*at_once))
        kept = text("SELECT pid FROM pg_stat_activity")

        assert sessions <= set(await runner.read(lambda connection: connection.scalars(kept).all()))
        assert len(sessions) <= 5
