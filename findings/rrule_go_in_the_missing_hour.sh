#!/usr/bin/env bash
# rrule-go v1.8.2 (Go): a daily event at 02:30 is at 01:30 on the night on which summer time begins.
# Expected: RFC 5545, 3.3.5: a local time that does not occur "is interpreted using the UTC offset before the gap": 02:30 EST, which is 03:30 EDT.
# Seen: an hour before that, so two duties or a duty and a backup overlap; python-dateutil 2.9.0 (PyPI) has 03:30 as the RFC.
. "$(dirname "$0")/lib.sh"
python python-dateutil==2.9.0.post0 tzdata==2025.2 <<'PROGRAM'
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from dateutil.rrule import DAILY, rrule

at = rrule(DAILY, count=2, dtstart=datetime(2026, 3, 7, 2, 30, tzinfo=ZoneInfo("America/New_York")))[1]
print("dateutil", at.astimezone(UTC).astimezone(ZoneInfo("America/New_York")).strftime("%H:%M %Z"))
PROGRAM
mv out before.out
golang github.com/teambition/rrule-go@v1.8.2 <<'PROGRAM'
package main

import (
	"fmt"

	"github.com/teambition/rrule-go"
)

func main() {
	set, err := rrule.StrToRRuleSet("DTSTART;TZID=America/New_York:20260307T023000\nRRULE:FREQ=DAILY;COUNT=2")
	if err != nil {
		panic(err)
	}
	fmt.Println("rrule-go", set.All()[1].Format("15:04 MST"))
}
PROGRAM
cat before.out >>out
seen "rrule-go 01:30 EST" "dateutil 03:30 EDT"
