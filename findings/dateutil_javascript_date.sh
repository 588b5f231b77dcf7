#!/usr/bin/env bash
# python-dateutil 2.9.0.post0 (PyPI), reading what JavaScript's Date.toString() writes (Node): "GMT+0900" is nine hours behind Greenwich.
# Expected: 03:00 UTC: ECMAScript writes the offset as GMT+0900 for a clock nine hours ahead, and dateutil's own gettz("GMT+9") is nine hours ahead.
# Seen: 21:00 UTC, eighteen hours off: the sign is turned round as soon as a name stands before it; "+0900" alone is read as it is meant.
. "$(dirname "$0")/lib.sh"
TZ=Asia/Seoul node -e 'console.log(new Date("2026-11-28T03:00:00Z").toString().replace(/ \(.*/, ""))' >written
python python-dateutil==2.9.0.post0 <<'PROGRAM'
from datetime import UTC, datetime

from dateutil import parser, tz

written = open("written").read().strip()
print("written", written)
print("read", parser.parse(written).astimezone(UTC))
print("read without GMT", parser.parse(written.replace("GMT", "")).astimezone(UTC))
print("gettz", datetime(2026, 11, 28, 12, tzinfo=tz.gettz("GMT+9")).astimezone(UTC))
PROGRAM
seen "written Sat Nov 28 2026 12:00:00 GMT+0900" "read 2026-11-28 21:00:00+00:00" "read without GMT 2026-11-28 03:00:00+00:00" "gettz 2026-11-28 03:00:00+00:00"
