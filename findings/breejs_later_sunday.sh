#!/usr/bin/env bash
# @breejs/later 4.2.0 (npm; the scheduler Bree reads its cron lines with), beside cron-parser 5.10.6 (npm): "0 9 * * 7" is Saturday, and "5-7" has no Sunday.
# Expected: crontab(5): 0 and 7 are Sunday; a line that gives a day and a weekday runs when either fits.
# Seen: 0 is Sunday and 7 Saturday, as 6 is; "0 9 13 * 5" runs on a Friday the 13th only: 13 March, then 13 November.
. "$(dirname "$0")/lib.sh"
node_program @breejs/later@4.2.0 cron-parser@5.10.6 <<'PROGRAM'
import later from "@breejs/later";
import { CronExpressionParser } from "cron-parser";
later.date.UTC();
const start = new Date("2026-03-02T00:00:00Z");
const day = (time) => time.toUTCString().slice(0, 11).replace(",", "");
for (const line of ["0 9 * * 7", "0 9 * * 5-7", "0 9 13 * 5"]) {
    console.log(line, "later", later.schedule(later.parse.cron(line)).next(3, start).map(day).join(", "));
    const times = CronExpressionParser.parse(line, { currentDate: start, tz: "UTC" });
    console.log(line, "cron-parser", [1, 2, 3].map(() => day(times.next().toDate())).join(", "));
}
PROGRAM
seen "0 9 * * 7 later Sat 07 Mar, Sat 14 Mar, Sat 21 Mar" "0 9 * * 7 cron-parser Sun 08 Mar, Sun 15 Mar, Sun 22 Mar" \
    "0 9 * * 5-7 later Fri 06 Mar, Sat 07 Mar, Fri 13 Mar" "0 9 13 * 5 later Fri 13 Mar, Fri 13 Nov, Fri 13 Aug"
