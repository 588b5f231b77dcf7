#!/usr/bin/env bash
# recurring-ical-events 3.8.2 (PyPI): of two events with the same UID and no RECURRENCE-ID the second vanishes, without an error.
# Expected: exports that give every shift of a rotation one UID exist; RFC 5545, 3.8.4.7 asks for unique UIDs, and RFC 7986 readers show
# both. At least the one with the later SEQUENCE (RFC 5546, 2.1.5: the higher number supersedes) should not depend on the order of the file.
# Seen: only one is left. With SEQUENCE the higher one stays; without it the first one of the file.
. "$(dirname "$0")/lib.sh"
python icalendar==7.3.2 recurring-ical-events==3.8.2 <<'PROGRAM'
from icalendar import Calendar
from recurring_ical_events import of

EVENT = """BEGIN:VEVENT
UID:rotation@example.org
DTSTAMP:20260101T000000Z
DTSTART:2026010{0}T090000Z
DTEND:2026010{0}T170000Z
SUMMARY:day {0}
END:VEVENT
"""
for days in ((5, 6), (6, 5)):
    feed = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//finding//EN\n" + "".join(map(EVENT.format, days)) + "END:VCALENDAR\n"
    calendar = Calendar.from_ical(feed.replace("\n", "\r\n"))
    found = of(calendar).between((2026, 1, 1), (2026, 2, 1))
    print("in the file", days, "events", len(calendar.walk("VEVENT")), "found", [str(event["SUMMARY"]) for event in found])
PROGRAM
seen "in the file (5, 6) events 2 found ['day 5']" "in the file (6, 5) events 2 found ['day 6']"
