#!/usr/bin/env bash
# SQLAlchemy 2.1.9 and psycopg 3.3.9 (PyPI) on PostgreSQL 15 (Debian): a connection that took pg_advisory_lock and was closed keeps the lock in the pool.
# Expected: "close" ends what the session held (the lock is a session lock, and the pool resets a connection when it comes back).
# Seen: the reset is a rollback, which leaves session locks; the lock is held by nobody in the program until the pool drops the connection.
. "$(dirname "$0")/lib.sh"
postgres
python sqlalchemy==2.1.9 psycopg==3.3.9 psycopg-binary==3.3.9 <<'PROGRAM'
import time

from sqlalchemy import create_engine, text

one, other = (create_engine("postgresql+psycopg://") for _ in range(2))
TRY = text("SELECT pg_try_advisory_lock(7)")
with one.connect() as connection:
    print("taken:", connection.scalar(TRY))
    connection.commit()
with other.connect() as connection:
    print("closed, free for others:", connection.scalar(TRY))
one.dispose()
with other.connect() as connection:
    until = time.monotonic() + 30  # the server ends a session a moment after its client has gone
    while not (free := connection.scalar(TRY)) and time.monotonic() < until:
        time.sleep(0.1)
    print("pool disposed, free for others:", free)
PROGRAM
seen "taken: True" "closed, free for others: False" "pool disposed, free for others: True"
