#!/usr/bin/env bash
# hdr-histogram-js 3.0.1 (npm): with bitBucketSize: 16 the median of 70,000 requests of 5 ms is 0, and so is every other percentile.
# Expected: 5, as with the default of 32 bits and with "packed"; or an error once a bucket of 16 bits is full (its README names 8, 16, 32 and 64 as choices of memory).
# Seen: the count of a bucket begins again at 0 behind 65,535, the total of all goes on; what is looked for lies behind the last bucket, and the answer is 0: the busiest
# service is the fastest. With 60,000 requests all is right.
. "$(dirname "$0")/lib.sh"
node_program hdr-histogram-js@3.0.1 <<'PROGRAM'
import * as hdr from "hdr-histogram-js";
for (const [bitBucketSize, requests] of [[16, 60000], [16, 70000], [32, 70000], ["packed", 70000]]) {
  const histogram = hdr.build({ bitBucketSize });
  for (let request = 0; request < requests; request++) histogram.recordValue(5);
  console.log(bitBucketSize, requests, "recorded", histogram.totalCount, "p50", histogram.getValueAtPercentile(50), "p99", histogram.getValueAtPercentile(99));
}
PROGRAM
seen "16 60000 recorded 60000 p50 5 p99 5" "16 70000 recorded 70000 p50 0 p99 0" "32 70000 recorded 70000 p50 5 p99 5" "packed 70000 recorded 70000 p50 5 p99 5"
