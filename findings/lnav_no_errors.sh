#!/usr/bin/env bash
# lnav 0.11.1 (Debian): a line without a level is an error as soon as it has the word in it: "errors=0", "0 failed, no error".
# Expected: a level that is written as one; a count of zero errors is the best that a line can say.
# Seen: log_level is "error" for both, in `:set-min-log-level error`, in its SQL and in the bar of errors by time.
. "$(dirname "$0")/lib.sh"
debian lnav 0.11.1-3
cat >app.log <<'LINES'
2026-03-02 09:00:00 GET /health 200 errors=0
2026-03-02 09:00:01 processed 10 items, 0 failed, no error
2026-03-02 09:00:02 INFO the error budget is fine
2026-03-02 09:00:03 listening on port 8080
LINES
HOME=$dir lnav -n -c ';select log_line, log_level from all_logs' -c ':write-csv-to -' app.log | tee out
seen "0,error" "1,error" "2,info" "3,unknown"
