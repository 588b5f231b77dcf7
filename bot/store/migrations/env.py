"""Alembic's entry: one connection, one transaction, asynchronous drivers."""

import asyncio

from alembic import context
from sqlalchemy import Connection, create_engine
from sqlalchemy.ext.asyncio import create_async_engine

from bot.store.tables import metadata


def migrate(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


async def run(address: str) -> None:
    engine = create_async_engine(address)
    async with engine.begin() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


address = context.config.get_main_option("sqlalchemy.url") or ""
if address.startswith("sqlite"):
    engine = create_engine(address)
    with engine.begin() as connection:
        migrate(connection)
    engine.dispose()
else:
    asyncio.run(run(address))
