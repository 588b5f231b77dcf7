#!/usr/bin/env bash
# cockatiel 3.2.1 (npm) beside exponential-backoff 3.1.2 (npm) and tenacity 9.2.1 (PyPI): { maxAttempts: 3 } calls four times.
# Expected: three: its README: "maxAttempts: the number of attempts to make before giving up".
# Seen: the first call is not counted. Who writes it for a message that may be sent three times sends it four times.
. "$(dirname "$0")/lib.sh"
python tenacity==9.2.1 <<'PROGRAM'
from tenacity import RetryError, retry, stop_after_attempt

calls = []
try:
    retry(stop=stop_after_attempt(3))(lambda: calls.append(1) or 1 / 0)()
except RetryError:
    print("tenacity", len(calls))
PROGRAM
mv out before.out
node_program cockatiel@3.2.1 exponential-backoff@3.1.2 <<'PROGRAM'
import { handleAll, retry } from "cockatiel";
import { backOff } from "exponential-backoff";
let calls = 0;
const fail = async () => {
    calls += 1;
    throw new Error("no");
};
await retry(handleAll, { maxAttempts: 3 }).execute(fail).catch(() => console.log("cockatiel", calls));
calls = 0;
await backOff(fail, { numOfAttempts: 3, startingDelay: 1 }).catch(() => console.log("exponential-backoff", calls));
PROGRAM
cat before.out >>out
seen "tenacity 3" "cockatiel 4" "exponential-backoff 3"
