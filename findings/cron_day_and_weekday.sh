#!/usr/bin/env bash
# croniter 7.0.0, cronsim 2.8, APScheduler 3.11.3 (PyPI): the lines "0 9 */2 * mon" and "0 9 13 * fri" are read in three ways by three libraries.
# Expected: crontab(5) of Debian: if day of month and weekday are both restricted (do not start with *), either is enough;
# "*/2" starts with a star, so both must hold: odd days that are Mondays. Only cronsim, which follows Debian, does so for this line;
# for "0 9 13 * fri" (either) APScheduler alone wants both.
# Seen: croniter takes "*/2" as a restriction and runs on every odd day and on every Monday.
. "$(dirname "$0")/lib.sh"
python croniter==7.0.0 cronsim==2.8 apscheduler==3.11.3 <<'PROGRAM'
from datetime import UTC, datetime, timedelta

from apscheduler.triggers.cron import CronTrigger
from croniter import croniter
from cronsim import CronSim

START = datetime(2026, 1, 31, tzinfo=UTC)


def month(following) -> int:
    now, count = START, 0
    while (now := following(now)) < datetime(2026, 3, 1, tzinfo=UTC):
        count += 1
    return count


for line in ("0 9 */2 * mon", "0 9 13 * fri"):
    trigger = CronTrigger.from_crontab(line, timezone=UTC)
    print(
        line,
        "croniter", month(lambda now: croniter(line, now).get_next(datetime)),
        "cronsim", month(lambda now: next(CronSim(line, now))),
        "apscheduler", month(lambda now: trigger.get_next_fire_time(None, now + timedelta(seconds=1))),
    )
PROGRAM
seen "0 9 */2 * mon croniter 17 cronsim 2 apscheduler 2" "0 9 13 * fri croniter 4 cronsim 4 apscheduler 1"
