#!/usr/bin/env bash
# go-quartz v0.15.2 (Go) and parse-cron 0.1.4 (Ruby; Debian's ruby-parse-cron): the 31st of a month is also its 1st, and 29 February a day of other months.
# Expected: crontab(5) and Quartz: the 31st of months that have one, 29 February of leap years; fugit 1.5.2 (Debian) says so.
# Seen: go-quartz counts on into the next month, parse-cron begins at the first of the month without that day.
. "$(dirname "$0")/lib.sh"
debian ruby-parse-cron 0.1.4-1.1
debian ruby-fugit 1.5.2-1
cat >program.rb <<'PROGRAM'
require "fugit"
require "parse-cron"

{ "0 9 31 * *" => Time.utc(2027, 1, 31, 12), "0 9 29 2 *" => Time.utc(2028, 3, 1) }.each do |line, from|
  puts "parse-cron #{line} #{CronParser.new(line).next(from).strftime('%F')}"
  puts "fugit #{line} #{Fugit.parse_cron(line).next_time(EtOrbi::EoTime.new(from, 'UTC')).strftime('%F')}"
end
PROGRAM
ruby program.rb >before.out 2>&1
golang github.com/reugn/go-quartz@v0.15.2 <<'PROGRAM'
package main

import (
	"fmt"
	"time"

	"github.com/reugn/go-quartz/quartz"
)

func main() {
	for line, from := range map[string]time.Time{
		"0 0 9 31 * ?": time.Date(2027, 1, 31, 12, 0, 0, 0, time.UTC),
		"0 0 9 29 2 ?": time.Date(2028, 3, 1, 0, 0, 0, 0, time.UTC),
	} {
		trigger, _ := quartz.NewCronTriggerWithLoc(line, time.UTC)
		next, err := trigger.NextFireTime(from.UnixNano())
		fmt.Println("go-quartz", line, time.Unix(0, next).UTC().Format(time.DateOnly), err)
	}
}
PROGRAM
cat before.out | tee -a out
seen "go-quartz 0 0 9 31 * ? 2027-03-03 <nil>" "go-quartz 0 0 9 29 2 ? 2029-03-01 <nil>" "parse-cron 0 9 31 * * 2027-02-01" "parse-cron 0 9 29 2 * 2030-02-01" \
    "fugit 0 9 31 * * 2027-03-31" "fugit 0 9 29 2 * 2032-02-29"
