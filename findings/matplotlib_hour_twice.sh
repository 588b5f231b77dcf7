#!/usr/bin/env bash
# matplotlib 3.11.2 (PyPI): HourLocator with a time zone, on the two nights on which the clocks change in New York.
# Expected: a mark each hour, an hour apart, as on any other day: 23 of them on 8 March, 25 on 1 November.
# Seen: 24 on each: in spring 03:00 is marked twice at one place, in autumn two hours lie between the first 01:00 and 02:00, with no mark for the second 01:00.
. "$(dirname "$0")/lib.sh"
python matplotlib==3.11.2 tzdata==2025.2 <<'PROGRAM'
from datetime import datetime
from zoneinfo import ZoneInfo

import matplotlib.dates as dates

zone = ZoneInfo("America/New_York")
for month, day in ((3, 8), (11, 1), (7, 1)):
    first, last = datetime(2026, month, day, 0, tzinfo=zone), datetime(2026, month, day, 23, tzinfo=zone)
    marks = dates.HourLocator(tz=zone).tick_values(first, last)
    apart = [round((after - before) * 24) for before, after in zip(marks, marks[1:])]
    shown = [dates.num2date(mark, tz=zone).strftime("%H%z") for mark in marks[:4]]
    print(f"2026-{month:02}-{day:02}", len(marks), "marks", *shown, "hours apart", *sorted(set(apart)))
PROGRAM
seen "2026-03-08 24 marks 00-0500 01-0500 03-0400 03-0400 hours apart 0 1" \
    "2026-11-01 24 marks 00-0400 01-0400 02-0500 03-0500 hours apart 1 2" "2026-07-01 24 marks 00-0400 01-0400 02-0400 03-0400 hours apart 1"
