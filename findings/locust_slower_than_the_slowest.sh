#!/usr/bin/env bash
# locust 2.47.0 (PyPI): the 99th percentile may be above the slowest request, or below the fastest.
# Expected: a percentile lies between the fastest and the slowest request, and the 90th of a hundred requests is what the 90th of them took: 100 ms here.
# Seen: times are rounded to two digits before they are counted, not when they are shown: of a hundred requests of 1549 ms the 99th percentile is 1500, and a
# check "p99 <= 1500" passes; of one of 3451 ms it is 3500. And the percentile is the request after: the 90th is the 91st, the 99th the slowest. The mean and the extremes
# beside it in the same line of the report are exact.
. "$(dirname "$0")/lib.sh"
python locust==2.47.0 <<'PROGRAM'
from locust.stats import RequestStats


def report(name, times):
    stats = RequestStats()
    for milliseconds in times:
        stats.log_request("GET", "/", milliseconds, 10)
    total = stats.total
    parts = [total.get_response_time_percentile(part) for part in (0.5, 0.9, 0.99)]
    print(name, "fastest", total.min_response_time, "percentiles", *parts, "slowest", total.max_response_time)


report("equal:", [1549] * 100)
report("tail:", [100] * 90 + [1549] * 9 + [3451])
report("one to a hundred:", range(1, 101))
PROGRAM
seen "equal: fastest 1549 percentiles 1500 1500 1500 slowest 1549" "tail: fastest 100 percentiles 100 1500 3500 slowest 3451" \
    "one to a hundred: fastest 1 percentiles 51 91 100 slowest 100"
