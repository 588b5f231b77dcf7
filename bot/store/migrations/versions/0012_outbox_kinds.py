"""What a row of the outbox is to show, and why somebody is called, each in a column of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    # Without a default: a program of the schema before may go on writing rows, whose kind only `page` tells.
    op.add_column("outbox", sa.Column("kind", sa.String(length=10), nullable=True))
    op.add_column("outbox", sa.Column("reason", sa.String(length=30), nullable=True))
    op.execute("UPDATE outbox SET kind = 'card' WHERE page IS NULL")
    op.execute("UPDATE outbox SET kind = page WHERE page IN ('report', 'picture')")
    op.execute("UPDATE outbox SET kind = 'call', reason = page WHERE kind IS NULL")
