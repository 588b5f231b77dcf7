#!/usr/bin/env bash
# Alertmanager v0.35.0 (Go), amtool 0.25 (Debian), amlint 0.8.5 (PyPI): weekdays: ['friday:monday'] is a long weekend in one, an error in the others.
# Expected: one configuration, one verdict; amlint says "Alertmanager refuses to load this config", which is true up to 0.34 only.
# Seen: 0.35 mutes on Friday, Saturday, Sunday and Monday; whoever reads the range as begin <= day <= end takes it for no day at all.
. "$(dirname "$0")/lib.sh"
cat >alertmanager.yml <<'CONFIG'
route: {receiver: none, routes: [{matchers: ['team="a"'], mute_time_intervals: [weekend]}]}
receivers: [{name: none}]
time_intervals: [{name: weekend, time_intervals: [{weekdays: ['friday:monday']}]}]
CONFIG
debian prometheus-alertmanager 0.25.0-1+b4
amtool check-config alertmanager.yml >amtool.out 2>&1 && echo "amtool takes it" >lines || echo "amtool refuses it" >lines
python amlint==0.8.5 <<'PROGRAM'
import subprocess

told = subprocess.run(["env/bin/amlint", "check", "alertmanager.yml"], capture_output=True, text=True).stdout
print("amlint refuses it" if "bad-time-interval" in told else "amlint takes it")
PROGRAM
cat out >>lines
golang github.com/prometheus/alertmanager@v0.35.0 <<'PROGRAM'
package main

import (
	"fmt"
	"time"

	"github.com/prometheus/alertmanager/timeinterval"
	"gopkg.in/yaml.v2"
)

func main() {
	var interval timeinterval.TimeInterval
	if err := yaml.Unmarshal([]byte("weekdays: ['friday:monday']"), &interval); err != nil {
		panic(err)
	}
	fmt.Print("alertmanager mutes on")
	for day := 22; day <= 28; day++ {
		if at := time.Date(2026, 11, day, 12, 0, 0, 0, time.UTC); interval.ContainsTime(at) {
			fmt.Print(" ", at.Weekday())
		}
	}
	fmt.Println()
}
PROGRAM
cat lines >>out
seen "amtool refuses it" "amlint refuses it" "alertmanager mutes on Sunday Monday Friday Saturday"
