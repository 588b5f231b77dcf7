"""Has Python compile what the bot imports, and nothing else: what lies beside it is 50 MB that nobody reads.

PYTHONPATH=/app python deploy/image/compile.py      # while the image is built
"""

from __future__ import annotations

import importlib

# The program, and what it imports only when it is asked for: models, pictures, PostgreSQL, migrations.
_MODULES = (
    "bot.app.run",
    "bot.app.loading",
    "bot.app.init",
    "bot.doctor.check",
    "bot.doctor.verify",
    "bot.cameras.chart_drawing",
    "alembic.command",
    "anthropic",
    "openai",
    "matplotlib.backends.backend_agg",
    "playwright.async_api",
    "sqlalchemy.dialects.postgresql.asyncpg",
)


def main() -> None:
    """Import everything; Python writes down what it compiled."""
    for name in _MODULES:
        importlib.import_module(name)


if __name__ == "__main__":
    main()
