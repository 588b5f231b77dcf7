#!/usr/bin/env bash
# promtool and Prometheus 2.42 (Debian): a page that has one series twice, with two values, passes `promtool check metrics`, and is scraped without an error.
# Expected: "Each line must have a unique combination of metric name and labels"; a linter says so, or the target is down.
# Seen: exit code 0 and health "up"; the first value is kept, the second dropped (a counter in the log of the server alone tells).
. "$(dirname "$0")/lib.sh"
mkdir pages
printf '# HELP jobs_total h\n# TYPE jobs_total counter\njobs_total{queue="a"} 1\njobs_total{queue="a"} 9\n' >pages/metrics
scraped
promtool check metrics <pages/metrics && echo "promtool takes it" >>out
seen "up " '{"__name__":"jobs_total","queue":"a"} 1' "promtool takes it"
