"""Incidents of several groups: why the others joined, and what an incident has become a part of."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    with op.batch_alter_table("incidents") as batch:
        batch.add_column(sa.Column("cause", sa.Text(), nullable=True))
        batch.add_column(sa.Column("joined_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("joined_to", sa.Integer(), nullable=True))
        # A program of the schema before writes none.
        batch.add_column(sa.Column("apart", sa.Boolean(), server_default=sa.false(), nullable=False))
