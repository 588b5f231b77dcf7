"""Makes the newest schema at once in a database that has no table of ours: thirteen migrations take a second of a processor."""

from __future__ import annotations

from sqlalchemy import Column, Connection, MetaData, PrimaryKeyConstraint, String, Table, insert, inspect, text

from bot.store.fence import leadership
from bot.store.tables import metadata

# Any number that nothing else in the database locks.
LOCK = 2026_1124
# As Alembic makes it.
_versions = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


def begin(connection: Connection, head: str) -> bool:
    """Make all tables and say that they are of revision `head`; False, and nothing, where any of them is."""
    if connection.dialect.name == "postgresql":
        # Two processes that start at once: the second waits, and then finds nothing to do.
        connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
    if {*metadata.tables, _versions.name}.intersection(inspect(connection).get_table_names()):
        return False
    metadata.create_all(connection, checkfirst=False)
    connection.execute(insert(leadership), [{"name": name, "value": 0} for name in ("term", "beat")])
    _versions.create(connection)
    connection.execute(insert(_versions).values(version_num=head))
    return True
