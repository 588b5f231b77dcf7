#!/usr/bin/env bash
# Alembic 1.20.1 and SQLAlchemy 2.1.9 (PyPI) on SQLite (Python 3.11's): a table of sqlite_autoincrement=True whose column batch_alter_table alters gives the number of a deleted row again.
# Expected: the copy that batch mode makes of a table counts on as the table did; what was made with AUTOINCREMENT never gives a number twice, as SQLite's documentation has it.
# Seen: the copy has no AUTOINCREMENT, because a reflected table does not know of it; of two rows the newer one is deleted, and the next is 2 again.
# Alembic's autogenerate finds no difference afterwards. Whoever keeps the number elsewhere (a link, a button, another table) reaches another row.
. "$(dirname "$0")/lib.sh"
python alembic==1.20.1 SQLAlchemy==2.1.9 <<'PROGRAM'
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Column, Integer, MetaData, PrimaryKeyConstraint, String, Table, create_engine, delete, insert, select, text

metadata = MetaData()
incidents = Table(
    "incidents", metadata, Column("number", Integer), Column("title", String(20)), PrimaryKeyConstraint("number", name="pk_incidents"), sqlite_autoincrement=True
)


def numbers(connection):
    for title in ("first", "second"):
        connection.execute(insert(incidents).values(title=title))
    newest = select(incidents.c.number).order_by(incidents.c.number.desc())
    deleted = connection.execute(newest).scalars().first()
    connection.execute(delete(incidents).where(incidents.c.number == deleted))
    connection.execute(insert(incidents).values(title="third"))
    return deleted, connection.execute(newest).scalars().first()


for name in ("as made", "altered"):
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        metadata.create_all(connection)
        context = MigrationContext.configure(connection, opts={"render_as_batch": True})
        if name == "altered":
            with Operations(context).batch_alter_table("incidents") as batch:
                batch.alter_column("title", existing_type=String(20), type_=String(40))
            metadata.tables["incidents"].c.title.type = String(40)
        sql = connection.execute(text("SELECT sql FROM sqlite_master WHERE name = 'incidents'")).scalar_one()
        print(f"{name}: AUTOINCREMENT {'AUTOINCREMENT' in sql},", "deleted %d, next %d," % numbers(connection), "differences", compare_metadata(context, metadata))
PROGRAM
seen "as made: AUTOINCREMENT True, deleted 2, next 3, differences []" "altered: AUTOINCREMENT False, deleted 2, next 2, differences []"
