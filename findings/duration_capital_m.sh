#!/usr/bin/env bash
# pytimeparse2 1.7.1, timelength 3.0.4 (PyPI), timestring 7.0.0, parse-duration 2.1.9, @grafana/data 13.2.3 (npm): "1M" is a minute in three of them and a month in two, of two lengths.
# Expected: Grafana's units, which its users type: m is a minute, M a month (now-1M); a reader that has no months refuses it, as Prometheus does.
# Seen: "silence for 1M" is 60 seconds, 30 days or 30.5 days; none of the three that take it for a minute says that it knows no months.
. "$(dirname "$0")/lib.sh"
python timelength==3.0.4 pytimeparse2==1.7.1 <<'PROGRAM'
import pytimeparse2
from timelength import TimeLength

print("timelength", TimeLength("1M").result.seconds, "pytimeparse2", pytimeparse2.parse("1M"))
PROGRAM
mv out before.out
node_program timestring@7.0.0 parse-duration@2.1.9 @grafana/data@13.2.3 <<'PROGRAM'
import parse from "parse-duration";
import { createRequire } from "node:module";
globalThis.navigator ??= { language: "en-US", languages: ["en-US"] };
const require = createRequire(import.meta.url);
console.log("timestring", require("timestring")("1M"), "parse-duration", parse("1M") / 1000, "grafana", require("@grafana/data").rangeUtil.intervalToMs("1M") / 1000);
PROGRAM
cat before.out >>out
seen "timelength 2635200.0 pytimeparse2 60" "timestring 60 parse-duration 60 grafana 2592000"
