"""What is remembered of incidents: the cause that was found, and what has ended them."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "memories",
        sa.Column("incident", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mechanism", sa.String(length=40), server_default="", nullable=False),
        sa.Column("culprit", sa.Text(), server_default="", nullable=False),
        sa.Column("cause", sa.Text(), server_default="", nullable=False),
        sa.Column("templates", sa.Text(), server_default="[]", nullable=False),
        sa.Column("fix", sa.Text(), server_default="", nullable=False),
        sa.Column("fixed_by", sa.Text(), nullable=True),
        sa.Column("fixed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["incident"], ["incidents.number"], name=op.f("fk_memories_incident")),
        sa.PrimaryKeyConstraint("incident", name=op.f("pk_memories")),
    )
