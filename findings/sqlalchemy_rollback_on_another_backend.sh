#!/usr/bin/env bash
# SQLAlchemy 2.1.9 and psycopg 3.3.9 (PyPI) on PostgreSQL 15 (Debian): a Connection whose backend was killed goes on working on a new backend after rollback().
# Expected: a session lock is lost with its session, and whoever holds it learns that; rollback() undoes a transaction.
# Seen: after one OperationalError and rollback() the same Connection object answers again, from another process of the server, and
# the lock belongs to nobody: a leader that handles errors by rollback() goes on as one of two leaders.
. "$(dirname "$0")/lib.sh"
postgres
python sqlalchemy==2.1.9 psycopg==3.3.9 psycopg-binary==3.3.9 <<'PROGRAM'
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

engine = create_engine("postgresql+psycopg://")
TRY, PID = text("SELECT pg_try_advisory_lock(7)"), text("SELECT pg_backend_pid()")
with engine.connect() as leader, engine.connect() as rival:
    print("leader:", leader.scalar(TRY), "rival:", rival.scalar(TRY))
    before = leader.scalar(PID)
    leader.commit()
    rival.execute(text("SELECT pg_terminate_backend(:pid, 30000)"), {"pid": before})
    try:
        leader.scalar(PID)
    except OperationalError:
        leader.rollback()
    print("the leader's connection answers, on the same backend:", leader.scalar(PID) == before)
    print("rival:", rival.scalar(TRY))
PROGRAM
seen "leader: True rival: False" "the leader's connection answers, on the same backend: False" "rival: True"
