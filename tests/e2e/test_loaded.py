"""What a bot that waits for an alert holds in memory: nothing that only a use of it needs."""

from __future__ import annotations

import re

# As Python itself writes down each import (PYTHONPROFILEIMPORTTIME).
_IMPORTED = re.compile(r"^import time:\s+\d+ \|\s+\d+ \|\s+(\S+)$", re.MULTILINE)

LATE = {
    "PostgreSQL, where the database is SQLite": (
        *("asyncpg", "greenlet", "sqlalchemy.ext.asyncio", "sqlalchemy.orm", "sqlalchemy.dialects.postgresql"),
    ),
    "migrations, which are a process of their own": ("alembic", "mako"),
    "pictures": ("matplotlib", "numpy", "PIL", "playwright"),
    "models that nobody has a key for": ("anthropic", "openai", "httpx"),
    "Grafana, where there is none": ("grafana_client", "niquests"),
    "calendars, which a process of their own reads": ("icalendar", "holidays", "dateutil"),
    "patterns of the configuration": ("re2",),
    "what init, check and verify do": ("bot.app.init", "bot.doctor"),
    "an on-call file, where nobody has written one": ("bot.app.roster", "bot.app.oncall_file"),
    "an investigation": ("bot.ranking.rank", "bot.redaction.patterns"),
}


async def test_a_bot_that_waits_has_loaded_nothing_that_only_a_use_of_it_needs(bot):
    bot.environment["PYTHONPROFILEIMPORTTIME"] = "1"

    await bot.start()
    loaded = set(_IMPORTED.findall(bot.log.read_text("utf-8")))

    # The last one is imported by a cog.
    assert {"discord", "sqlalchemy", "bot.app.leader", "bot.ui.status"} <= loaded
    assert {why: found for why, names in LATE.items() if (found := loaded.intersection(names))} == {}
