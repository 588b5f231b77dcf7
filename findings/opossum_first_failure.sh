#!/usr/bin/env bash
# opossum 9.0.0 (npm), beside cockatiel 3.2.1 (npm): a circuit breaker "of 50 %" opens at the first call of the process that fails.
# Expected: a percentage is of a number of calls worth the name; cockatiel's SamplingBreaker counts a least number of requests by itself.
# Seen: volumeThreshold is 0 by default, and one failure of one call is 100 %: after a deployment the first timeout has all calls refused for resetTimeout (30 s).
. "$(dirname "$0")/lib.sh"
node_program opossum@9.0.0 cockatiel@3.2.1 <<'PROGRAM'
import { circuitBreaker, CircuitState, handleAll, SamplingBreaker } from "cockatiel";
import CircuitBreaker from "opossum";
let calls = 0;
const once = async () => {
    calls += 1;
    if (calls === 1) throw new Error("timeout");
    return "answered";
};
const breaker = new CircuitBreaker(once, { errorThresholdPercentage: 50 });
const results = [];
for (let turn = 0; turn < 3; turn += 1) results.push(await breaker.fire().catch((error) => error.message));
console.log("opossum", results.join(", "), "| opened:", breaker.opened);
calls = 0;
const policy = circuitBreaker(handleAll, { halfOpenAfter: 30_000, breaker: new SamplingBreaker({ threshold: 0.5, duration: 10_000 }) });
const others = [];
for (let turn = 0; turn < 3; turn += 1) others.push(await policy.execute(once).catch((error) => error.message));
console.log("cockatiel", others.join(", "), "| opened:", policy.state === CircuitState.Open);
breaker.shutdown();
PROGRAM
seen "opossum timeout, Breaker is open, Breaker is open | opened: true" "cockatiel timeout, answered, answered | opened: false"
