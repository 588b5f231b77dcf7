#!/usr/bin/env bash
# asyncpg 0.32.0 and psycopg 3.3.9 (PyPI) on PostgreSQL 15 (Debian): timedelta(hours=24) is sent as "1 day", which PostgreSQL adds to the
# wall clock: over the night of summer time it is 23 hours.
# Expected: a timedelta is an exact length (in Python timedelta(hours=24) == timedelta(days=1) == 86,400 s); interval '24 hours' adds just that.
# Seen: "now() + $1" with 24 hours ends an hour early (in autumn an hour late) whenever the session's time zone has a change in between.
. "$(dirname "$0")/lib.sh"
postgres
python asyncpg==0.32.0 psycopg==3.3.9 psycopg-binary==3.3.9 <<'PROGRAM'
import asyncio
from datetime import timedelta

import asyncpg
import psycopg

ZONE = "SET TIME ZONE 'Europe/Berlin'"
ADD = "SELECT extract(epoch FROM timestamptz '2026-03-28 12:00+01' + {} - timestamptz '2026-03-28 12:00+01')::int / 3600"


async def main() -> None:
    connection = await asyncpg.connect()
    await connection.execute(ZONE)
    print("asyncpg", await connection.fetchval(ADD.format("$1::interval"), timedelta(hours=24)), "hours")
    print("literal", await connection.fetchval(ADD.format("interval '24 hours'")), "hours")
    await connection.close()


with psycopg.connect() as other:
    other.execute(ZONE)
    print("psycopg", other.execute(ADD.format("%s::interval"), [timedelta(hours=24)]).fetchone()[0], "hours")
asyncio.run(main())
PROGRAM
seen "asyncpg 23 hours" "psycopg 23 hours" "literal 24 hours"
