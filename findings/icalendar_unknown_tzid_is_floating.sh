#!/usr/bin/env bash
# icalendar 7.3.2 (PyPI): a DTSTART whose TZID is neither defined in the calendar nor known becomes a naive (floating) time, without
# an error in the event's `errors` and without a warning.
# Expected: RFC 5545, 3.2.19: the TZID must be defined in the same object, so this is a fault of the feed that a reader has to be
# able to see; the library records other faults of a value in `errors`.
# Seen: naive datetime, `errors` empty; only the parameter left on the property tells.
. "$(dirname "$0")/lib.sh"
python icalendar==7.3.2 <<'PROGRAM'
import warnings

from icalendar import Calendar

FEED = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//finding//EN
BEGIN:VEVENT
UID:1
DTSTAMP:20260101T000000Z
DTSTART;TZID=Night shift office:20260105T090000
END:VEVENT
END:VCALENDAR
"""
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    event = Calendar.from_ical(FEED.replace("\n", "\r\n")).walk("VEVENT")[0]
print("read as", event.start.isoformat(), "zone", event.start.tzinfo)
print("errors", event.errors, "warnings", len(caught))
print("what is left:", event["DTSTART"].params["TZID"])
PROGRAM
seen "read as 2026-01-05T09:00:00 zone None" "errors [] warnings 0"
