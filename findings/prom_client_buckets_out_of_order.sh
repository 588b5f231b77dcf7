#!/usr/bin/env bash
# prom-client 15.1.3 (npm): a histogram whose buckets were listed out of order counts a value in a bucket below it.
# Expected: bounds are sorted, or refused, as Python's client ("Buckets not in sorted order") and Go's (a panic) refuse them.
# Seen: with [1, 0.5, 2] an observation of 0.7 s is counted in le="0.5": the share of fast requests is 100 %.
. "$(dirname "$0")/lib.sh"
node_program prom-client@15.1.3 <<'PROGRAM'
import client from "prom-client";
const histogram = new client.Histogram({ name: "took_seconds", help: "h", buckets: [1, 0.5, 2] });
histogram.observe(0.7);
console.log(await client.register.metrics());
PROGRAM
seen 'took_seconds_bucket{le="0.5"} 1' 'took_seconds_bucket{le="1"} 1'
