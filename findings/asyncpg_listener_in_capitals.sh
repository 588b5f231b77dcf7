#!/usr/bin/env bash
# asyncpg 0.32.0 (PyPI) on PostgreSQL 15 (Debian): add_listener("Alerts") never hears NOTIFY Alerts.
# Expected: a listener of a channel hears what is sent by that name, written the same way.
# Seen: asyncpg quotes the name, the statement folds it to lower case; only pg_notify('Alerts', …) and NOTIFY "Alerts" arrive, the first is lost silently.
. "$(dirname "$0")/lib.sh"
postgres
python asyncpg==0.32.0 <<'PROGRAM'
import asyncio

import asyncpg


async def main() -> None:
    connection = await asyncpg.connect()
    heard: list[str] = []
    await connection.add_listener("Alerts", lambda _connection, _pid, _channel, payload: heard.append(payload))
    await connection.execute("NOTIFY Alerts, 'statement'")
    await connection.execute("SELECT pg_notify('Alerts', 'function')")
    await connection.execute("NOTIFY \"Alerts\", 'quoted'")
    await connection.fetchval("SELECT pg_sleep(1)")
    print("heard", heard)
    await connection.close()


asyncio.run(main())
PROGRAM
seen "heard ['function', 'quoted']"
