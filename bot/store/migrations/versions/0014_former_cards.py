"""Where cards were that were moved or deleted, whose threads go on."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "former_cards",
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("incident", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["incident"], ["incidents.number"], name="fk_former_cards_incident"),
        sa.PrimaryKeyConstraint("message_id", name="pk_former_cards"),
    )
