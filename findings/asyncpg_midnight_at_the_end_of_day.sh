#!/usr/bin/env bash
# asyncpg 0.32.0 (PyPI) on PostgreSQL 15 (Debian): a row that holds the time 24:00, valid in PostgreSQL, cannot be read: ValueError for the whole row.
# Expected: 24:00:00 is the documented upper bound of PostgreSQL's type time (people write a shift's end so); a driver reads what its server stores.
# Seen: ValueError "hour must be in 0..23"; infinity of timestamptz meanwhile becomes a naive datetime among aware ones.
. "$(dirname "$0")/lib.sh"
postgres
python asyncpg==0.32.0 <<'PROGRAM'
import asyncio

import asyncpg


async def main() -> None:
    connection = await asyncpg.connect()
    print("text", await connection.fetchval("SELECT time '24:00' :: text"))
    try:
        print("time", await connection.fetchval("SELECT time '24:00'"))
    except ValueError as error:
        print("time", type(error).__name__)
    print("now aware:", (await connection.fetchval("SELECT now()")).tzinfo is not None)
    print("infinity aware:", (await connection.fetchval("SELECT timestamptz 'infinity'")).tzinfo is not None)
    await connection.close()


asyncio.run(main())
PROGRAM
seen "text 24:00:00" "time ValueError" "now aware: True" "infinity aware: False"
