#!/usr/bin/env bash
# @prometheus-io/lezer-promql 0.315.0 (npm; what Prometheus' and Grafana's editors mark by) against Prometheus' own parser (v0.316.0, Go):
# a metric called "offset" and the number "1." are errors in the editor and valid in the server.
# Expected: both come from one repository; PromQL lets keywords be metric names (sum works in both).
# Seen: the editor underlines a query that the server answers.
. "$(dirname "$0")/lib.sh"
cat >queries <<'QUERIES'
sum
offset
1.
QUERIES
node_program @prometheus-io/lezer-promql@0.315.0 @lezer/lr@1.4.12 @lezer/highlight@1.2.5 @lezer/common@1.5.5 <<'PROGRAM'
import fs from "node:fs";
import { parser } from "@prometheus-io/lezer-promql";
for (const query of fs.readFileSync("queries", "utf8").trim().split("\n")) {
    let sound = true;
    parser.parse(query).iterate({ enter: (node) => void (sound &&= !node.type.isError) });
    console.log("editor", sound ? "takes" : "refuses", query);
}
PROGRAM
prometheus_parser
seen "editor takes sum" "editor refuses offset" "server takes offset" "editor refuses 1." "server takes 1."
