#!/usr/bin/env bash
# ical.js 2.2.1 (npm; Nextcloud's, Thunderbird's), beside python-dateutil 2.9.0.post0 (PyPI): FREQ=YEARLY;BYWEEKNO=10,12;BYDAY=MO is every Monday.
# Expected: the Mondays of the weeks with these numbers (RFC 5545, BYWEEKNO), by which duties of even and of odd weeks are written down.
# Seen: every Monday after the first: whoever has the even weeks has the odd ones as well, and begins a week late.
. "$(dirname "$0")/lib.sh"
node_program ical.js@2.2.1 <<'PROGRAM'
import ICAL from "ical.js";
const days = ICAL.Recur.fromString("FREQ=YEARLY;BYWEEKNO=10,12;BYDAY=MO").iterator(ICAL.Time.fromDateTimeString("2026-03-02T09:00:00"));
console.log("ical.js", ...[1, 2, 3].map(() => days.next().toString().slice(0, 10)));
PROGRAM
mv out before.out
python python-dateutil==2.9.0.post0 <<'PROGRAM'
from datetime import datetime
from itertools import islice

from dateutil.rrule import rrulestr

days = rrulestr("FREQ=YEARLY;BYWEEKNO=10,12;BYDAY=MO", dtstart=datetime(2026, 3, 2, 9))
print("dateutil", *(f"{day:%Y-%m-%d}" for day in islice(days, 3)))
PROGRAM
cat before.out >>out
seen "ical.js 2026-03-09 2026-03-16 2026-03-23" "dateutil 2026-03-02 2026-03-16 2027-03-08"
