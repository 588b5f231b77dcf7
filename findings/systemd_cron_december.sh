#!/usr/bin/env bash
# systemd-cron 1.15.19 (Debian's replacement of cron by systemd timers): a job of "dec" runs in November, one of "nov" in October, one of "oct" never.
# Expected: crontab(5), which the package brings along: a month is a number or the first three letters of its name.
# Seen: its list of names has no October, so that two months come one too early; only the line of October is said to be garbled.
. "$(dirname "$0")/lib.sh"
systemd_cron <<'CRONTAB'
0 9 1 12 * root /bin/echo number
0 9 1 dec * root /bin/echo name
0 9 1 nov * root /bin/echo name
0 9 1 oct * root /bin/echo name
CRONTAB
seen "0 9 1 12 *: *-12-1 9:0:00" "0 9 1 dec *: *-11-1 9:0:00" "0 9 1 nov *: *-10-1 9:0:00" "0 9 1 oct *: no timer"
