#!/usr/bin/env bash
# gorhill/cronexpr v0.0.0-20180427100037-88b0669f7d75 (Go), beside adhocore/gronx v1.20.4 (Go): "0 9 * * 0-7" is Sundays only.
# Expected: crontab(5): "day of week 0-7 (0 or 7 is Sunday)", a range is inclusive: every day; "0-6" is.
# Seen: the 7 of the range is turned into 0 first, so the range is from 0 to 0.
. "$(dirname "$0")/lib.sh"
golang github.com/gorhill/cronexpr@v0.0.0-20180427100037-88b0669f7d75 github.com/adhocore/gronx@v1.20.4 <<'PROGRAM'
package main

import (
	"fmt"
	"time"

	"github.com/adhocore/gronx"
	"github.com/gorhill/cronexpr"
)

func main() {
	for _, line := range []string{"0 9 * * 0-6", "0 9 * * 0-7"} {
		one := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
		other := one
		ones, others := "", ""
		expression := cronexpr.MustParse(line)
		for range 3 {
			one = expression.Next(one)
			other, _ = gronx.NextTickAfter(line, other, false)
			ones += one.Format(" Mon 02")
			others += other.Format(" Mon 02")
		}
		fmt.Println("cronexpr", line, ones)
		fmt.Println("gronx", line, others)
	}
}
PROGRAM
seen "cronexpr 0 9 * * 0-6  Tue 03 Wed 04 Thu 05" "gronx 0 9 * * 0-6  Tue 03 Wed 04 Thu 05" "cronexpr 0 9 * * 0-7  Sun 08 Sun 15 Sun 22" "gronx 0 9 * * 0-7  Tue 03 Wed 04 Thu 05"
