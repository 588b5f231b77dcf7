#!/usr/bin/env bash
# jc 1.26.1 (PyPI): in an access log a quotation mark within the user agent cuts it there, and the time of the line is not its time.
# Expected: Apache and nginx write a quotation mark inside a field as \" (nginx as \x22): the field ends at the next one without a backslash; the line has its offset.
# Seen: the rest becomes the field "extra"; "epoch" of 09:00:00 +0900 is that of nine o'clock in the machine's zone, and epoch_utc is null; in syslog's structured data a value is cut in the same way.
. "$(dirname "$0")/lib.sh"
python jc==1.26.1 <<'PROGRAM'
import jc

line = r'10.0.0.1 - - [02/Mar/2026:09:00:00 +0900] "GET / HTTP/1.1" 200 23 "-" "probe \"blue\" 2.0"'
read = jc.parse("clf", line)[0]
print("agent", read["user_agent"], "| extra", read["extra"])
print("hours late", (read["epoch"] - 1772409600) / 3600, read["epoch_utc"])
structured = jc.parse("syslog", r'<165>1 2026-03-02T00:00:00Z host app - ID1 [e@1 a="say \"go\" now"] text')[0]
print("syslog", structured["structured_data"][0]["parameters"])
PROGRAM
seen 'agent probe \ | extra blue\" 2.0"' "hours late 9.0 None" "syslog {'a': 'say '}"
