#!/usr/bin/env bash
# systemd-cron 1.15.19 (Debian's replacement of cron by systemd timers): "0 9 * * 5-7" runs every day, and "0 9 13 * 5" on a Friday the 13th only.
# Expected: crontab(5), which the package brings along: 7 is Sunday; if day and weekday are both given a job runs when either fits.
# Seen: a range that ends with 7 leaves no weekday, which becomes all of them (a log line calls it garbled); a day and a weekday are written into one OnCalendar, which wants both.
. "$(dirname "$0")/lib.sh"
systemd_cron <<'CRONTAB'
0 9 * * 1-5 root /bin/echo weekdays
0 9 * * 5-7 root /bin/echo weekend
0 9 13 * 5 root /bin/echo either
CRONTAB
{ cat out; systemd-analyze calendar "Fri *-*-13 9:0:00" --base-time "2026-03-14 00:00 UTC" | grep 'Next elapse' | sed 's/^ *//'; } >both.out
tee out <both.out
seen "0 9 * * 1-5: Mon,Tue,Wed,Thu,Fri *-*-* 9:0:00" "0 9 * * 5-7:  *-*-* 9:0:00" "0 9 13 * 5: Fri *-*-13 9:0:00" "Next elapse: Fri 2026-11-13 09:00:00 UTC"
