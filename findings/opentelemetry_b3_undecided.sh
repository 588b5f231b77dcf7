#!/usr/bin/env bash
# opentelemetry-propagator-b3 1.45.1 (PyPI), @opentelemetry/propagator-b3 2.12.0 (npm), go.opentelemetry.io/contrib/propagators/b3 v1.47.0: a caller that leaves it open whether to sample.
# Expected: B3: without a sampling state the receiver decides; at least the same answer for the header b3 and for X-B3-TraceId with X-B3-SpanId, and in each language.
# Seen: Python samples if it came in the one header, and does not if it came in two; the others never do. By its headers a caller's traces are all kept, or none.
. "$(dirname "$0")/lib.sh"
cat >carriers.json <<'JSON'
{"one": {"b3": "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331"},
 "two": {"x-b3-traceid": "0af7651916cd43dd8448eb211c80319c", "x-b3-spanid": "b7ad6b7169203331"}}
JSON
python opentelemetry-propagator-b3==1.45.1 opentelemetry-api==1.45.2 <<'PROGRAM'
import json

from opentelemetry.propagators.b3 import B3MultiFormat
from opentelemetry.trace import get_current_span

for name, carrier in json.load(open("carriers.json")).items():
    print("python", name, get_current_span(B3MultiFormat().extract(carrier)).get_span_context().trace_flags.sampled)
PROGRAM
mv out python.out
node_program @opentelemetry/propagator-b3@2.12.0 @opentelemetry/api@1.9.1 <<'PROGRAM'
import { readFileSync } from "node:fs";
import { ROOT_CONTEXT, defaultTextMapGetter, trace } from "@opentelemetry/api";
import { B3Propagator } from "@opentelemetry/propagator-b3";
for (const [name, carrier] of Object.entries(JSON.parse(readFileSync("carriers.json")))) {
    const context = new B3Propagator().extract(ROOT_CONTEXT, carrier, defaultTextMapGetter);
    console.log("node", name, trace.getSpanContext(context).traceFlags === 1);
}
PROGRAM
mv out node.out
golang go.opentelemetry.io/contrib/propagators/b3@v1.47.0 <<'PROGRAM'
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"go.opentelemetry.io/contrib/propagators/b3"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

func main() {
	var carriers map[string]propagation.MapCarrier
	text, _ := os.ReadFile("carriers.json")
	json.Unmarshal(text, &carriers)
	for name, carrier := range carriers {
		read := trace.SpanContextFromContext(b3.New().Extract(context.Background(), carrier))
		fmt.Println("go", name, read.IsSampled(), read.IsValid())
	}
}
PROGRAM
cat python.out node.out >>out
seen "python one True" "python two False" "node one false" "node two false" "go one false true" "go two false true"
