#!/usr/bin/env bash
# SQLite through Python 3.11's sqlite3: a transaction that has read and then writes fails at once with "database is locked", whatever
# the timeout, if another connection committed in between (WAL).
# Expected: `timeout` is "how many seconds the connection should wait before raising"; here 20.
# Seen: OperationalError SQLITE_BUSY_SNAPSHOT within a second.
. "$(dirname "$0")/lib.sh"
cat >program.py <<'PROGRAM'
import sqlite3
import time

one, other = (sqlite3.connect("store.db", timeout=20, isolation_level=None) for _ in range(2))
one.execute("PRAGMA journal_mode=WAL")
one.execute("CREATE TABLE t (n INTEGER)")
one.execute("BEGIN")
one.execute("SELECT count(*) FROM t").fetchone()
other.execute("INSERT INTO t VALUES (1)")
began = time.monotonic()
try:
    one.execute("INSERT INTO t VALUES (2)")
except sqlite3.OperationalError as error:
    print(error.sqlite_errorname, "waited:", time.monotonic() - began > 10)
PROGRAM
python3 program.py | tee out
seen "SQLITE_BUSY_SNAPSHOT waited: False"
