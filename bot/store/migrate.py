"""Brings a database to the schema of this program; Alembic does it, in a process of its own.

Alembic and its template engine would stay in memory for the whole life of the bot although they are needed for a
second a year; so this module is also a small program (`python -m bot.store.migrate`) that does it and ends.
"""

from __future__ import annotations

import asyncio
import os
import sys
from functools import partial
from importlib.resources import files

from sqlalchemy import URL, Connection, inspect, text

from bot.errors import ConfigurationError
from bot.i18n import Phrase
from bot.store.beginning import begin
from bot.store.runner import Runner
from bot.store.trouble import trouble

# The newest file in migrations/versions; a test compares the two.
HEAD = "0014"
_ADDRESS = "BONGSU_MIGRATE_URL"
_DEADLINE_S = 120


async def ensure_schema(runner: Runner, url: URL) -> None:
    """Make the schema where there is none, migrate where it is behind. Raises ConfigurationError."""
    revision = await runner.read(_revision)
    if revision == HEAD or (revision is None and await runner.write(partial(begin, head=HEAD))):
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
        problem = Phrase("database.no_migration", seconds=_DEADLINE_S)
        raise ConfigurationError("errors.database", problem=problem) from error
    finally:
        # Also when we are told to stop meanwhile; a migration is one transaction, so nothing stays half made.
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode:
        lines = errors.decode("utf-8", "replace").strip().splitlines() or ["?"]
        words = lines[-1].partition(") ")[2] or lines[-1]
        raise ConfigurationError("errors.database", problem=trouble(OSError(), url, words[:300]))


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


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
