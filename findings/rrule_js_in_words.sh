#!/usr/bin/env bash
# rrule 2.8.1 (npm), beside python-dateutil 2.9.0.post0 (PyPI): the last working day of the month is "every month on weekdays", and "every day at 9:30" is at nine.
# Expected: isFullyConvertibleToText gives "a hint on whether all the options the rule has are convertible to text"; fromText understands what it takes, or refuses it.
# Seen: BYSETPOS and BYMINUTE are left out of the words although the rule is "fully convertible": a duty of 12 days a year reads as one of 261; and the minutes of
# "9:30" are dropped without a word. Read again, the words are another rule.
. "$(dirname "$0")/lib.sh"
node_program rrule@2.8.1 <<'PROGRAM'
import rrule from "rrule";

const { RRule } = rrule;
for (const text of ["FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "FREQ=DAILY;BYHOUR=9;BYMINUTE=30"]) {
  const rule = RRule.fromString(text);
  console.log(text, "is", `"${rule.toText()}",`, rule.isFullyConvertibleToText());
}
console.log('"every day at 9:30" is', RRule.fromText("every day at 9:30").toString());
PROGRAM
mv out node.out
python python-dateutil==2.9.0.post0 <<'PROGRAM'
from datetime import datetime

from dateutil.rrule import rrulestr

year = datetime(2026, 1, 1), datetime(2026, 12, 31, 23)
for rule in ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR"):
    print(rule, "is on", len(rrulestr(rule, dtstart=year[0]).between(*year, inc=True)), "days of 2026")
PROGRAM
cat node.out >>out
seen 'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1 is "every month on weekdays", true' \
    'FREQ=DAILY;BYHOUR=9;BYMINUTE=30 is "every day at 9", true' '"every day at 9:30" is RRULE:FREQ=DAILY;BYHOUR=9' \
    'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1 is on 12 days of 2026' 'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR is on 261 days of 2026'
