#!/usr/bin/env bash
# opentelemetry-propagator-jaeger 1.45.1 (PyPI), beside @opentelemetry/propagator-jaeger 2.12.0 (npm) and go.opentelemetry.io/contrib/propagators/jaeger v1.47.0: a sampled request becomes a debug one.
# Expected: uber-trace-id with the flags 1 (sampled) is handed on with the flags 1; 2 is debug, which in Jaeger means that the trace is to be kept whatever the sampling.
# Seen: Python adds the debug flag to each sampled trace: 1 comes in, 03 goes out. Go and JavaScript hand on 1. Go behind Python tells debug traces by this flag: all are.
. "$(dirname "$0")/lib.sh"
python opentelemetry-api==1.45.2 opentelemetry-propagator-jaeger==1.45.1 <<'PROGRAM'
from opentelemetry.propagators.jaeger import JaegerPropagator

carrier = {}
propagator = JaegerPropagator()
propagator.inject(carrier, propagator.extract({"uber-trace-id": "0af7651916cd43dd8448eb211c80319c:b7ad6b7169203331:0:1"}))
print("Python", carrier["uber-trace-id"].rpartition(":")[2])
PROGRAM
mv out others.out
node_program @opentelemetry/api@1.9.1 @opentelemetry/propagator-jaeger@2.12.0 <<'PROGRAM'
import { defaultTextMapGetter, defaultTextMapSetter, ROOT_CONTEXT } from "@opentelemetry/api";
import { JaegerPropagator } from "@opentelemetry/propagator-jaeger";
const [propagator, carrier] = [new JaegerPropagator(), {}];
const came = { "uber-trace-id": "0af7651916cd43dd8448eb211c80319c:b7ad6b7169203331:0:1" };
propagator.inject(propagator.extract(ROOT_CONTEXT, came, defaultTextMapGetter), carrier, defaultTextMapSetter);
console.log("JavaScript", carrier["uber-trace-id"].split(":").at(-1));
PROGRAM
cat out >>others.out
golang go.opentelemetry.io/contrib/propagators/jaeger@v1.47.0 go.opentelemetry.io/otel@v1.47.0 <<'PROGRAM'
package main

import (
	"context"
	"fmt"
	"strings"

	"go.opentelemetry.io/contrib/propagators/jaeger"
	"go.opentelemetry.io/otel/propagation"
)

func main() {
	for _, flags := range []string{"1", "03"} {
		came := propagation.MapCarrier{"uber-trace-id": "0af7651916cd43dd8448eb211c80319c:b7ad6b7169203331:0:" + flags}
		ctx, carrier := jaeger.Jaeger{}.Extract(context.Background(), came), propagation.MapCarrier{}
		jaeger.Jaeger{}.Inject(ctx, carrier)
		parts := strings.Split(carrier["uber-trace-id"], ":")
		fmt.Println("Go, of "+flags, parts[3])
	}
}
PROGRAM
cat others.out >>out
seen "Python 03" "JavaScript 01" "Go, of 1 1" "Go, of 03 3"
