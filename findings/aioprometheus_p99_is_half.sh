#!/usr/bin/env bash
# aioprometheus 23.12.0 (PyPI): the 99th percentile of a Summary is about half of what it is.
# Expected: of the numbers 0 to 9999 the 99th percentile is 9900, give or take the 0.1 % that its DEFAULT_INVARIANTS promise.
# Seen: 4951, and 4439 for the 90th: latencies look half as long, and an alert above them never fires.
. "$(dirname "$0")/lib.sh"
python aioprometheus==23.12.0 --no-binary quantile-python <<'PROGRAM'
from aioprometheus import REGISTRY, Summary, render

took = Summary("took", "h")
for value in range(10_000):
    took.observe({}, value)
print(render(REGISTRY, ["text/plain"])[0].decode())
PROGRAM
seen 'took{quantile="0.9"} 4439.0' 'took{quantile="0.99"} 4951.0' 'took_count 10000'
