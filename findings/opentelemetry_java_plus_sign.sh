#!/usr/bin/env bash
# opentelemetry-sdk-extension-autoconfigure 1.48.0 (Maven), beside opentelemetry-exporter-otlp-proto-http 1.45.2 (PyPI), @opentelemetry/exporter-trace-otlp-http 0.223.1 (npm), otlptracehttp v1.47.0 (Go): a plus sign in OTEL_EXPORTER_OTLP_HEADERS.
# Expected: values are percent-encoded as in W3C Baggage, where "+" is itself; "Basic%20" and base64 is what Grafana Cloud tells its users to set, and base64 has plus signs.
# Seen: Python, JavaScript and Go send the credentials as they were given, Java with blanks in place of "+", which is 401 there alone; service.version=1.4.0+build7 in OTEL_RESOURCE_ATTRIBUTES is "1.4.0 build7" in Java.
. "$(dirname "$0")/lib.sh"
listen=$(port)
cat >server.py <<'SERVER'
import http.server
import sys


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        if self.headers["transfer-encoding"] != "chunked":
            self.rfile.read(int(self.headers["content-length"]))
        print("sent", self.headers["authorization"], flush=True)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
SERVER
python3 server.py "$listen" >>server.log &
pids+=($!)
export OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:$listen OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
export OTEL_EXPORTER_OTLP_HEADERS="authorization=Basic%20dXNlcjp+Pj4+" OTEL_RESOURCE_ATTRIBUTES="service.version=1.4.0+build7"
export OTEL_METRICS_EXPORTER=none OTEL_LOGS_EXPORTER=none
kept() { sed "s/^/$1 /" server.log >>all.out; : >server.log; sed "s/^/$1 /" out >>all.out; }
python opentelemetry-sdk==1.45.2 opentelemetry-exporter-otlp-proto-http==1.45.2 <<'PROGRAM'
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter()))
provider.get_tracer("finding").start_span("span").end()
print("version", provider.resource.attributes["service.version"])
PROGRAM
kept python
node_program @opentelemetry/exporter-trace-otlp-http@0.223.1 @opentelemetry/sdk-trace-base@2.12.1 @opentelemetry/resources@2.12.1 <<'PROGRAM'
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { detectResources, envDetector } from "@opentelemetry/resources";
import { BasicTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(new OTLPTraceExporter())] });
provider.getTracer("finding").startSpan("span").end();
await provider.forceFlush();
await provider.shutdown();
console.log("version", detectResources({ detectors: [envDetector] }).attributes["service.version"]);
PROGRAM
kept javascript
golang go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp@v1.47.0 go.opentelemetry.io/otel/sdk@v1.47.0 <<'PROGRAM'
package main

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
)

func main() {
	exporter, err := otlptracehttp.New(context.Background())
	if err != nil {
		panic(err)
	}
	provider := trace.NewTracerProvider(trace.WithSyncer(exporter))
	_, span := provider.Tracer("finding").Start(context.Background(), "span")
	span.End()
	version, _ := resource.Environment().Set().Value("service.version")
	fmt.Println("version", version.AsString())
}
PROGRAM
kept go
java_program io.opentelemetry:opentelemetry-sdk-extension-autoconfigure:1.48.0 io.opentelemetry:opentelemetry-exporter-otlp:1.48.0 <<'PROGRAM'
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import java.util.concurrent.TimeUnit;

public class Main {
    public static void main(String[] arguments) {
        var sdk = AutoConfiguredOpenTelemetrySdk.builder().addResourceCustomizer((resource, settings) -> {
            System.out.println("version " + resource.getAttribute(AttributeKey.stringKey("service.version")));
            return resource;
        }).build().getOpenTelemetrySdk();
        sdk.getTracer("finding").spanBuilder("span").startSpan().end();
        sdk.getSdkTracerProvider().forceFlush().join(20, TimeUnit.SECONDS);
        sdk.close();
    }
}
PROGRAM
kept java
mv all.out out
cat out
seen "python sent Basic dXNlcjp+Pj4+" "javascript sent Basic dXNlcjp+Pj4+" "go sent Basic dXNlcjp+Pj4+" "java sent Basic dXNlcjp Pj4" \
    "python version 1.4.0+build7" "javascript version 1.4.0+build7" "go version 1.4.0+build7" "java version 1.4.0 build7"
