#!/usr/bin/env bash
# discord.py 2.7.1 (PyPI): 500, 502, 504 and 524 are tried again (up to five times), 503 and 520 to 523 are raised at once.
# Expected: 503 is the status that says "try again later" (RFC 9110, 15.6.4), and 520 to 523 come from the same proxy as 524.
# Seen: during the same outage one message is sent after a second and the next is lost, depending on which of them the proxy chose.
. "$(dirname "$0")/lib.sh"
discord_asked
python discord.py==2.7.1 <<'PROGRAM'
import asyncio

from discord_asked import ask


async def main() -> None:
    for status in (500, 502, 503, 504, 520, 522, 524):
        results, asked = await ask([(status, {}), (200, {})], "/channels/{channel_id}/messages")
        print(status, results[0], "asked", asked)


asyncio.run(main())
PROGRAM
seen "502 answered asked 2" "503 DiscordServerError asked 1" "520 DiscordServerError asked 1" "524 answered asked 2"
