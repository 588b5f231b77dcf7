#!/usr/bin/env bash
# hdrhistogram 0.10.8 (PyPI), beside hdrhistogram-go v1.4.0 (Go) and hdr-histogram-js 3.0.1 (npm): requests slower than the histogram's range are left out of its percentiles.
# Expected: an error, as the other two raise, or the value counted in the last bucket: a percentile is asked for because of the slow ones.
# Seen: record_value returns False and raises nothing; of 90 requests of 100 ms and 10 of 20 s in a histogram to 10 s the 99th percentile and the maximum are 100 ms.
. "$(dirname "$0")/lib.sh"
python hdrhistogram==0.10.8 <<'PROGRAM'
from hdrh.histogram import HdrHistogram

histogram = HdrHistogram(1, 10_000, 3)
for _ in range(90):
    histogram.record_value(100)
for _ in range(10):
    histogram.record_value(20_000)
print("Python", histogram.get_total_count(), histogram.get_value_at_percentile(99), histogram.get_max_value())
PROGRAM
mv out before.out
node_program hdr-histogram-js@3.0.1 <<'PROGRAM'
import { build } from "hdr-histogram-js";
const histogram = build({ lowestDiscernibleValue: 1, highestTrackableValue: 10_000, numberOfSignificantValueDigits: 3, autoResize: false });
try {
    histogram.recordValue(20_000);
    console.log("JavaScript takes it");
} catch {
    console.log("JavaScript raises");
}
PROGRAM
cat out >>before.out
golang github.com/HdrHistogram/hdrhistogram-go@v1.4.0 <<'PROGRAM'
package main

import (
	"fmt"

	"github.com/HdrHistogram/hdrhistogram-go"
)

func main() {
	fmt.Println("Go returns an error:", hdrhistogram.New(1, 10_000, 3).RecordValue(20_000) != nil)
}
PROGRAM
cat before.out >>out
seen "Python 90 100 100" "JavaScript raises" "Go returns an error: true"
