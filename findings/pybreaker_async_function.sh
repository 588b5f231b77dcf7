#!/usr/bin/env bash
# pybreaker 1.4.1 (PyPI), beside circuitbreaker 2.1.3 (PyPI): a circuit breaker around an async function never opens, however often it fails.
# Expected: as its README says: the breaker "will automatically open the circuit after 5 consecutive failures" (here 2), and further calls "fail immediately".
# Seen: ten of ten calls are made, the breaker is closed and has counted no failure; to it each call succeeded, because a coroutine was made.
. "$(dirname "$0")/lib.sh"
python pybreaker==1.4.1 circuitbreaker==2.1.3 <<'PROGRAM'
import asyncio

import circuitbreaker
import pybreaker

BREAKER = pybreaker.CircuitBreaker(fail_max=2)
OTHER = circuitbreaker.CircuitBreaker(failure_threshold=2)
made = {"pybreaker": 0, "circuitbreaker": 0, "pybreaker, not async": 0}


@BREAKER
async def ask():
    made["pybreaker"] += 1
    raise ConnectionError


@OTHER
async def ask_other():
    made["circuitbreaker"] += 1
    raise ConnectionError


async def main():
    for call in (ask, ask_other):
        for _ in range(10):
            try:
                await call()
            except Exception:
                pass


asyncio.run(main())
print("pybreaker:", BREAKER.current_state, BREAKER.fail_counter, "failures")


@BREAKER
def ask_plainly():
    made["pybreaker, not async"] += 1
    raise ConnectionError


for _ in range(10):
    try:
        ask_plainly()
    except Exception:
        pass
for name, count in made.items():
    print(f"{name}: {count} of 10 calls were made")
PROGRAM
seen "pybreaker: closed 0 failures" "pybreaker: 10 of 10 calls were made" "circuitbreaker: 2 of 10 calls were made" \
    "pybreaker, not async: 2 of 10 calls were made"
