#!/usr/bin/env bash
# @grafana/data 13.2.3 (npm; what Grafana's panels calculate with): "50th %" of 1, 3 is 3 and "Median" of it is 2; of 4, 1, 2, 3 they are 3 and 2.5.
# Expected: the 50th percentile is the median, both are offered for the same series side by side in a legend.
# Seen: a percentile is one of the values, the upper one of two at the same distance; the median is the mean of the two in the middle.
. "$(dirname "$0")/lib.sh"
node_program @grafana/data@13.2.3 <<'PROGRAM'
import { createRequire } from "node:module";
globalThis.navigator ??= { language: "en-US", languages: ["en-US"] };
const { reduceField } = createRequire(import.meta.url)("@grafana/data");
for (const values of [[1, 3], [4, 1, 2, 3], [3, 1, 2]]) {
  const { p50, median } = reduceField({ field: { name: "v", type: "number", config: {}, values }, reducers: ["p50", "median"] });
  console.log(values.join(" "), "50th %", p50, "median", median);
}
PROGRAM
seen "1 3 50th % 3 median 2" "4 1 2 3 50th % 3 median 2.5" "3 1 2 50th % 2 median 2"
