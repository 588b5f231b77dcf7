#!/usr/bin/env bash
# @prometheus-io/codemirror-promql 0.314.0 (npm; the linter in Prometheus' and Thanos' expression fields) against Prometheus' own parser (v0.316.0, Go): "rate(x[5m]) offset 1h" has no fault.
# Expected: what the server says: "offset modifier must be preceded by an instant vector selector or range vector selector"; the linter tells rate(x) from rate(x[5m]).
# Seen: an offset behind a call or an aggregation, a regular expression that is none, and "\d" in quotation marks (an unknown escape) are not marked.
. "$(dirname "$0")/lib.sh"
cat >queries <<'QUERIES'
rate(x[5m])
rate(x)
rate(x[5m]) offset 1h
sum(x) offset 1h
x{path=~"/v\d"}
x{path=~"["}
QUERIES
node_program @prometheus-io/codemirror-promql@0.314.0 @codemirror/state@6 @codemirror/language@6 @codemirror/autocomplete@6 @codemirror/lint@6 @codemirror/view@6 @lezer/common@1 <<'PROGRAM'
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
const { PromQLExtension } = require("@prometheus-io/codemirror-promql");
const { Parser } = require("@prometheus-io/codemirror-promql/dist/cjs/parser/parser.js");
const { EditorState } = require("@codemirror/state");
const { ensureSyntaxTree } = require("@codemirror/language");
for (const query of readFileSync("queries", "utf8").trim().split("\n")) {
    const state = EditorState.create({ doc: query, extensions: [new PromQLExtension().asExtension()] });
    const parser = new Parser(state);
    parser.tree = ensureSyntaxTree(state, query.length, 60000);
    parser.analyze();
    console.log("editor", parser.getDiagnostics().length ? "marks" : "takes", query);
}
PROGRAM
prometheus_parser
seen "editor takes rate(x[5m])" "server takes rate(x[5m])" "editor marks rate(x)" "server refuses rate(x)" "editor takes rate(x[5m]) offset 1h" "server refuses rate(x[5m]) offset 1h" \
    "editor takes sum(x) offset 1h" "server refuses sum(x) offset 1h" 'editor takes x{path=~"/v\d"}' 'server refuses x{path=~"/v\d"}' 'editor takes x{path=~"["}' 'server refuses x{path=~"["}'
