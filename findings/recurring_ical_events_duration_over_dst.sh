#!/usr/bin/env bash
# recurring-ical-events 3.8.2 (PyPI): DURATION:PT24H is added to the wall clock, so a duty that begins the evening before summer time ends after 23 hours.
# Expected: RFC 5545, 3.3.6: in a duration weeks and days are nominal, hours, minutes and seconds are exact:
# PT24H from 20:00+01:00 ends at 21:00+02:00; P1D ends at 20:00+02:00.
# Seen: both end at 20:00+02:00. (node-ical 0.26.1 for JavaScript gives 21:00.)
. "$(dirname "$0")/lib.sh"
python icalendar==7.3.2 recurring-ical-events==3.8.2 <<'PROGRAM'
from icalendar import Calendar
from recurring_ical_events import of

FEED = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//finding//EN
BEGIN:VEVENT
UID:1
DTSTAMP:20260101T000000Z
DTSTART;TZID=Europe/Berlin:20260328T200000
DURATION:{0}
END:VEVENT
END:VCALENDAR
"""
for duration in ("P1D", "PT24H"):
    (event,) = of(Calendar.from_ical(FEED.format(duration).replace("\n", "\r\n"))).between((2026, 3, 1), (2026, 4, 1))
    lasts = event.end.timestamp() - event.start.timestamp()
    print(duration, "until", event.end.isoformat(), "lasts", lasts / 3600, "h")
PROGRAM
seen "PT24H until 2026-03-29T20:00:00+02:00 lasts 23.0 h"
