#!/usr/bin/env bash
# SQLAlchemy 2.1.9 (PyPI) on SQLite (Python 3.11's): a row whose time is server_default=func.now() is not found by the very time that was read from it.
# Expected: as its documentation shows it, DateTime with server_default=func.now() is a time; what was read is equal to what is stored, and "since then" holds it.
# Seen: SQLite's own text has no fractions of a second, SQLAlchemy's parameter has ".000000", and texts are compared: neither == nor >= finds the row, and < does.
# Who asks for what came since the last one seen, or before it, gets too little or too much.
. "$(dirname "$0")/lib.sh"
python SQLAlchemy==2.1.9 <<'PROGRAM'
from sqlalchemy import Column, DateTime, Integer, MetaData, Table, create_engine, func, insert, select

metadata = MetaData()
alerts = Table("alerts", metadata, Column("id", Integer, primary_key=True), Column("at", DateTime, server_default=func.now()))
engine = create_engine("sqlite://")
with engine.begin() as connection:
    metadata.create_all(connection)
    connection.execute(insert(alerts).values(id=1))
    at = connection.execute(select(alerts.c.at)).scalar_one()
    connection.execute(insert(alerts).values(id=2, at=at))
    for name, condition in (("equal", alerts.c.at == at), ("since", alerts.c.at >= at), ("before", alerts.c.at < at)):
        print(name, connection.execute(select(alerts.c.id).where(condition)).scalars().all())
    print("the same to Python:", len(set(connection.execute(select(alerts.c.at)).scalars())) == 1)
PROGRAM
seen "equal [2]" "since [2]" "before [1]" "the same to Python: True"
