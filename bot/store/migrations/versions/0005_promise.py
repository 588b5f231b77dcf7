"""What is worse is read first: how bad a webhook body is and which group it is about; and with what it was signed; and how many cards are gone."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    # A program of the schema before writes none of these; they have defaults.
    with op.batch_alter_table("inbox") as batch:
        batch.add_column(sa.Column("severity", sa.Integer(), nullable=False, server_default="2"))
        batch.add_column(sa.Column("group_name", sa.String(length=16), nullable=False, server_default=""))
        batch.add_column(sa.Column("signature", sa.String(length=64), nullable=True))
        batch.create_index("ix_inbox_worst", ["state", "severity", "id"], unique=False)
    with op.batch_alter_table("incidents") as batch:
        batch.add_column(sa.Column("cards_lost", sa.Integer(), nullable=False, server_default="0"))
