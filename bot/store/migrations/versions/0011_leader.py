"""Which of several processes leads: the number of its term, and its beat; and signatures that no other has taken."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    leadership = op.create_table(
        "leadership",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leadership")),
    )
    op.bulk_insert(leadership, [{"name": "term", "value": 0}, {"name": "beat", "value": 0}])
    op.create_index(op.f("ix_inbox_signature"), "inbox", ["signature"])
