"""Runs Alembic: one connection, one transaction, asynchronous drivers."""

import asyncio

from alembic import context
from sqlalchemy import Connection, create_engine, make_url

from bot.store.beginning import LOCK
from bot.store.libpq import postgres_engine
from bot.store.runner import prepare
from bot.store.tables import metadata


def migrate(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        # Two processes that start at once: the second waits, and then finds nothing to do.
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        compare_type=True,
        # SQLite can, and a half-made schema could neither be used nor migrated again.
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def run(address: str) -> None:
    engine = postgres_engine(make_url(address))
    async with engine.begin() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


address = context.config.get_main_option("sqlalchemy.url") or ""
if address.startswith("sqlite"):
    engine = create_engine(address)
    # To change a table, Alembic copies it and drops the old one; foreign keys would object.
    prepare(engine, foreign_keys=False)
    with engine.begin() as connection:
        migrate(connection)
    engine.dispose()
else:
    asyncio.run(run(address))
