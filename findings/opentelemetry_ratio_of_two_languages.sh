#!/usr/bin/env bash
# opentelemetry-sdk 1.45.2 (PyPI), go.opentelemetry.io/otel/sdk v1.43.0 (Go), @opentelemetry/sdk-trace-base 2.12.1
# (npm): OTEL_TRACES_SAMPLER=traceidratio keeps other traces in JavaScript than in Python and Go.
# Expected: one decision for one trace id and ratio, whoever asks: it is a function of the id, so that a trace is whole.
# Seen: of 1,000 ids at a ratio of 0.1 Python and Go keep the same ones, of which JavaScript keeps about a tenth: it
# folds all of the id, the others read its end. Nine of ten traces that a browser or a gateway keeps have no spans of
# the services behind it. parentbased_traceidratio asks the first alone.
. "$(dirname "$0")/lib.sh"
python3 -c 'import hashlib; [print(hashlib.md5(str(n).encode()).hexdigest()) for n in range(1000)]' >ids
python opentelemetry-sdk==1.45.2 <<'PROGRAM'
from opentelemetry.sdk.trace.sampling import TraceIdRatioBased

sampler = TraceIdRatioBased(0.1)
with open("python.kept", "w") as kept:
    for each in open("ids").read().split():
        if sampler.should_sample(None, int(each, 16), "x").decision.is_sampled():
            print(each, file=kept)
PROGRAM
node_program @opentelemetry/sdk-trace-base@2.12.1 @opentelemetry/api@1.9.1 <<'PROGRAM'
import { readFileSync, writeFileSync } from "node:fs";
import { SamplingDecision, TraceIdRatioBasedSampler } from "@opentelemetry/sdk-trace-base";
const sampler = new TraceIdRatioBasedSampler(0.1);
const kept = (id) => sampler.shouldSample({}, id).decision === SamplingDecision.RECORD_AND_SAMPLED;
const ids = readFileSync("ids", "utf8").trim().split("\n");
writeFileSync("javascript.kept", ids.filter(kept).map((id) => `${id}\n`).join(""));
PROGRAM
golang go.opentelemetry.io/otel/sdk@v1.43.0 <<'PROGRAM'
package main

import (
	"os"
	"strings"

	"go.opentelemetry.io/otel/sdk/trace"
	api "go.opentelemetry.io/otel/trace"
)

func main() {
	ids, _ := os.ReadFile("ids")
	kept, _ := os.Create("go.kept")
	for _, text := range strings.Fields(string(ids)) {
		id, _ := api.TraceIDFromHex(text)
		result := trace.TraceIDRatioBased(0.1).ShouldSample(trace.SamplingParameters{TraceID: id})
		if result.Decision == trace.RecordAndSample {
			kept.WriteString(text + "\n")
		}
	}
}
PROGRAM
for each in python go javascript; do
    both=$(sort $each.kept python.kept | uniq --repeated | wc --lines)
    echo "$each keeps $(wc --lines <$each.kept), of which Python keeps $both"
done | tee out
seen "python keeps 94, of which Python keeps 94" "go keeps 94, of which Python keeps 94" \
    "javascript keeps 94, of which Python keeps 11"
