#!/usr/bin/env bash
# @opentelemetry/core 2.12.1 (npm), opentelemetry-api 1.48.0 (Maven), opentelemetry-api 1.45.2 (PyPI), go.opentelemetry.io/otel v1.43.0 (Go): the baggage "tenant=,user=7".
# Expected: two members: W3C Baggage, 3.3.1: value = *baggage-octet, so that a value may be empty; Python and Go write it themselves.
# Seen: JavaScript and Java drop the member, Python and Go keep it: that no tenant was meant is lost on the way through some services.
. "$(dirname "$0")/lib.sh"
python opentelemetry-api==1.45.2 <<'PROGRAM'
from opentelemetry import baggage
from opentelemetry.baggage.propagation import W3CBaggagePropagator

print("python", len(baggage.get_all(W3CBaggagePropagator().extract({"baggage": "tenant=,user=7"}))))
PROGRAM
mv out python.out
node_program @opentelemetry/core@2.12.1 @opentelemetry/api@1.9.1 <<'PROGRAM'
import { ROOT_CONTEXT, defaultTextMapGetter, propagation } from "@opentelemetry/api";
import { W3CBaggagePropagator } from "@opentelemetry/core";
const context = new W3CBaggagePropagator().extract(ROOT_CONTEXT, { baggage: "tenant=,user=7" }, defaultTextMapGetter);
console.log("node", propagation.getBaggage(context).getAllEntries().length);
PROGRAM
mv out node.out
java_program io.opentelemetry:opentelemetry-api:1.48.0 <<'PROGRAM'
import io.opentelemetry.api.baggage.Baggage;
import io.opentelemetry.api.baggage.propagation.W3CBaggagePropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.util.Map;

public class Main {
    public static void main(String[] arguments) {
        var getter = new TextMapGetter<Map<String, String>>() {
            public Iterable<String> keys(Map<String, String> carrier) {
                return carrier.keySet();
            }

            public String get(Map<String, String> carrier, String key) {
                return carrier.get(key);
            }
        };
        var context = W3CBaggagePropagator.getInstance().extract(Context.root(), Map.of("baggage", "tenant=,user=7"), getter);
        System.out.println("java " + Baggage.fromContext(context).size());
    }
}
PROGRAM
mv out java.out
golang go.opentelemetry.io/otel@v1.43.0 <<'PROGRAM'
package main

import (
	"fmt"

	"go.opentelemetry.io/otel/baggage"
)

func main() {
	read, err := baggage.Parse("tenant=,user=7")
	fmt.Println("go", read.Len(), err)
}
PROGRAM
cat python.out node.out java.out >>out
seen "python 2" "go 2 <nil>" "node 1" "java 1"
