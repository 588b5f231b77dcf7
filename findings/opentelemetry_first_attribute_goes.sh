#!/usr/bin/env bash
# opentelemetry-sdk 1.45.2 (PyPI), beside @opentelemetry/sdk-trace-base 2.12.1 (npm) and go.opentelemetry.io/otel/sdk v1.43.0 (Go): the 129th attribute of a span takes the first away.
# Expected: OpenTelemetry's specification of limits: what would be one too many MUST be discarded; what is there stays.
# Seen: JavaScript and Go leave the new ones out. Python drops the oldest ones: of a span that puts the 200 items of an order into attributes http.request.method and
# url.path, which were set at its start, are gone, and every search by route with them.
. "$(dirname "$0")/lib.sh"
python opentelemetry-sdk==1.45.2 <<'PROGRAM'
import logging

from opentelemetry.sdk.trace import TracerProvider

logging.disable()
span = TracerProvider().get_tracer("t").start_span("order", attributes={"url.path": "/orders"})
for item in range(200):
    span.set_attribute(f"item.{item}", item)
names = list(span.attributes)
print("Python", len(names), names[0], names[-1])
PROGRAM
mv out others.out
node_program @opentelemetry/api@1.9.1 @opentelemetry/sdk-trace-base@2.12.1 <<'PROGRAM'
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
const span = new BasicTracerProvider().getTracer("t").startSpan("order", { attributes: { "url.path": "/orders" } });
for (let item = 0; item < 200; item++) span.setAttribute(`item.${item}`, item);
const names = Object.keys(span.attributes);
console.log("JavaScript", names.length, names[0], names.at(-1));
PROGRAM
cat out >>others.out
golang go.opentelemetry.io/otel@v1.43.0 go.opentelemetry.io/otel/sdk@v1.43.0 go.opentelemetry.io/otel/trace@v1.43.0 <<'PROGRAM'
package main

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/attribute"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

func main() {
	start := trace.WithAttributes(attribute.String("url.path", "/orders"))
	_, span := sdk.NewTracerProvider().Tracer("t").Start(context.Background(), "order", start)
	for item := range 200 {
		span.SetAttributes(attribute.Int(fmt.Sprintf("item.%d", item), item))
	}
	has := span.(sdk.ReadOnlySpan).Attributes()
	fmt.Println("Go", len(has), has[0].Key, has[len(has)-1].Key)
}
PROGRAM
cat others.out >>out
seen "Python 128 item.72 item.199" "JavaScript 128 url.path item.126" "Go 128 url.path item.126"
