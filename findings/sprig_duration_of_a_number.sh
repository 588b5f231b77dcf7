#!/usr/bin/env bash
# sprig v3.3.0 (Go; the functions of Alloy's and Promtail's template stage, of Helm): `duration` of a number of seconds is "0s" unless the number is a text.
# Expected: the documentation: it formats an amount of seconds; a number is the amount. An unknown zone of dateInZone is likewise an error and not UTC.
# Seen: duration 3661 is 0s, duration "3661" is 1h1m1s; dateInZone with a mistyped zone gives the time of UTC.
. "$(dirname "$0")/lib.sh"
sprig <<'TEMPLATES'
{{ duration .seconds }}
{{ .seconds | toString | duration }}
{{ dateInZone "15:04" 0 "Asia/Soul" }}
{{ dateInZone "15:04" 0 "Asia/Seoul" }}
TEMPLATES
seen '{{ duration .seconds }} with sprig is 0s' '{{ .seconds | toString | duration }} with sprig is 1h1m1s' \
    '{{ dateInZone "15:04" 0 "Asia/Soul" }} with sprig is 00:00'
