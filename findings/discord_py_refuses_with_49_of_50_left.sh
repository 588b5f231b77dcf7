#!/usr/bin/env bash
# discord.py 2.7.1 (PyPI): with max_ratelimit_timeout=60 a request is refused (RateLimited) without being sent if the bucket's window ends
# later than that, although 49 of its 50 requests are left.
# Expected: the documentation: the setting is how long to wait "if a request is rate limited"; with requests left nothing waits, and
# without the setting all three go out at once.
# Seen: one request is answered, the following ones never leave, for the 300 s of the window.
. "$(dirname "$0")/lib.sh"
discord_asked
python discord.py==2.7.1 <<'PROGRAM'
import asyncio
import time

from discord_asked import ask


async def main() -> None:
    limits = {"X-RateLimit-Limit": "50", "X-RateLimit-Remaining": "49", "X-RateLimit-Bucket": "b"}
    limits |= {"X-RateLimit-Reset-After": "300", "X-RateLimit-Reset": str(time.time() + 300)}
    for setting in ({}, {"max_ratelimit_timeout": 60}):
        print(setting, *await ask([(200, limits)], "/channels/{channel_id}/threads", times=3, **setting))


asyncio.run(main())
PROGRAM
seen "{} ['answered', 'answered', 'answered'] 3" "{'max_ratelimit_timeout': 60} ['answered', 'RateLimited', 'RateLimited'] 1"
