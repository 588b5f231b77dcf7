#!/usr/bin/env bash
# ical.js 2.2.1 (npm; Nextcloud's, Thunderbird's), beside python-dateutil 2.9.0.post0 (PyPI): BYSETPOS of a weekly or a yearly rule is ignored.
# Expected: FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1 is the first working day of each week, as a monthly rule with BYSETPOS is that of each month.
# Seen: every working day; a handover at the beginning of the week is one each day. The monthly rule is read as it is meant.
. "$(dirname "$0")/lib.sh"
node_program ical.js@2.2.1 <<'PROGRAM'
import ICAL from "ical.js";
for (const frequency of ["WEEKLY", "MONTHLY"]) {
  const days = ICAL.Recur.fromString(`FREQ=${frequency};BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1`).iterator(ICAL.Time.fromDateTimeString("2026-06-01T09:00:00"));
  console.log("ical.js", frequency, ...[1, 2, 3].map(() => days.next().toString().slice(5, 10)));
}
PROGRAM
mv out before.out
python python-dateutil==2.9.0.post0 <<'PROGRAM'
from datetime import datetime
from itertools import islice

from dateutil.rrule import rrulestr

for frequency in ("WEEKLY", "MONTHLY"):
    days = rrulestr(f"FREQ={frequency};BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1", dtstart=datetime(2026, 6, 1, 9))
    print("dateutil", frequency, *(f"{day:%m-%d}" for day in islice(days, 3)))
PROGRAM
cat before.out >>out
seen "ical.js WEEKLY 06-01 06-02 06-03" "dateutil WEEKLY 06-01 06-08 06-15" "ical.js MONTHLY 06-01 07-01 08-03" "dateutil MONTHLY 06-01 07-01 08-03"
