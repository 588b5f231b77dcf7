#!/usr/bin/env bash
# gocal v0.9.1 (Go): a monthly event that began on 31 January is on the 3rd of every later month.
# Expected: RFC 5545, 3.3.10: recurrence instances with an invalid date, such as 30 February, "MUST be ignored": next are 31 March and 31 May.
# Seen: February's becomes 3 March, and from there it counts on: a handover or a maintenance moves, and stays moved.
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
	for _, rule := range []string{"DTSTART:20260131T090000Z\nDTEND:20260131T170000Z\nRRULE:FREQ=MONTHLY;COUNT=6"} {
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
seen "3 Mar 3 Apr 3 May 3 Jun by RRULE:FREQ=MONTHLY;COUNT=6"
