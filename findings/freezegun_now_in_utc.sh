#!/usr/bin/env bash
# freezegun 1.5.5, beside time-machine 3.6.0 (PyPI): with tz_offset=9 datetime.now(UTC) is nine hours after datetime.utcnow(), and now() of any other zone is off by as much.
# Expected: its README: the frozen time is UTC, tz_offset is what datetime.now() is away from it; a time that says which zone it is in is not moved.
# Seen: the offset is added to times with a zone too: frozen at 20:00 UTC, now(UTC) is 05:00 UTC, and now(Asia/Seoul) 14:00 instead of 05:00; utcnow() and time.time() stay at
# 20:00. Whatever the code under test counts from now(UTC) (a token's end, a silence's) is nine hours off from what it counts from time.time().
. "$(dirname "$0")/lib.sh"
python freezegun==1.5.5 time-machine==3.6.0 tzdata==2026.2 <<'PROGRAM'
import datetime
import os
import time
import zoneinfo

import freezegun
import time_machine

SEOUL = zoneinfo.ZoneInfo("Asia/Seoul")
FROZEN = datetime.datetime(2026, 1, 1, 20, tzinfo=datetime.UTC).timestamp()


def look(name):
    hours = {
        "now()": datetime.datetime.now(),
        "utcnow()": datetime.datetime.utcnow(),
        "now(UTC)": datetime.datetime.now(datetime.UTC),
        "now(Seoul)": datetime.datetime.now(SEOUL),
    }
    off = round((hours["now(UTC)"].timestamp() - time.time()) / 3600)
    print(name, *(f"{of} {at:%H}" for of, at in hours.items()), "now(UTC) beside time()", off)


os.environ["TZ"] = "Asia/Seoul"
time.tzset()
for offset in (0, 9):
    with freezegun.freeze_time("2026-01-01 20:00:00", tz_offset=offset):
        look(f"freezegun tz_offset={offset}:")
with time_machine.travel(FROZEN, tick=False):
    look("time-machine:")
PROGRAM
seen "freezegun tz_offset=9: now() 05 utcnow() 20 now(UTC) 05 now(Seoul) 14 now(UTC) beside time() 9" \
    "freezegun tz_offset=0: now() 20 utcnow() 20 now(UTC) 20 now(Seoul) 05 now(UTC) beside time() 0" \
    "time-machine: now() 05 utcnow() 20 now(UTC) 20 now(Seoul) 05 now(UTC) beside time() 0"
