#!/usr/bin/env bash
# ical 14.3.1 (PyPI; Home Assistant's local calendar), beside recurring-ical-events 3.8.2 (PyPI): a duty that was moved (RECURRENCE-ID) is there twice.
# Expected: an event with a RECURRENCE-ID takes the place of that instance of the series (RFC 5545, 3.8.4.4).
# Seen: both are on the timeline, the old one and the new one: two people are on call on 21 March, and who had swapped is called.
. "$(dirname "$0")/lib.sh"
python ical==14.3.1 icalendar==7.3.2 recurring-ical-events==3.8.2 <<'PROGRAM'
from datetime import datetime, timezone

import icalendar
import recurring_ical_events
from ical.calendar_stream import IcsCalendarStream

SERIES = ("UID:1", "SEQUENCE:0", "DTSTAMP:20260101T000000Z", "SUMMARY:kim", "DTSTART:20260320T080000Z", "DTEND:20260320T090000Z", "RRULE:FREQ=DAILY;COUNT=3")
SWAPPED = ("UID:1", "SEQUENCE:1", "DTSTAMP:20260102T000000Z", "RECURRENCE-ID:20260321T080000Z", "SUMMARY:lee", "DTSTART:20260321T080000Z", "DTEND:20260321T090000Z")
lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//duties//EN"]
for event in (SERIES, SWAPPED):
    lines += ["BEGIN:VEVENT", *event, "END:VEVENT"]
text = "\r\n".join([*lines, "END:VCALENDAR", ""])
begin, end = datetime(2026, 3, 1, tzinfo=timezone.utc), datetime(2026, 4, 1, tzinfo=timezone.utc)
timeline = IcsCalendarStream.calendar_from_ics(text).timeline.overlapping(begin, end)
print("ical", *sorted(f"{event.start:%d}:{event.summary}" for event in timeline))
theirs = recurring_ical_events.of(icalendar.Calendar.from_ical(text)).between(begin, end)
print("recurring-ical-events", *sorted(f"{event.start:%d}:{event['SUMMARY']}" for event in theirs))
PROGRAM
seen "ical 20:kim 21:kim 21:lee 22:kim" "recurring-ical-events 20:kim 21:lee 22:kim"
