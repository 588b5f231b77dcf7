#!/usr/bin/env bash
# protobuf 7.36.2 with opentelemetry-proto 1.45.2 (PyPI) writing, go.opentelemetry.io/collector/pdata v1.71.0 (Go; the Collector, Alloy, Tempo) reading: protobuf's own JSON of a trace is refused.
# Expected: OTLP's JSON is "the JSON mapping of protobuf", which json_format writes; but the specification makes an exception of ids, in hex, and enums, as numbers.
# Seen: "CvdlGRbN…" for the trace id, which the reader refuses; with the ids in hex it is read.
. "$(dirname "$0")/lib.sh"
python protobuf==7.36.2 opentelemetry-proto==1.45.2 <<'PROGRAM'
from google.protobuf.json_format import MessageToJson
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

request = ExportTraceServiceRequest()
span = request.resource_spans.add().scope_spans.add().spans.add()
span.name, span.trace_id, span.span_id = "work", bytes.fromhex("0af7651916cd43dd8448eb211c80319c"), bytes.fromhex("b7ad6b7169203331")
text = MessageToJson(request, indent=None)
open("as-written.json", "w").write(text)
open("in-hex.json", "w").write(text.replace("CvdlGRbNQ92ESOshHIAxnA==", span.trace_id.hex()).replace("t61rcWkgMzE=", span.span_id.hex()))
PROGRAM
golang go.opentelemetry.io/collector/pdata@v1.71.0 <<'PROGRAM'
package main

import (
	"fmt"
	"os"

	"go.opentelemetry.io/collector/pdata/ptrace"
)

func main() {
	for _, name := range []string{"as-written", "in-hex"} {
		text, _ := os.ReadFile(name + ".json")
		traces, err := (&ptrace.JSONUnmarshaler{}).UnmarshalTraces(text)
		fmt.Println(name, err == nil && traces.SpanCount() == 1, err)
	}
}
PROGRAM
sed -i 's/^as-written false .*length mismatch.*/as-written false: length mismatch/' out
seen "as-written false: length mismatch" "in-hex true <nil>"
