#!/usr/bin/env bash
# jstat 1.9.6, beside simple-statistics 7.12.1 (npm): the 99.9th percentile of nine requests of 20 ms and one of 5 s is 20 ms.
# Expected: between 20 and 5000 (the inclusive definition of spreadsheets, which percentile() follows elsewhere: 4955.2), or 5000; and percentile(x, 0.5) is median(x).
# Seen: percentile() looks between all values but the last two: what lies there is the last but one. In the same library quantiles() says 5000, and of 1 and 1000 the
# 50th percentile is 1, the median 500.5. With ten samples a minute the slowest request is in no percentile.
. "$(dirname "$0")/lib.sh"
node_program jstat@1.9.6 simple-statistics@7.12.1 <<'PROGRAM'
import jstat from "jstat";
import { quantile } from "simple-statistics";
const { jStat } = jstat;
const milliseconds = [...Array(9).fill(20), 5000];
console.log("percentile", jStat.percentile(milliseconds, 0.99), jStat.percentile(milliseconds, 0.999), jStat.percentile(milliseconds, 1));
console.log("quantiles", ...jStat.quantiles(milliseconds, [0.99, 0.999]), "simple-statistics", quantile(milliseconds, 0.999).toFixed(1));
console.log("of two", jStat.percentile([1, 1000], 0.5), "median", jStat.median([1, 1000]));
const ten = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
console.log("of 1 to 10", ...[0.8, 0.85, 0.95].map((part) => jStat.percentile(ten, part).toFixed(2)));
PROGRAM
seen "percentile 20 20 5000" "quantiles 5000 5000 simple-statistics 4955.2" "of two 1 median 500.5" "of 1 to 10 8.20 8.65 9.00"
