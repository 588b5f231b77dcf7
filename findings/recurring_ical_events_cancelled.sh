#!/usr/bin/env bash
# recurring-ical-events 3.8.2 (PyPI): an instance that was cancelled (RECURRENCE-ID with STATUS:CANCELLED) is returned among those that take place.
# Expected: RFC 5545, 3.8.1.11: a CANCELLED event does not take place; `between` is asked for what does.
# Seen: the cancelled shift comes like any other; every caller has to drop it by its STATUS.
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
DTSTART:20260105T090000Z
DTEND:20260105T170000Z
RRULE:FREQ=DAILY;COUNT=3
SUMMARY:on call
END:VEVENT
BEGIN:VEVENT
UID:1
DTSTAMP:20260101T000000Z
RECURRENCE-ID:20260106T090000Z
DTSTART:20260106T090000Z
DTEND:20260106T170000Z
STATUS:CANCELLED
SUMMARY:on call
END:VEVENT
END:VCALENDAR
"""
for event in of(Calendar.from_ical(FEED.replace("\n", "\r\n"))).between((2026, 1, 1), (2026, 2, 1)):
    print(event.start.date(), event.get("STATUS", "no status"))
PROGRAM
seen "2026-01-06 CANCELLED"
