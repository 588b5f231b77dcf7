"""Investigations, what people thought and asked of them, changes, and what models cost."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "investigations",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("incident", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("payload", sa.Text(), nullable=True),
        sa.Column("usd", sa.Float(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["incident"], ["incidents.number"], name=op.f("fk_investigations_incident")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_investigations")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_investigations_incident"), "investigations", ["incident"], unique=False)
    op.create_index(op.f("ix_investigations_state"), "investigations", ["state"], unique=False)
    op.create_table(
        "feedback",
        sa.Column("inquiry", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("rating", sa.String(length=10), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["inquiry"], ["investigations.id"], name=op.f("fk_feedback_inquiry")),
        sa.PrimaryKeyConstraint("inquiry", "person", name=op.f("pk_feedback")),
    )
    op.create_table(
        "exchanges",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("incident", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.Column("usd", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["incident"], ["incidents.number"], name=op.f("fk_exchanges_incident")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchanges")),
    )
    op.create_index(op.f("ix_exchanges_incident"), "exchanges", ["incident"], unique=False)
    op.create_table(
        "changes",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("change_id", sa.String(length=200), nullable=False),
        sa.Column("service", sa.String(length=200), server_default="", nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changes")),
        sa.UniqueConstraint("kind", "service", "change_id", name=op.f("uq_changes_kind")),
    )
    op.create_index(op.f("ix_changes_at"), "changes", ["at"], unique=False)
    op.create_table(
        "spending",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("incident", sa.Integer(), nullable=True),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("usd", sa.Float(), nullable=False),
        sa.Column("tokens_in", sa.Integer(), nullable=False),
        sa.Column("tokens_out", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spending")),
    )
    op.create_index(op.f("ix_spending_at"), "spending", ["at"], unique=False)
    with op.batch_alter_table("outbox") as outbox:
        # Nobody ever read it.
        outbox.drop_column("started_at")
        outbox.add_column(sa.Column("inquiry", sa.Integer(), nullable=True))
        outbox.create_foreign_key(op.f("fk_outbox_inquiry"), "investigations", ["inquiry"], ["id"])
