#!/usr/bin/env bash
# json_repair 0.64.6 (PyPI), beside jsonrepair 3.15.0 (npm): of a model's answer {"confidence": 85%} the number is 85, and {"at": 12:30} is 12.
# Expected: what becomes of 1.2s, 5/10, 10.0.0.1 and 2026-11-29 in both: a text, which a schema then refuses or reads.
# Seen: behind a number a percent sign or a colon and what follows it vanish: a confidence "between 0 and 1" is 85, half past twelve is 12, and both pass as numbers.
. "$(dirname "$0")/lib.sh"
cat >answers <<'ANSWERS'
{"confidence": 85%}
{"at": 12:30}
{"p99": 1.2s}
{"failed": 5/10}
ANSWERS
python json_repair==0.64.6 <<'PROGRAM'
import json

import json_repair

for answer in open("answers").read().splitlines():
    print("python", json.dumps(json_repair.loads(answer)))
PROGRAM
mv out before.out
node_program jsonrepair@3.15.0 <<'PROGRAM'
import fs from "node:fs";
import { createRequire } from "node:module";
const { jsonrepair } = createRequire(import.meta.url)("jsonrepair");
console.log("node", jsonrepair(fs.readFileSync("answers", "utf8").split("\n")[0]));
PROGRAM
cat before.out >>out
seen 'python {"confidence": 85}' 'python {"at": 12}' 'python {"p99": "1.2s"}' 'python {"failed": "5/10"}' 'node {"confidence": "85%"}'
