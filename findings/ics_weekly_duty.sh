#!/usr/bin/env bash
# ics 0.7.3 (PyPI), beside recurring-ical-events 3.8.2 (PyPI): a duty of every second week is on its first week only, and nobody is told.
# Expected: the duties that the calendar has, or an error for a rule that is not understood.
# Seen: timeline.at() of the third week finds nobody; RRULE and EXDATE are kept as unknown lines, so that a file that is read and written again still looks whole.
. "$(dirname "$0")/lib.sh"
python ics==0.7.3 icalendar==7.3.2 recurring-ical-events==3.8.2 <<'PROGRAM'
import arrow
import icalendar
import recurring_ical_events
from ics import Calendar

LINES = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//duties//EN", "BEGIN:VEVENT", "UID:1", "SUMMARY:kim", "DTSTART:20260302T090000Z",
         "DTEND:20260309T090000Z", "RRULE:FREQ=WEEKLY;INTERVAL=2", "END:VEVENT", "END:VCALENDAR", "")
text = "\r\n".join(LINES)
for day in (3, 17):
    moment = arrow.get(2026, 3, day, 12)
    theirs = [str(event["SUMMARY"]) for event in recurring_ical_events.of(icalendar.Calendar.from_ical(text)).at(moment.datetime)]
    print("March", day, "ics", [event.name for event in Calendar(text).timeline.at(moment)], "recurring-ical-events", theirs)
print("written again:", [line for line in Calendar(text).serialize().splitlines() if "RRULE" in line])
PROGRAM
seen "March 3 ics ['kim'] recurring-ical-events ['kim']" "March 17 ics [] recurring-ical-events ['kim']" "written again: ['RRULE:FREQ=WEEKLY;INTERVAL=2']"
