#!/usr/bin/env bash
# node-ical 0.26.1, ical.js 2.2.1 with ical-expander 3.2.0 (npm), gocal v0.9.1 (Go): of a duty on 2 March with RDATE on 5 and 6 March each reads another part.
# Expected: RFC 5545, 3.8.5.2 and 3.8.5.1: the recurrence set is DTSTART and every RDATE: three duties.
# Seen: node-ical and gocal have the first alone, ical-expander the two others without the first; nobody is on call, or the wrong one.
. "$(dirname "$0")/lib.sh"
cat >duty.ics <<'CALENDAR'
BEGIN:VCALENDAR
VERSION:2.0
PRODID:finding
BEGIN:VEVENT
UID:1
DTSTAMP:20260101T000000Z
SUMMARY:On call
DTSTART:20260302T090000Z
DTEND:20260302T170000Z
RDATE:20260305T090000Z,20260306T090000Z
END:VEVENT
END:VCALENDAR
CALENDAR
sed --in-place 's/$/\r/' duty.ics
node_program node-ical@0.26.1 ical.js@2.2.1 ical-expander@3.2.0 <<'PROGRAM'
import fs from "node:fs";
import { createRequire } from "node:module";
import ical from "node-ical";
const Expander = createRequire(import.meta.url)("ical-expander");
const text = fs.readFileSync("duty.ics", "utf8");
const [from, to] = [new Date("2026-03-01T00:00:00Z"), new Date("2026-03-31T00:00:00Z")];
const day = (date) => date.toISOString().slice(8, 10);
const event = Object.values(ical.sync.parseICS(text)).find((each) => each.type === "VEVENT");
console.log("node-ical", ...ical.expandRecurringEvent(event, { from, to }).map(({ start }) => day(start)));
const { events, occurrences } = new Expander({ ics: text, maxIterations: 100 }).between(from, to);
console.log("ical-expander", ...[...events, ...occurrences].map(({ startDate }) => day(startDate.toJSDate())));
PROGRAM
mv out before.out
golang github.com/apognu/gocal@v0.9.1 <<'PROGRAM'
package main

import (
	"fmt"
	"os"
	"time"

	"github.com/apognu/gocal"
)

func main() {
	file, _ := os.Open("duty.ics")
	from, to := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 3, 31, 0, 0, 0, 0, time.UTC)
	calendar := gocal.NewParser(file)
	calendar.Start, calendar.End = &from, &to
	if err := calendar.Parse(); err != nil {
		panic(err)
	}
	fmt.Print("gocal")
	for _, event := range calendar.Events {
		fmt.Print(" ", event.Start.Format("02"))
	}
	fmt.Println()
}
PROGRAM
cat before.out >>out
seen "node-ical 02" "ical-expander 05 06" "gocal 02"
