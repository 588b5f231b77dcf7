#!/usr/bin/env bash
# @grafana/data 13.2.3 (npm; what Grafana's panels write with): an hour and a minute too late, -3660 s, is "000ms" in the unit "clock (s)", and "01:01:00 ago" in "duration (hh:mm:ss)".
# Expected: a sign, as in every other unit of time: what is left of a deadline or of an error budget's time goes below nothing.
# Seen: whatever is below nothing is written as nothing, by clocks and clockms alike.
. "$(dirname "$0")/lib.sh"
node_program @grafana/data@13.2.3 <<'PROGRAM'
import { createRequire } from "node:module";
globalThis.navigator ??= { language: "en-US", languages: ["en-US"] };
const { getValueFormat, formattedValueToString } = createRequire(import.meta.url)("@grafana/data");
const written = (unit, value) => console.log(unit, value, "is", formattedValueToString(getValueFormat(unit)(value)));
for (const seconds of [3660, -3660, -1]) written("clocks", seconds);
written("clockms", -3660000);
for (const unit of ["s", "dtdurations", "dthms"]) written(unit, -3660);
PROGRAM
seen "clocks 3660 is 1h:01m:00s:000ms" "clocks -3660 is 000ms" "clocks -1 is 000ms" "clockms -3660000 is 000ms" "s -3660 is -1.02 hours" \
    "dtdurations -3660 is 1 hour ago" "dthms -3660 is 01:01:00 ago"
