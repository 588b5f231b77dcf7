#!/usr/bin/env bash
# timelength 3.0.4, pytimeparse2 1.7.1 (PyPI), timestring 7.0.0, parse-duration 2.1.9 (npm): "1h30" is an hour, an hour and a half, or no length of time.
# Expected: an hour and a half, as people write it, or an error.
# Seen: timelength and timestring drop the 30 (timelength says success), parse-duration counts it as minutes, pytimeparse2 reads nothing; timestring takes a bare 90 for 0.09 s.
. "$(dirname "$0")/lib.sh"
python timelength==3.0.4 pytimeparse2==1.7.1 <<'PROGRAM'
import pytimeparse2
from timelength import TimeLength

result = TimeLength("1h30").result
print("timelength", result.seconds, "success", result.success, "pytimeparse2", pytimeparse2.parse("1h30"))
PROGRAM
mv out before.out
node_program timestring@7.0.0 parse-duration@2.1.9 <<'PROGRAM'
import parse from "parse-duration";
import { createRequire } from "node:module";
const timestring = createRequire(import.meta.url)("timestring");
console.log("timestring", timestring("1h 30"), timestring("90"), "parse-duration", parse("1h30") / 1000);
PROGRAM
cat before.out >>out
seen "timelength 3600.0 success True pytimeparse2 None" "timestring 3600 0.09 parse-duration 5400"
