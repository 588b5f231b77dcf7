#!/usr/bin/env bash
# icalevents 0.3.1 (PyPI) and node-ical 0.26.1 (npm), beside recurring-ical-events 3.8.2 (PyPI) and ical.js 2.2.1 (npm): a duty that is handed over "from 4 March on" is handed over for one day.
# Expected: RFC 5545: RECURRENCE-ID;RANGE=THISANDFUTURE changes that instance and all that follow.
# Seen: both take the change for that day alone; on the 5th and the 6th the one who handed over is on duty again, at the old hour.
. "$(dirname "$0")/lib.sh"
cat >duty.ics <<'CALENDAR'
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//duty//
BEGIN:VEVENT
UID:duty
DTSTAMP:20260101T000000Z
DTSTART:20260302T090000Z
DTEND:20260302T170000Z
RRULE:FREQ=DAILY;COUNT=5
SUMMARY:mina
END:VEVENT
BEGIN:VEVENT
UID:duty
DTSTAMP:20260102T000000Z
RECURRENCE-ID;RANGE=THISANDFUTURE:20260304T090000Z
DTSTART:20260304T130000Z
DTEND:20260304T210000Z
SUMMARY:jun
END:VEVENT
END:VCALENDAR
CALENDAR
python icalevents==0.3.1 recurring-ical-events==3.8.2 icalendar==7.3.2 <<'PROGRAM'
import datetime

import icalendar
import recurring_ical_events
from icalevents.icalevents import events

with open("duty.ics") as file:
    text = file.read()
start, end = (datetime.datetime(2026, 3, day, tzinfo=datetime.UTC) for day in (1, 10))
print("icalevents", *(event.summary for event in sorted(events(string_content=text, start=start, end=end))))
expanded = recurring_ical_events.of(icalendar.Calendar.from_ical(text)).between(start, end)
print("recurring-ical-events", *(event["SUMMARY"] for event in expanded))
PROGRAM
mv out before.out
node_program node-ical@0.26.1 ical.js@2.2.1 <<'PROGRAM'
import fs from "node:fs";
import ICAL from "ical.js";
import ical from "node-ical";
const text = fs.readFileSync("duty.ics", "utf8");
const range = { from: new Date("2026-03-01"), to: new Date("2026-03-10") };
const read = ical.expandRecurringEvent(ical.sync.parseICS(text).duty, range);
console.log("node-ical", read.map((event) => event.summary).join(" "));
const [first, ...others] = new ICAL.Component(ICAL.parse(text)).getAllSubcomponents("vevent");
const event = new ICAL.Event(first);
for (const other of others) event.relateException(other);
const names = [];
const times = event.iterator();
for (let time = times.next(); time; time = times.next()) names.push(event.getOccurrenceDetails(time).item.summary);
console.log("ical.js", names.join(" "));
PROGRAM
cat before.out | tee --append out
seen "icalevents mina mina jun mina mina" "node-ical mina mina jun mina mina" "recurring-ical-events mina mina jun jun jun" "ical.js mina mina jun jun jun"
