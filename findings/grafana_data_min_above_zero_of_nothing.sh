#!/usr/bin/env bash
# @grafana/data 13.2.3 (npm; what Grafana's panels calculate with): "Min (above zero)" of a series that is never above zero is 1.7976931348623157e+308.
# Expected: none, as "Step" of one value is null: no value is above zero. "Min" of a series without a value is null.
# Seen: the number that the search for the least begins with is left where nothing is found, and shown with its unit.
. "$(dirname "$0")/lib.sh"
node_program @grafana/data@13.2.3 <<'PROGRAM'
import { createRequire } from "node:module";
globalThis.navigator ??= { language: "en-US", languages: ["en-US"] };
const { reduceField, getValueFormat, formattedValueToString } = createRequire(import.meta.url)("@grafana/data");
const reduced = (values) => reduceField({ field: { name: "v", type: "number", config: {}, values }, reducers: ["logmin", "min", "step"] });
for (const values of [[0, 0, 0], [-2, -1], [0, 3, 5]]) console.log(values.join(" "), "above zero", reduced(values).logmin);
console.log("of one value: step", reduced([7]).step, "of none: min", reduced([null]).min);
console.log("in a panel of seconds:", formattedValueToString(getValueFormat("s")(reduced([0, 0]).logmin)).slice(-5));
PROGRAM
seen "0 0 0 above zero 1.7976931348623157e+308" "-2 -1 above zero 1.7976931348623157e+308" "0 3 5 above zero 3" \
    "of one value: step null of none: min null" "in a panel of seconds: years"
