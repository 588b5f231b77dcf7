"""Describes the tables for SQLAlchemy Core; `migrations/` makes them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from bot.store.columns import UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only if the key is INTEGER; Discord's ids need 64 bits, ours do not.
inbox = Table(
    "inbox",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("source", String(20), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("state", String(10), nullable=False, index=True),
    Column("incident", Integer, index=True),
    Column("reason", Text, nullable=False, server_default=""),
    # At a glance, so that what is worse is read first, and one group in its order.
    Column("severity", Integer, nullable=False, server_default="2"),
    Column("group_name", String(16), nullable=False, server_default=""),
    Column("signature", String(64), index=True),
    Index("ix_inbox_worst", "state", "severity", "id"),
    sqlite_autoincrement=True,
)

incidents = Table(
    "incidents",
    metadata,
    # No incident is ever deleted, so that no number is given twice.
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("group_key", String(64), nullable=False),
    Column("source", String(20), nullable=False),
    Column("title", Text, nullable=False),
    Column("service", Text),
    Column("severity", Integer, nullable=False),
    Column("severity_stated", Boolean, nullable=False),
    Column("state", String(20), nullable=False, index=True),
    Column("alerts", Text, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("version", Integer, nullable=False),
    Column("ack", Text),
    Column("ack_until", UtcDateTime, index=True),
    Column("first_ack_at", UtcDateTime),
    Column("resolved_at", UtcDateTime),
    Column("end_reason", Text),
    Column("flaps", Integer, nullable=False),
    Column("truncated", Integer, nullable=False),
    Column("paged_at", UtcDateTime),
    Column("external_url", Text, nullable=False),
    Column("origin", Text),
    Column("reopened_at", UtcDateTime),
    Column("doubted_at", UtcDateTime, index=True),
    Column("cause", Text),
    Column("joined_at", UtcDateTime),
    Column("joined_to", Integer),
    Column("apart", Boolean, nullable=False, server_default=false()),
    # How many of its cards somebody has deleted.
    Column("cards_lost", Integer, nullable=False, server_default="0"),
    # The digest that shows it in the place of a card, and since when.
    Column("digest", Integer, index=True),
    Column("digested_at", UtcDateTime),
    Column("fired_again", Text, nullable=False, server_default="[]"),
    Column("flapping_since", UtcDateTime),
    Column("flapping_until", UtcDateTime, index=True),
    Column("flapped", Integer, nullable=False, server_default="0"),
    # By these what may join it finds it: its service in small letters, and where it fires, nothing if in several places.
    # A program of schema 0012 says neither, and may share the database for a while.
    Column("folded_service", String(200), nullable=False, server_default="?"),
    Column("place", String(200), server_default="?"),
    Index("ix_incidents_beside", "state", "folded_service", "place"),
    Index("ix_incidents_group", "group_key", "number"),
)

alert_incidents = Table(
    "alert_incidents",
    metadata,
    Column("source", String(20)),
    # Nothing for what was stored before origins were: it may be any.
    Column("origin", String(500)),
    Column("fingerprint", String(100)),
    Column("incident", Integer, ForeignKey("incidents.number"), nullable=False, index=True),
    # As it was called when the table had another name.
    PrimaryKeyConstraint("source", "origin", "fingerprint", name="pk_incidents_of"),
    # An alert is looked for whatever its origin.
    Index("ix_alert_incidents_alert", "source", "fingerprint"),
)

timeline = Table(
    "timeline",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("incident", Integer, ForeignKey("incidents.number"), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("kind", String(30), nullable=False),
    Column("actor", Text, nullable=False),
    Column("detail", Text, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", String(40), nullable=False),
    Column("target", Text, nullable=False),
    Column("allowed", Boolean, nullable=False),
    Column("detail", Text, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("incident", Integer, ForeignKey("incidents.number"), nullable=False, index=True),
    # Kind and reason in one, as programs of schema 0011 read and write them: one may share the database for a while.
    Column("page", String(30)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("done_at", UtcDateTime, index=True),
    Column("last_error", Text, nullable=False, server_default=""),
    Column("inquiry", Integer, ForeignKey("investigations.id")),
    # A `TaskKind`, nothing in a row of such a program; and why somebody is called, nothing for what is no call.
    Column("kind", String(10)),
    Column("reason", String(30)),
)

cards = Table(
    "cards",
    metadata,
    Column("incident", Integer, ForeignKey("incidents.number"), primary_key=True, autoincrement=False),
    Column("channel_id", BigInteger, nullable=False),
    Column("message_id", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
)

silences = Table(
    "silences",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("source_id", String(100), nullable=False, unique=True),
    Column("rule", Text, nullable=False),
    Column("matchers", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("incident", Integer),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    # When a source forgets a silence in the second in which it took it, it was only not listed yet.
    Column("seen_at", UtcDateTime, nullable=False),
    # When it was last seen to mute anything; nothing for one that never was.
    Column("muted_at", UtcDateTime),
    Column("version", Integer, nullable=False, server_default="1"),
)

drafts = Table(
    "drafts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("payload", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("claimed_at", UtcDateTime),
    sqlite_autoincrement=True,
)

investigations = Table(
    "investigations",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("incident", Integer, ForeignKey("incidents.number"), nullable=False, index=True),
    Column("asked_by", Text),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("state", String(10), nullable=False, index=True),
    Column("attempts", Integer, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("payload", Text),
    Column("usd", Float, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    # Buttons name it: a number must never mean another one.
    sqlite_autoincrement=True,
)

feedback = Table(
    "feedback",
    metadata,
    Column("inquiry", Integer, ForeignKey("investigations.id"), primary_key=True, autoincrement=False),
    Column("person", BigInteger, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("rating", String(10), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

exchanges = Table(
    "exchanges",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("incident", Integer, ForeignKey("incidents.number"), nullable=False, index=True),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("findings", Text, nullable=False),
    Column("usd", Float, nullable=False),
)

memories = Table(
    "memories",
    metadata,
    Column("incident", Integer, ForeignKey("incidents.number"), primary_key=True, autoincrement=False),
    Column("mechanism", String(40), nullable=False, server_default=""),
    Column("culprit", Text, nullable=False, server_default=""),
    Column("cause", Text, nullable=False, server_default=""),
    Column("templates", Text, nullable=False, server_default="[]"),
    Column("fix", Text, nullable=False, server_default=""),
    Column("fixed_by", Text),
    Column("fixed_at", UtcDateTime),
)

changes = Table(
    "changes",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("kind", String(20), nullable=False),
    Column("change_id", String(200), nullable=False),
    # Nothing where it is not known: two NULLs would not count as the same.
    Column("service", String(200), nullable=False, server_default=""),
    Column("text", Text, nullable=False),
    UniqueConstraint("kind", "service", "change_id"),
)

spending = Table(
    "spending",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("incident", Integer),
    Column("model", Text, nullable=False),
    Column("usd", Float, nullable=False),
    Column("tokens_in", Integer, nullable=False),
    Column("tokens_out", Integer, nullable=False),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("kind", String(40), nullable=False),
    Column("key", String(200), nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("payload", Text, nullable=False),
    # When its time was set last: a clock that was ahead then has set it as much too late.
    Column("created_at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("done_at", UtcDateTime),
    Column("last_error", Text, nullable=False, server_default=""),
    Column("incident", Integer, ForeignKey("incidents.number"), index=True),
    UniqueConstraint("kind", "key"),
    Index("ix_jobs_waiting", "done_at", "due_at"),
    # Messages on Discord name it: a number must never mean another one.
    sqlite_autoincrement=True,
)
