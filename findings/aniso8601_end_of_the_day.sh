#!/usr/bin/env bash
# aniso8601 10.0.1 (PyPI): 2026-01-01T24:00:00Z is the beginning of 1 January.
# Expected: ISO 8601: 24:00 is the end of that day, 2026-01-02T00:00:00Z; java.time and JavaScript's Date read it so.
# Seen: a day too early, so that an interval from 00:00 to 24:00 has no length.
. "$(dirname "$0")/lib.sh"
python aniso8601==10.0.1 <<'PROGRAM'
import aniso8601

print("python", aniso8601.parse_datetime("2026-01-01T24:00:00Z"))
begin, end = aniso8601.parse_interval("2026-01-01T00:00:00Z/2026-01-01T24:00:00Z")
print("python length", end - begin)
PROGRAM
mv out before.out
node_program ms@2.1.3 <<'PROGRAM'
console.log("node", new Date("2026-01-01T24:00:00Z").toISOString());
PROGRAM
cat before.out >>out
seen "python 2026-01-01 00:00:00+00:00" "python length 0:00:00" "node 2026-01-02T00:00:00.000Z"
