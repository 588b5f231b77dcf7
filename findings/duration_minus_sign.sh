#!/usr/bin/env bash
# timelength 3.0.4 (PyPI), timestring 7.0.0 and iso8601-duration 2.1.4 (npm): "-1h" and "-PT5M" are an hour and five minutes, forwards.
# Expected: less than nothing, as pytimeparse 1.1.8 (PyPI) and tinyduration 3.4.1 (npm) read them, or an error.
# Seen: the sign is dropped and success reported: an alarm of an iCalendar (TRIGGER:-PT15M) comes afterwards, "from -1h" is in the future, a silence meant to end ends later.
. "$(dirname "$0")/lib.sh"
python timelength==3.0.4 pytimeparse==1.1.8 <<'PROGRAM'
import pytimeparse
from timelength import TimeLength

result = TimeLength("-1h").result
print("timelength", result.seconds, "success", result.success, "pytimeparse", pytimeparse.parse("-1h"))
PROGRAM
mv out before.out
node_program timestring@7.0.0 iso8601-duration@2.1.4 tinyduration@3.4.1 <<'PROGRAM'
import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
const iso = require("iso8601-duration");
console.log("timestring", require("timestring")("-1h"), require("timestring")("1d -2h"));
console.log("iso8601-duration", iso.toSeconds(iso.parse("-PT5M")), "tinyduration", JSON.stringify(require("tinyduration").parse("-PT5M")));
PROGRAM
cat before.out >>out
seen "timelength 3600.0 success True pytimeparse -3600" "timestring 3600 93600" 'iso8601-duration 300 tinyduration {"minutes":5,"negative":true}'
