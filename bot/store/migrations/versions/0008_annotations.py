"""What has been written into Grafana: one row for each annotation of ours."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "annotations",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("item", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("digest", sa.String(length=16), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("gone", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("kind", "item", name=op.f("pk_annotations")),
    )
