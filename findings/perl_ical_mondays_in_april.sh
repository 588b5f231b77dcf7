#!/usr/bin/env bash
# DateTime::Event::ICal 0.13 (Perl; Debian's libdatetime-event-ical-perl), beside python-dateutil 2.9.0.post0 (PyPI): "every Monday in April" is a 2 April that is a Monday.
# Expected: RFC 5545, 3.3.10: BYMONTH limits a weekly rule to the Mondays of April, four or five a year; the day of the month of DTSTART has no part in it.
# Seen: of FREQ=WEEKLY;BYMONTH=4;BYDAY=MO from 2 March on the first is in 2029, the next in 2035: the day of DTSTART is required as well; without BYMONTH it is right.
. "$(dirname "$0")/lib.sh"
python python-dateutil==2.9.0.post0 <<'PROGRAM'
from datetime import datetime

from dateutil.rrule import rrulestr

for rule in ("FREQ=WEEKLY;BYDAY=MO", "FREQ=WEEKLY;BYMONTH=4;BYDAY=MO"):
    print("dateutil", rule, *(f"{at:%Y-%m-%d}" for at in rrulestr(rule, dtstart=datetime(2026, 3, 2, 9)).xafter(datetime(2026, 3, 1), 3)))
PROGRAM
mv out before.out
debian libdatetime-event-ical-perl 0.13-2
cat >program.pl <<'PROGRAM'
use strict;
use DateTime;
use DateTime::Event::ICal;

my $begin = DateTime->new(year => 2026, month => 3, day => 2, hour => 9);
for my $rule ([], [bymonth => [4]]) {
    my $days = DateTime::Event::ICal->recur(dtstart => $begin, freq => "weekly", byday => ["mo"], @$rule)->iterator;
    print join(" ", "perl", "FREQ=WEEKLY;" . (@$rule ? "BYMONTH=4;" : "") . "BYDAY=MO", map { $days->next->ymd } 1 .. 3), "\n";
}
PROGRAM
perl program.pl | tee out
cat before.out >>out
seen "perl FREQ=WEEKLY;BYDAY=MO 2026-03-02 2026-03-09 2026-03-16" "perl FREQ=WEEKLY;BYMONTH=4;BYDAY=MO 2029-04-02 2035-04-02 2040-04-02" \
    "dateutil FREQ=WEEKLY;BYMONTH=4;BYDAY=MO 2026-04-06 2026-04-13 2026-04-20"
