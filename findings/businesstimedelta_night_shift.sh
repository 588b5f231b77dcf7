#!/usr/bin/env bash
# businesstimedelta 1.0.1 (PyPI; working hours for deadlines): of a shift from 22:00 to 06:00 no second is working time.
# Expected: eight hours a night, or an error: a rule whose end is before its beginning is refused or goes over midnight.
# Seen: nothing between Monday 22:00 and Tuesday 06:00, so that no ticket of the night team is ever late. Two rules in
# its place, up to 23:59:59 and from 00:00, lack a second of each night.
. "$(dirname "$0")/lib.sh"
python businesstimedelta==1.0.1 <<'PROGRAM'
from datetime import datetime, time

from businesstimedelta import Rules, WorkDayRule

WEEK = list(range(7))
begin, end = datetime(2026, 11, 30, 22), datetime(2026, 12, 1, 6)


def seconds(*hours):
    rules = Rules([WorkDayRule(start_time=start, end_time=stop, working_days=WEEK) for start, stop in hours])
    return rules.difference(begin, end).timedelta.total_seconds()


print("22:00 to 06:00:", seconds((time(22), time(6))))
print("00:00 to 06:00:", seconds((time(0), time(6))))
print("in two rules:", seconds((time(22), time(23, 59, 59)), (time(0), time(6))))
PROGRAM
seen "22:00 to 06:00: 0.0" "00:00 to 06:00: 21600.0" "in two rules: 28799.0"
