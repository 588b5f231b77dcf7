#!/usr/bin/env bash
# gocal v0.9.1 (Go): the last duty of a rule is missing if UNTIL is its beginning, and an EXDATE of two dates takes away none.
# Expected: RFC 5545, 3.3.10: UNTIL bounds "in an inclusive manner"; 3.8.5.1: EXDATE takes several values, separated by commas (with one it works).
# Seen: nobody is on call on the last day; who swapped two days is called on both.
. "$(dirname "$0")/lib.sh"
golang github.com/apognu/gocal@v0.9.1 <<'PROGRAM'
package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/apognu/gocal"
)

func main() {
	from, to := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 6, 30, 0, 0, 0, 0, time.UTC)
	for _, rule := range []string{
		"DTSTART:20260302T090000Z\nDTEND:20260302T170000Z\nRRULE:FREQ=DAILY;UNTIL=20260304T090000Z",
		"DTSTART:20260302T090000Z\nDTEND:20260302T170000Z\nRRULE:FREQ=DAILY;COUNT=4\nEXDATE:20260303T090000Z",
		"DTSTART:20260302T090000Z\nDTEND:20260302T170000Z\nRRULE:FREQ=DAILY;COUNT=4\nEXDATE:20260303T090000Z,20260304T090000Z",
	} {
		lines := "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:finding\nBEGIN:VEVENT\nUID:1\nDTSTAMP:20260101T000000Z\nSUMMARY:On call\n" + rule + "\nEND:VEVENT\nEND:VCALENDAR\n"
		calendar := gocal.NewParser(strings.NewReader(strings.ReplaceAll(lines, "\n", "\r\n")))
		calendar.Start, calendar.End = &from, &to
		if err := calendar.Parse(); err != nil {
			panic(err)
		}
		for _, event := range calendar.Events {
			fmt.Print(event.Start.Format("2 Jan "))
		}
		fmt.Println("by", rule[strings.LastIndex(rule, "\n")+1:])
	}
}
PROGRAM
seen "2 Mar 3 Mar by RRULE:FREQ=DAILY;UNTIL=20260304T090000Z" "2 Mar 4 Mar 5 Mar by EXDATE:20260303T090000Z" \
    "2 Mar 3 Mar 4 Mar 5 Mar by EXDATE:20260303T090000Z,20260304T090000Z"
