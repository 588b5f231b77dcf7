#!/usr/bin/env bash
# durationpy 0.11 (PyPI; the Kubernetes client for Python depends on it): an hour and a microsecond is "1h1e-06s".
# Expected: its purpose: "converting between datetime.timedelta and Go's Duration strings"; what to_str writes from_str and Go read.
# Seen: both refuse it; 1.5 ms, and whole seconds, are right, so it is seldom and late that a difference of two clocks cannot be read.
. "$(dirname "$0")/lib.sh"
python durationpy==0.11 <<'PROGRAM'
from datetime import timedelta

import durationpy

for length in (timedelta(microseconds=1500), timedelta(hours=1, microseconds=1)):
    text = durationpy.to_str(length)
    try:
        print(text, durationpy.from_str(text) == length)
    except durationpy.DurationError:
        print(text, "cannot be read again")
open("text", "w").write(text)
PROGRAM
mv out before.out
golang <<'PROGRAM'
package main

import (
	"fmt"
	"os"
	"time"
)

func main() {
	text, _ := os.ReadFile("text")
	_, err := time.ParseDuration(string(text))
	fmt.Println("go:", err)
}
PROGRAM
cat before.out >>out
seen "1ms500us True" "1h1e-06s cannot be read again" 'go: time: unknown unit "e-" in duration "1h1e-06s"'
