"""Expand, then contract: a program of an earlier schema goes on working on a newer one, so both may run side by side."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import Connection, MetaData, Table, inspect, select

from bot.domain.views import MessageRef
from bot.store.database import Database
from tests.builders import NOW
from tests.postgres import create_database
from tests.store.test_migrations import driver_time, fill, run_alembic, runner_of, schemas

# What a schema takes away from the one before it, as "table.column", once no supported version needs it any more. Each
# needs a line in docs/upgrade.md: stop all processes before it.
CONTRACTS: dict[str, frozenset[str]] = {}
# 0.1.0, the first version there was, came with this one.
FIRST = "0002"


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/new.db"
    return create_database(request.getfixturevalue("postgres"), f"e{uuid.uuid4().hex}")


def shape(connection: Connection):
    """Return what a program may rely on, and what it has to obey: columns with their types, and rules over them."""
    seen = inspect(connection)
    columns = {
        f"{table}.{column['name']}": column for table in seen.get_table_names() for column in seen.get_columns(table)
    }
    rules = set()
    for table in seen.get_table_names():
        rules |= {(table, "unique", tuple(each["column_names"])) for each in seen.get_unique_constraints(table)}
        rules |= {(table, "unique", tuple(each["column_names"])) for each in seen.get_indexes(table) if each["unique"]}
        rules |= {(table, "foreign", tuple(each["constrained_columns"])) for each in seen.get_foreign_keys(table)}
        rules |= {(table, "check", each["sqltext"]) for each in seen.get_check_constraints(table)}
    return columns, rules


def taken_away(before, after):
    """Return what a program that knows the schema before would stumble over, each as a sentence."""
    (old, old_rules), (new, new_rules) = before, after
    tables = {name.partition(".")[0] for name in old}
    found = [f"{name} is gone" for name in old if name not in new]
    for name, column in new.items():
        known = old.get(name)
        if known is None:
            if name.partition(".")[0] in tables and not column["nullable"] and column["default"] is None:
                found.append(f"{name} is new and has to be given")
        elif repr(known["type"]) != repr(column["type"]):
            found.append(f"{name} is {column['type']!r}, and was {known['type']!r}")
        elif known["nullable"] and not column["nullable"]:
            found.append(f"{name} may be missing no more")
        elif known["default"] is not None and column["default"] is None:
            found.append(f"{name} has no default any more")
    for table, kind, what in new_rules - old_rules:
        # A rule about new columns alone is obeyed by whoever does not know them.
        if table in tables and (kind == "check" or any(f"{table}.{each}" in old for each in what)):
            found.append(f"{table} has a new rule: {kind} {what}")
    return sorted(found)


async def test_each_migration_only_adds(fresh):
    await run_alembic(fresh, FIRST)
    async with runner_of(fresh) as runner:
        before = await runner.read(shape)
        assert "outbox.due_at" in before[0]
        for schema in [each for each in schemas() if each > FIRST]:
            await run_alembic(fresh, schema)
            after = await runner.read(shape)
            contracts = CONTRACTS.get(schema, frozenset())

            found = [each for each in taken_away(before, after) if each.split()[0] not in contracts]

            assert (schema, found) == (schema, [])
            before = after


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("ALTER TABLE drafts DROP COLUMN payload", "drafts.payload is gone"),
        ("ALTER TABLE drafts RENAME COLUMN payload TO words", "drafts.payload is gone"),
        ("ALTER TABLE drafts RENAME TO sketches", "drafts.payload is gone"),
        ("ALTER TABLE drafts ALTER COLUMN claimed_at SET NOT NULL", "drafts.claimed_at may be missing no more"),
        ("ALTER TABLE outbox ALTER COLUMN page TYPE varchar(10)", "outbox.page is VARCHAR(length=10)"),
        ("ALTER TABLE drafts ADD COLUMN who text NOT NULL", "drafts.who is new and has to be given"),
        ("ALTER TABLE drafts ADD UNIQUE (payload)", "drafts has a new rule: unique ('payload',)"),
        ("CREATE UNIQUE INDEX one ON drafts (payload)", "drafts has a new rule: unique ('payload',)"),
        ("ALTER TABLE inbox ADD FOREIGN KEY (incident) REFERENCES incidents", "inbox has a new rule: foreign"),
        ("ALTER TABLE drafts ADD CHECK (payload <> '')", "drafts has a new rule: check"),
        ("ALTER TABLE outbox ALTER COLUMN last_error DROP DEFAULT", "outbox.last_error has no default any more"),
    ],
)
async def test_what_a_migration_must_not_do_is_found(postgres, change, found):
    address = create_database(postgres, f"e{uuid.uuid4().hex}")
    await run_alembic(address, FIRST)
    async with runner_of(address) as runner:
        before = await runner.read(shape)

        await runner.write(lambda connection: connection.exec_driver_sql(change))

        assert any(each.startswith(found) for each in taken_away(before, await runner.read(shape)))


@pytest.mark.parametrize("schema", [each for each in schemas()[:-1] if each >= FIRST])
async def test_a_program_of_an_earlier_schema_goes_on_writing_and_reading(fresh, schema):
    """It names the columns that it knows, in what it writes and in what it reads."""
    await run_alembic(fresh, schema)
    async with runner_of(fresh) as earlier:
        known = MetaData()
        await earlier.read(lambda connection: known.reflect(connection))
        async with Database.open(fresh) as store:
            await earlier.write(lambda connection: fill(connection, known))
            await earlier.write(lambda connection: _works(connection, known.tables["outbox"]))

            (task, *_) = await store.outbox.due(NOW, 10)

            assert (task.id, task.incident, task.card, task.attempts) == (1, 7, MessageRef(2**62, 2**61), 5)
            await store.outbox.delivered(task, 3, MessageRef(1, 2), NOW)
            for table in known.tables.values():
                await earlier.read(lambda connection, table=table: connection.execute(select(table)).all())


def _works(connection: Connection, outbox: Table) -> None:
    tried = {"attempts": 5, "due_at": driver_time(connection)}
    assert connection.execute(outbox.update().where(outbox.c.id == 1).values(tried)).rowcount == 1
