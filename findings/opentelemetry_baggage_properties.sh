#!/usr/bin/env bash
# opentelemetry-api 1.45.2 (PyPI): the properties of a baggage member become part of its value.
# Expected: W3C Baggage: a member is key=value, then properties, each after ";". @opentelemetry/core 2.12.1 (npm) gives "api" for the same header.
# Seen: the value is "api;ttl=30": comparing it with the service's name fails as soon as some proxy adds a property.
. "$(dirname "$0")/lib.sh"
python opentelemetry-api==1.45.2 <<'PROGRAM'
from opentelemetry import baggage
from opentelemetry.baggage.propagation import W3CBaggagePropagator

context = W3CBaggagePropagator().extract({"baggage": "service=api;ttl=30"})
print("python reads", baggage.get_baggage("service", context))
PROGRAM
mv out python.out
node_program @opentelemetry/core@2.12.1 @opentelemetry/api@1.9.1 <<'PROGRAM'
import { W3CBaggagePropagator } from "@opentelemetry/core";
import { ROOT_CONTEXT, defaultTextMapGetter, propagation } from "@opentelemetry/api";
const context = new W3CBaggagePropagator().extract(ROOT_CONTEXT, { baggage: "service=api;ttl=30" }, defaultTextMapGetter);
console.log("javascript reads", propagation.getBaggage(context).getEntry("service").value);
PROGRAM
cat python.out >>out
seen "python reads api;ttl=30" "javascript reads api"
