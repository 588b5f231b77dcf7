#!/usr/bin/env bash
# node-ical 0.26.1 and ical.js 2.2.1 (npm): neither tells DURATION:P1D from DURATION:PT24H; one takes both for 24 hours, the other both for a day.
# Expected: RFC 5545, 3.3.6: "The duration of a week or a day depends on its position in the calendar", the one of hours is exact.
# Seen: on the night of summer time a duty of P1D ends an hour late with node-ical, one of PT24H an hour early with ical.js: an hour of two people, or of nobody.
. "$(dirname "$0")/lib.sh"
node_program node-ical@0.26.1 ical.js@2.2.1 ical-expander@3.2.0 <<'PROGRAM'
import { createRequire } from "node:module";
import ical from "node-ical";
const Expander = createRequire(import.meta.url)("ical-expander");
for (const length of ["P1D", "PT24H"]) {
    const text = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:finding", "BEGIN:VTIMEZONE", "TZID:America/New_York",
        "BEGIN:DAYLIGHT", "DTSTART:20070311T020000", "TZOFFSETFROM:-0500", "TZOFFSETTO:-0400", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU", "END:DAYLIGHT",
        "BEGIN:STANDARD", "DTSTART:20071104T020000", "TZOFFSETFROM:-0400", "TZOFFSETTO:-0500", "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU", "END:STANDARD",
        "END:VTIMEZONE", "BEGIN:VEVENT", "UID:1", "DTSTAMP:20260101T000000Z", "DTSTART;TZID=America/New_York:20260307T200000", `DURATION:${length}`, "END:VEVENT", "END:VCALENDAR", "",
    ].join("\r\n");
    const hours = (start, end) => (end - start) / 3600000;
    const event = Object.values(ical.sync.parseICS(text)).find((each) => each.type === "VEVENT");
    const [{ startDate, endDate }] = new Expander({ ics: text }).between(new Date("2026-03-01"), new Date("2026-03-31")).events;
    console.log(length, "node-ical", hours(event.start, event.end), "ical.js", hours(startDate.toJSDate(), endDate.toJSDate()));
}
PROGRAM
seen "P1D node-ical 24 ical.js 23" "PT24H node-ical 24 ical.js 23"
