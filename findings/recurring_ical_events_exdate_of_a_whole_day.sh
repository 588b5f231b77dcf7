#!/usr/bin/env bash
# recurring-ical-events 3.8.2 (PyPI): EXDATE;VALUE=DATE on an event with times takes away every recurrence of that day.
# Expected: RFC 5545, 3.8.5.1 and 3.8.5.2: an exception excludes the recurrence whose start equals it; a DATE equals no DATE-TIME.
# ical.js 2.1.0 (npm) reads the date as midnight and drops that one recurrence only.
# Seen: of four shifts at 0, 6, 12 and 18 o'clock on 6 January none is left; ical.js keeps three.
. "$(dirname "$0")/lib.sh"
cat >feed.ics <<'FEED'
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//finding//EN
BEGIN:VEVENT
UID:1
DTSTAMP:20260101T000000Z
DTSTART:20260105T000000Z
DTEND:20260105T060000Z
RRULE:FREQ=HOURLY;INTERVAL=6;COUNT=12
EXDATE;VALUE=DATE:20260106
END:VEVENT
END:VCALENDAR
FEED
sed -i 's/$/\r/' feed.ics
node_program ical.js@2.1.0 <<'PROGRAM'
import fs from "node:fs";
import ICAL from "ical.js";
const event = new ICAL.Event(new ICAL.Component(ICAL.parse(fs.readFileSync("feed.ics", "utf8"))).getFirstSubcomponent("vevent"));
const all = [];
const steps = event.iterator();
for (let next; (next = steps.next()); ) all.push(next.toString());
console.log("ical.js on 6 January:", all.filter((text) => text.startsWith("2026-01-06")).length, "of", all.length);
PROGRAM
mv out peer
python icalendar==7.3.2 recurring-ical-events==3.8.2 <<'PROGRAM'
from icalendar import Calendar
from recurring_ical_events import of

found = of(Calendar.from_ical(open("feed.ics", "rb").read())).between((2026, 1, 1), (2026, 2, 1))
print("recurring-ical-events on 6 January:", sum(event.start.day == 6 for event in found), "of", len(found))
PROGRAM
cat peer >>out
seen "recurring-ical-events on 6 January: 0 of 8" "ical.js on 6 January: 3 of 11"
