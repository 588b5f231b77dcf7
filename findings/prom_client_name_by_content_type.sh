#!/usr/bin/env bash
# prom-client 15.1.3 (npm): one counter has two names: jobs in the text format, jobs_total once the registry speaks OpenMetrics.
# Expected: what a counter's series are called does not depend on the content type (prometheus_client for Python writes jobs_total in both).
# Seen: when exemplars are switched on (they need OpenMetrics) every rule on rate(jobs[5m]) goes silent.
. "$(dirname "$0")/lib.sh"
node_program prom-client@15.1.3 <<'PROGRAM'
import { Counter, Registry } from "prom-client";
for (const type of [Registry.PROMETHEUS_CONTENT_TYPE, Registry.OPENMETRICS_CONTENT_TYPE]) {
    const registry = new Registry();
    registry.setContentType(type);
    new Counter({ name: "jobs", help: "Done.", registers: [registry] }).inc();
    const series = (await registry.metrics()).split("\n").filter((line) => line && !line.startsWith("#"));
    console.log(type.split(";")[0], series.join());
}
PROGRAM
seen "text/plain jobs 1" "application/openmetrics-text jobs_total 1"
