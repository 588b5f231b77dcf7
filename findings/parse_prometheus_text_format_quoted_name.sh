#!/usr/bin/env bash
# parse-prometheus-text-format 1.1.1 (npm): a series with a quoted (UTF-8) name comes without its value, and its name becomes part of a label's key.
# Expected: the text format 1.0.0 that Prometheus 3 asks for by default writes such a name first inside the braces; a parser that cannot read it says so.
# Seen: no error; `value` is undefined, or the label "zone" is called "\"queue.waiting\",zone". (The exposition is written by prometheus_client 0.26.0.)
. "$(dirname "$0")/lib.sh"
python prometheus_client==0.26.0 <<'PROGRAM'
from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.exposition import choose_encoder

registry = CollectorRegistry()
Gauge("queue.waiting", "Waiting.", ["zone"], registry=registry).labels("a").set(5)
Gauge("queue.size", "Size.", registry=registry).set(9)
encoder, _ = choose_encoder("text/plain;version=1.0.0;escaping=allow-utf-8")
open("metrics", "wb").write(encoder(registry))
print(open("metrics").read())
PROGRAM
node_program parse-prometheus-text-format@1.1.1 <<'PROGRAM'
import fs from "node:fs";
import parse from "parse-prometheus-text-format";
for (const family of (parse.default ?? parse)(fs.readFileSync("metrics", "utf8"))) {
    for (const { labels, value } of family.metrics) console.log(family.name, "labels", JSON.stringify(labels), "value", value);
}
PROGRAM
seen '"queue.waiting" labels {"\"queue.waiting\",zone":"a"} value undefined' '"queue.size" labels undefined value undefined'
