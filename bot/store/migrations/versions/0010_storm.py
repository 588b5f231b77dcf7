"""Digests of a storm, and incidents that flap."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "digests",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("lane", sa.String(length=20), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("calm_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("channel_id", sa.BigInteger(), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("lost", sa.Integer(), server_default="0", nullable=False),
        sa.Column("called", sa.Text(), server_default="[]", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digests")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_digests_ended_at"), "digests", ["ended_at"])
    op.add_column("incidents", sa.Column("digest", sa.Integer(), nullable=True))
    op.add_column("incidents", sa.Column("digested_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("incidents", sa.Column("fired_again", sa.Text(), server_default="[]", nullable=False))
    op.add_column("incidents", sa.Column("flapping_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("incidents", sa.Column("flapping_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("incidents", sa.Column("flapped", sa.Integer(), server_default="0", nullable=False))
    op.create_index(op.f("ix_incidents_digest"), "incidents", ["digest"])
    op.create_index(op.f("ix_incidents_flapping_until"), "incidents", ["flapping_until"])
