#!/usr/bin/env bash
# @grafana/data 13.2.3 (npm; what Grafana's panels calculate with): "Delta" of 0, 10, 0, 10, 0, 10 is 10, and "Difference percent" of a rise from -10 to -5 is -50.
# Expected: Delta is "cumulative change in value" that counts increments: 30; a value that went up has a difference above zero, as "Difference" has.
# Seen: the first step up after each step down is left out, so a counter that restarts every few samples shows hardly any; the percentage has the sign of the first value.
. "$(dirname "$0")/lib.sh"
node_program @grafana/data@13.2.3 <<'PROGRAM'
import { createRequire } from "node:module";
globalThis.navigator ??= { language: "en-US", languages: ["en-US"] };
const { reduceField } = createRequire(import.meta.url)("@grafana/data");
const reduced = (values) => reduceField({ field: { name: "v", type: "number", config: {}, values }, reducers: ["delta", "diff", "diffperc"] });
for (const values of [[0, 10, 20, 30], [0, 10, 0, 10, 0, 10], [10, 20, 5, 8]]) console.log(values.join(" "), "delta", reduced(values).delta);
const { diff, diffperc } = reduced([-10, -5]);
console.log("-10 -5 diff", diff, "diffperc", diffperc);
PROGRAM
seen "0 10 20 30 delta 30" "0 10 0 10 0 10 delta 10" "10 20 5 8 delta 10" "-10 -5 diff 5 diffperc -50"
