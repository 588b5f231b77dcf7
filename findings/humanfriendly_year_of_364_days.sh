#!/usr/bin/env bash
# humanfriendly 10.0 (PyPI): parse_timespan("1y") is 52 weeks, 364 days, and "1 year" written by format_timespan is 364 days too.
# Expected: a year is 365 days (Prometheus' own durations: 1y = 365d; durationpy 0.11 says the same), so a retention or a silence of
# "1y" ends a day early, and 365 days are told as "1 year and 1 day".
# Seen: 31449600 seconds.
. "$(dirname "$0")/lib.sh"
python humanfriendly==10.0 durationpy==0.11 <<'PROGRAM'
import durationpy
import humanfriendly

print("humanfriendly", humanfriendly.parse_timespan("1y") / 86400, "days")
print("durationpy", durationpy.from_str("1y").total_seconds() / 86400, "days")
print("365 days:", humanfriendly.format_timespan(365 * 86400))
PROGRAM
seen "humanfriendly 364.0 days" "durationpy 365.0 days" "365 days: 1 year and 1 day"
