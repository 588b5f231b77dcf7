#!/usr/bin/env bash
# @grafana/promql-builder v0.0.6 (npm; Grafana's own, for dashboards as code): label_replace and count_values are
# written without quotation marks, and a minus sign before a vector is "-[object Object]".
# Expected: PromQL that Prometheus' own parser (v0.316.0, Go) takes, as the builder writes of labels, ranges and
# operators.
# Seen: label_replace(up, zone, $1, instance, (.*)), which no server takes. "> Infinity" is "> (null)", which is taken:
# a metric called null, of which there is none, so that the rule made of it is never true. Nothing is said while it is
# built.
. "$(dirname "$0")/lib.sh"
node_program @grafana/promql-builder@0.0.6 <<'PROGRAM'
import { writeFileSync } from "node:fs";
import builder from "@grafana/promql-builder";
const { countValues, gt, labelReplace, n, neg, rate, sum, vector } = builder;
const queries = [
    sum(rate(vector("errors").label("path", '/a "b"').range("5m"))).by(["path"]),
    labelReplace(vector("up"), "zone", "$1", "instance", "(.*)"),
    countValues("version", vector("build")),
    neg(vector("up")),
    gt(vector("up"), n(Infinity)),
].map(String);
writeFileSync("queries", queries.join("\n"));
PROGRAM
prometheus_parser
seen 'server takes sum by(path) (rate(errors{path="/a \"b\""}[5m]))' \
    'server refuses label_replace(up, zone, $1, instance, (.*))' 'server refuses count_values(version, build)' \
    'server refuses -[object Object]' 'server takes (up) > (null)'
