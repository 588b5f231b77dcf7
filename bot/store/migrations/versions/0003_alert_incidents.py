"""Whose alert it is: for each alert of a source the incident that shows it, whatever route told it."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    # A program of the schema before writes none of these; they may be missing in each row.
    with op.batch_alter_table("incidents") as batch:
        batch.add_column(sa.Column("origin", sa.Text(), nullable=True))
        batch.add_column(sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("doubted_at", sa.DateTime(timezone=True), nullable=True))
        batch.create_index(op.f("ix_incidents_doubted_at"), ["doubted_at"], unique=False)
    alert_incidents = op.create_table(
        "alert_incidents",
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("origin", sa.String(length=500), nullable=False),
        sa.Column("fingerprint", sa.String(length=100), nullable=False),
        sa.Column("incident", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["incident"], ["incidents.number"], name=op.f("fk_alert_incidents_incident")),
        sa.PrimaryKeyConstraint("source", "origin", "fingerprint", name=op.f("pk_incidents_of")),
    )
    op.create_index(op.f("ix_alert_incidents_incident"), "alert_incidents", ["incident"], unique=False)

    incidents = sa.table("incidents", sa.column("number"), sa.column("source"), sa.column("alerts"))
    found = {}
    # Read whole, because one connection cannot insert while it still reads on every driver.
    for row in op.get_bind().execute(sa.select(incidents).order_by(incidents.c.number)).fetchall():
        for alert in json.loads(row.alerts):
            found[row.source, alert["fingerprint"][:100]] = row.number
    # Where they came from is not known; nothing stands for "any".
    rows = [{"source": s, "origin": "", "fingerprint": f, "incident": n} for (s, f), n in found.items()]
    for start in range(0, len(rows), 500):
        op.bulk_insert(alert_incidents, rows[start : start + 500])
