#!/usr/bin/env bash
# discord.py 2.7.1 (PyPI): a 429 with retry_after in a JSON body is waited out only if the answer has a Via header, of whatever value.
# Expected: Discord's documentation: retry_after (and Retry-After) say when to try again; Via is a header of intermediaries (RFC 9110, 7.6.3).
# Seen: behind a proxy that removes Via (or against a local server) every rate limit is raised as HTTPException and the message is lost.
. "$(dirname "$0")/lib.sh"
discord_asked
python discord.py==2.7.1 <<'PROGRAM'
import asyncio

from discord_asked import ask


async def main() -> None:
    for name, headers in (("with Via", {"Via": "1.1 proxy"}), ("without Via", {})):
        answers = [(429, {"Retry-After": "1", **headers}), (200, {})]
        results, asked = await ask(answers, "/channels/{channel_id}/messages")
        print(name, results[0], "asked", asked)


asyncio.run(main())
PROGRAM
seen "with Via answered asked 2" "without Via HTTPException asked 1"
