#!/usr/bin/env bash
# @sigyn/logql 2.2.0 (npm; the LogQL of Sigyn, which alerts on Loki): a query that is read and written again asks
# another question: the filter of a parsed field becomes a label of the stream.
# Expected: the same query: {app="shop"} | json | level="error".
# Seen: {app="shop",level="error"} | level = "error" | json: a stream of that label is not there, and the filter stands
# before the parser. The alert made of it finds nothing, for ever; "or" between lines is lost, a quotation mark cuts
# one.
. "$(dirname "$0")/lib.sh"
node_program @sigyn/logql@2.2.0 <<'PROGRAM'
import { createRequire } from "node:module";
const { LogQL } = createRequire(import.meta.url)("@sigyn/logql");
for (const query of [
    '{app="shop"} |= `failed` != `retry`',
    '{app="shop"} |= `pay` | json | level="error"',
    '{app="shop"} |= `pay` or `cart`',
    '{app="shop"} |= "say \\"no\\""',
]) console.log(query, "->", String(new LogQL(query)));
PROGRAM
seen '{app="shop"} |= `failed` != `retry` -> {app="shop"} |= `failed` != `retry`' \
    '{app="shop"} |= `pay` | json | level="error" -> {app="shop",level="error"} |= `pay` | level = "error" | json' \
    '{app="shop"} |= `pay` or `cart` -> {app="shop"} |= `pay`' '{app="shop"} |= "say \"no\"" -> {app="shop"} |= `say \`'
