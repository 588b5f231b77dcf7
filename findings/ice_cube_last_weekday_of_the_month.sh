#!/usr/bin/env bash
# ice_cube 0.16.4 (Ruby; Debian's ruby-ice-cube): BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1 is every weekday of the month.
# Expected: RFC 5545, 3.3.10, with this very example: "the last work day of the month"; or an error, as for BYWEEKNO. dateutil (PyPI) reads it so.
# Seen: BYSETPOS is dropped without a word, and the rest of the rule is followed.
. "$(dirname "$0")/lib.sh"
debian ruby-ice-cube 0.16.4-3
python python-dateutil==2.9.0.post0 <<'PROGRAM'
from dateutil.rrule import rrulestr

rule = rrulestr("DTSTART:20260101T090000Z\nRRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=3")
print("dateutil", *(each.date() for each in rule))
PROGRAM
mv out before.out
cat >program.rb <<'PROGRAM'
require "ice_cube"

def dates(rule)
  IceCube::Schedule.from_ical("DTSTART:20260101T090000Z\nRRULE:#{rule};COUNT=3").first(3).map { |each| each.strftime("%F") }.join(" ")
rescue ArgumentError => error
  error.message
end

puts "ice_cube #{dates('FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1')}"
puts "ice_cube #{dates('FREQ=YEARLY;BYWEEKNO=20')}"
PROGRAM
ruby program.rb 2>&1 | tee out
cat before.out >>out
seen "dateutil 2026-01-30 2026-02-27 2026-03-31" "ice_cube 2026-01-01 2026-01-02 2026-01-05" "ice_cube Invalid rule validation type: BYWEEKNO"
