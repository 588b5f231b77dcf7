#!/usr/bin/env bash
# prom-client 15.1.3 (npm): the summaries of a cluster's workers are merged by adding their quantiles.
# Expected: a 99th percentile lies among the values that were observed; what cannot be merged is left out or refused.
# Seen: four workers whose requests took 0.2 s report a median of 0.8 s: the more workers, the slower, and an alert on latency burns.
. "$(dirname "$0")/lib.sh"
node_program prom-client@15.1.3 <<'PROGRAM'
import client from "prom-client";
const workers = [];
for (let worker = 0; worker < 4; worker++) {
    const registry = new client.Registry();
    const summary = new client.Summary({ name: "took_seconds", help: "h", registers: [registry] });
    for (let request = 0; request < 100; request++) summary.observe(0.2);
    workers.push(await registry.getMetricsAsJSON());
}
console.log(await client.AggregatorRegistry.aggregate(workers).metrics());
PROGRAM
seen 'took_seconds{quantile="0.5"} 0.8' 'took_seconds{quantile="0.99"} 0.8' 'took_seconds_count 400'
