"""Brings a database to the schema of this program; Alembic does it, in a process of its own.

Alembic and its template engine would stay in memory for the whole life of the bot although they are needed for a
second a year; so this module is also a small program (`python -m bot.store.migrate`) that does it and ends.
"""

from __future__ import annotations

import asyncio
import os
import sys
from importlib.resources import files

from sqlalchemy import URL, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.errors import ConfigurationError

# The newest file in migrations/versions; a test compares the two.
HEAD = "0001"
_ADDRESS = "BONGSU_MIGRATE_URL"
_DEADLINE_S = 120


async def ensure_schema(engine: AsyncEngine, url: URL) -> None:
    """Migrate if the database is behind. Raises ConfigurationError."""
    revision = await _revision(engine)
    if revision == HEAD:
        return
    if revision is not None and revision > HEAD:
        raise ConfigurationError("errors.database_newer", revision=revision, head=HEAD)
    environment = os.environ | {_ADDRESS: url.render_as_string(hide_password=False)}
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.store.migrate", env=environment, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(_DEADLINE_S):
            _, errors = await child.communicate()
    except TimeoutError as error:
        child.kill()
        await child.wait()
        raise ConfigurationError("errors.database", problem=f"no migration within {_DEADLINE_S} s") from error
    if child.returncode:
        lines = errors.decode("utf-8", "replace").strip().splitlines() or ["?"]
        raise ConfigurationError("errors.database", problem=lines[-1][:300])


async def _revision(engine: AsyncEngine) -> str | None:
    try:
        async with engine.connect() as connection:
            return (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar_one_or_none()
    except DBAPIError as error:
        if _no_such_table(error):
            return None
        raise ConfigurationError("errors.database", problem=str(error.orig)[:300]) from error
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        raise ConfigurationError("errors.database", problem=str(error)[:300]) from error


def _no_such_table(error: DBAPIError) -> bool:
    message = str(error.orig)
    return "no such table" in message or "UndefinedTable" in message or 'relation "alembic_version"' in message


def upgrade(address: str) -> None:
    """Run Alembic's upgrade to the newest revision."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(files("bot.store") / "migrations"))
    # % would be read as an interpolation.
    config.set_main_option("sqlalchemy.url", address.replace("%", "%%"))
    command.upgrade(config, "head")


if __name__ == "__main__":
    upgrade(os.environ[_ADDRESS])
