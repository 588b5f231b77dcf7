#!/usr/bin/env bash
# APScheduler 3.11.3 (PyPI): CronTrigger.from_crontab takes a line of crontab but counts weekdays from Monday: "1-5" is Tuesday to Saturday.
# Expected: the method is for "a standard crontab expression", where 0 and 7 are Sunday and 1-5 are the working days; croniter 7.0.0 says so.
# Seen: a working-hours job does not run on Monday and runs on Saturday; 7 is refused.
. "$(dirname "$0")/lib.sh"
python apscheduler==3.11.3 croniter==7.0.0 <<'PROGRAM'
from datetime import UTC, datetime, timedelta

from apscheduler.triggers.cron import CronTrigger
from croniter import croniter

START = datetime(2026, 1, 4, tzinfo=UTC)  # a Sunday


def days(line: str) -> list[str]:
    trigger, now, found = CronTrigger.from_crontab(line, timezone=UTC), START, []
    while (now := trigger.get_next_fire_time(None, now + timedelta(seconds=1))) < START + timedelta(days=7):
        found.append(f"{now:%a}")
    return found


peer = croniter("0 9 * * 1-5", START)
print("croniter", [f"{peer.get_next(datetime):%a}" for _ in range(5)])
print("apscheduler", days("0 9 * * 1-5"))
try:
    days("0 9 * * 7")
except ValueError as refused:
    print("0 9 * * 7:", type(refused).__name__)
PROGRAM
seen "croniter ['Mon', 'Tue', 'Wed', 'Thu', 'Fri']" "apscheduler ['Tue', 'Wed', 'Thu', 'Fri', 'Sat']" "0 9 * * 7: ValueError"
