"""Where an incident fires and an index of alerts, so that what comes finds both without reading all there are."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    # What is there already says neither until it changes; what comes looks into all of it that began lately.
    op.add_column("incidents", sa.Column("folded_service", sa.String(length=200), server_default="?", nullable=False))
    op.add_column("incidents", sa.Column("place", sa.String(length=200), server_default="?", nullable=True))
    op.create_index("ix_incidents_beside", "incidents", ["state", "folded_service", "place"])
    op.create_index("ix_alert_incidents_alert", "alert_incidents", ["source", "fingerprint"])
