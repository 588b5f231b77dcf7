#!/usr/bin/env bash
# Alertmanager v0.34.2 (Go; mended in v0.35.0): days_of_month: ['-1'] with a location is the 30th, not the 31st, in a month whose clocks go forward.
# Expected: Alertmanager's documentation: "-1 during January would represent January 31".
# Seen: in New York March's last day is taken for the 30th and November's for the 30th too, where it is right: a month's length is counted in hours.
. "$(dirname "$0")/lib.sh"
golang github.com/prometheus/alertmanager@v0.34.2 <<'PROGRAM'
package main

import (
	"fmt"
	"time"

	"github.com/prometheus/alertmanager/timeinterval"
	"gopkg.in/yaml.v2"
)

func main() {
	var interval timeinterval.TimeInterval
	if err := yaml.Unmarshal([]byte("{days_of_month: ['-1'], location: America/New_York}"), &interval); err != nil {
		panic(err)
	}
	for _, day := range []string{"2026-03-30", "2026-03-31", "2026-11-30", "2026-12-31"} {
		noon, _ := time.Parse(time.RFC3339, day+"T17:00:00Z")
		fmt.Println(day, interval.ContainsTime(noon))
	}
}
PROGRAM
seen "2026-03-30 true" "2026-03-31 false" "2026-11-30 true" "2026-12-31 true"
