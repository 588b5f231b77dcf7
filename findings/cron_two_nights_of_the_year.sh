#!/usr/bin/env bash
# croner 11.0.1, cron-parser 5.10.6 (npm), robfig/cron v3.0.1 (Go): the jobs "30 2 * * *" and "30 1 * * *" in New York on the nights on which the clocks change.
# Expected: a daily job runs once a day; cron(8) of Debian: jobs of the skipped interval "will be run immediately", and "care is taken to avoid running jobs twice".
# Seen: in spring the first runs at 03:00, at 03:30, and not at all; in autumn the second runs once, once, and twice, an hour apart (robfig's documentation tells of the spring alone).
. "$(dirname "$0")/lib.sh"
node_program croner@11.0.1 cron-parser@5.10.6 <<'PROGRAM'
import { Cron } from "croner";
import { CronExpressionParser } from "cron-parser";
const tz = "America/New_York";
for (const [line, from, to] of [["30 2 * * *", "2026-03-08T04:00:00Z", "2026-03-09T04:00:00Z"], ["30 1 * * *", "2026-11-01T04:00:00Z", "2026-11-02T04:00:00Z"]]) {
    const [croner, parser] = [new Cron(line, { timezone: tz, paused: true }), CronExpressionParser.parse(line, { tz, currentDate: new Date(from) })];
    const runs = (next) => {
        const found = [];
        for (let at = next(new Date(from)); at < new Date(to); at = next(at)) found.push(at.toISOString().slice(11, 16));
        return found.join(" ");
    };
    console.log(line, "croner", runs((after) => croner.nextRun(after)));
    console.log(line, "cron-parser", runs(() => parser.next().toDate()));
}
PROGRAM
mv out before.out
golang github.com/robfig/cron/v3@v3.0.1 <<'PROGRAM'
package main

import (
	"fmt"
	"time"

	"github.com/robfig/cron/v3"
)

func main() {
	for line, day := range map[string]time.Time{"30 2 * * *": time.Date(2026, 3, 8, 4, 0, 0, 0, time.UTC), "30 1 * * *": time.Date(2026, 11, 1, 4, 0, 0, 0, time.UTC)} {
		schedule, err := cron.ParseStandard("CRON_TZ=America/New_York " + line)
		if err != nil {
			panic(err)
		}
		fmt.Print(line, " robfig")
		for at := schedule.Next(day); at.Before(day.Add(24 * time.Hour)); at = schedule.Next(at) {
			fmt.Print(" ", at.UTC().Format("15:04"))
		}
		fmt.Println()
	}
}
PROGRAM
cat before.out >>out
seen "30 2 * * * croner 07:00" "30 2 * * * cron-parser 07:30" "30 2 * * * robfig" "30 1 * * * croner 05:30" "30 1 * * * cron-parser 05:30" "30 1 * * * robfig 05:30 06:30"
