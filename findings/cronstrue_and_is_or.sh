#!/usr/bin/env bash
# cronstrue 3.39.0 and cron-parser 5.10.6 (npm), cron-descriptor 2.2.1 (PyPI): "0 9 1 * 1" is described as "on day 1 of the month, and on Monday", and runs on every Monday as well.
# Expected: crontab(5): "If both fields are restricted …, the command will be run when either field matches"; cron-descriptor, from the same origin, says "or".
# Seen: who checks a handover's or a report's line by its description expects it once in several months, and gets it four or five times in each.
. "$(dirname "$0")/lib.sh"
python cron-descriptor==2.2.1 <<'PROGRAM'
from cron_descriptor import get_description

print("cron-descriptor:", get_description("0 9 1 * 1"))
PROGRAM
mv out before.out
node_program cronstrue@3.39.0 cron-parser@5.10.6 <<'PROGRAM'
import { CronExpressionParser } from "cron-parser";
import cronstrue from "cronstrue";
console.log("cronstrue:", cronstrue.toString("0 9 1 * 1"));
const runs = CronExpressionParser.parse("0 9 1 * 1", { tz: "UTC", currentDate: new Date("2026-11-01T10:00:00Z") });
console.log("runs:", ...[1, 2, 3, 4, 5, 6].map(() => runs.next().toDate().toISOString().slice(5, 10)));
PROGRAM
cat before.out >>out
seen "cronstrue: At 09:00 AM, on day 1 of the month, and on Monday" "cron-descriptor: At 09:00 AM, on day 1 of the month, or on Monday" \
    "runs: 11-02 11-09 11-16 11-23 11-30 12-01"
