#!/usr/bin/env bash
# opentelemetry-api 1.45.2 (PyPI) and @opentelemetry/core 2.12.1 (npm): a space in baggage leaves Python as "+" and arrives in JavaScript as a plus sign.
# Expected: W3C Baggage: values are percent-encoded; "+" is an ordinary character of a value, a space is %20.
# Seen: Python writes a form's encoding (a+b), and reads a plus sent by others as a space; a team "on call" becomes "on+call", a phone number loses its plus.
. "$(dirname "$0")/lib.sh"
python opentelemetry-api==1.45.2 <<'PROGRAM'
from opentelemetry import baggage
from opentelemetry.baggage.propagation import W3CBaggagePropagator

carrier: dict[str, str] = {}
W3CBaggagePropagator().inject(carrier, context=baggage.set_baggage("team", "on call"))
open("header", "w").write(carrier["baggage"])
print("python writes", carrier["baggage"])
print("python reads", baggage.get_baggage("phone", W3CBaggagePropagator().extract({"baggage": "phone=+82"})))
PROGRAM
mv out python.out
node_program @opentelemetry/core@2.12.1 @opentelemetry/api@1.9.1 <<'PROGRAM'
import fs from "node:fs";
import { W3CBaggagePropagator } from "@opentelemetry/core";
import { ROOT_CONTEXT, defaultTextMapGetter, propagation } from "@opentelemetry/api";
const header = fs.readFileSync("header", "utf8");
const context = new W3CBaggagePropagator().extract(ROOT_CONTEXT, { baggage: header }, defaultTextMapGetter);
console.log("javascript reads", propagation.getBaggage(context).getEntry("team").value);
PROGRAM
cat python.out >>out
seen "python writes team=on+call" "python reads 82" "javascript reads on+call"
