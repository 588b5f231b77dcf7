#!/usr/bin/env bash
# systemd 252 (Debian): a timer at 02:30 of a zone does not elapse on the night on which summer time begins.
# Expected: what Debian's cron does, and what its manual promises: a job of the hour that is missing runs right after
# it.
# Seen: OnCalendar="*-*-* 02:30 America/New_York" goes from 7 March to 9 March 2026; on the night on which the clocks go
# back it elapses once. A nightly backup is missing on that Sunday, and "no backup for 24 h" calls somebody, or a job
# that hands over the duty is a day late. Nothing is logged.
. "$(dirname "$0")/lib.sh"
has=$(systemd-analyze --version | head -1)
[[ $has == "systemd 252 "* ]] || echo "seen with systemd 252, this is $has"
# elapses MOMENT TIME: the three next times, in UTC.
elapses() {
    local found
    found=$(systemd-analyze calendar --base-time="$1 UTC" --iterations=3 "*-*-* $2 America/New_York" |
        sed --quiet 's/.*\(Next elapse\|Iter. #.\): ... \(....-..-.. ..:..\):.*/\2/p' | tr '\n' ',')
    echo "$2 from $1: ${found%,}"
}
{
    elapses "2026-03-06 12:00" 02:30
    elapses "2026-03-06 12:00" 01:30
    elapses "2026-10-30 12:00" 01:30
} | tee out
seen "02:30 from 2026-03-06 12:00: 2026-03-07 07:30,2026-03-09 06:30,2026-03-10 06:30" \
    "01:30 from 2026-03-06 12:00: 2026-03-07 06:30,2026-03-08 06:30,2026-03-09 05:30" \
    "01:30 from 2026-10-30 12:00: 2026-10-31 05:30,2026-11-01 05:30,2026-11-02 06:30"
