#!/usr/bin/env bash
# @grafana/data 13.2.3 (npm; Grafana's own): intervalToMs("1h30m") is one hour, and so is "1.5h"; isValidTimeSpan takes "1h30m".
# Expected: the ninety minutes that Prometheus and Loki read in it, or the error that "1Q" gets ("Invalid interval string, has to be … end with one of the following units").
# Seen: a minimal interval of 1h30m is an hour, without a word: the first number and its unit count, the rest is dropped.
. "$(dirname "$0")/lib.sh"
node_program @grafana/data@13.2.3 <<'PROGRAM'
import { createRequire } from "node:module";
globalThis.navigator ??= { language: "en-US", languages: ["en-US"] };
const { rangeUtil } = createRequire(import.meta.url)("@grafana/data");
for (const interval of ["1h30m", "1.5h", "90m"]) console.log(interval, rangeUtil.intervalToMs(interval) / 60000, "min", rangeUtil.isValidTimeSpan(interval));
PROGRAM
seen "1h30m 60 min true" "1.5h 60 min false" "90m 90 min true"
