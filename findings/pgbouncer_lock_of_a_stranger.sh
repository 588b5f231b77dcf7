#!/usr/bin/env bash
# PgBouncer 1.18 and PostgreSQL 15 (Debian): with pool_mode = transaction two clients both "get" one session advisory lock.
# Expected: the lock excludes (that is what it is for), or the pooler refuses what it cannot keep; the feature table lists it as not working.
# Seen: both clients are told true, since both statements ran on the same server connection and the lock is re-entrant; no error, no warning.
. "$(dirname "$0")/lib.sh"
debian pgbouncer 1.18.0-1+deb12u1
postgres
direct=$PGPORT
pooled=$(port)
cat >pgbouncer.ini <<INI
[databases]
postgres = host=127.0.0.1 port=$direct
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $pooled
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 1
INI
sed -i "s/^postgres = .*/& user=postgres/" pgbouncer.ini
chmod 644 pgbouncer.ini
runuser --user postgres -- pgbouncer pgbouncer.ini >pgbouncer.log 2>&1 &
pids+=($!)
wait_for psql --port "$pooled" --command "SELECT 1"
export DIRECT=$direct POOLED=$pooled
python psycopg==3.3.9 psycopg-binary==3.3.9 <<'PROGRAM'
import os

import psycopg

for lock, name in enumerate(("DIRECT", "POOLED")):
    first, second = (psycopg.connect(port=os.environ[name], autocommit=True) for _ in range(2))
    print(name, [client.execute(f"SELECT pg_try_advisory_lock({lock})").fetchone()[0] for client in (first, second)])
    first.close()
    second.close()
PROGRAM
seen "DIRECT [True, False]" "POOLED [True, True]"
