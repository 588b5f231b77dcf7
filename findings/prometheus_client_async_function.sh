#!/usr/bin/env bash
# prometheus_client 0.26.0 (PyPI), beside statsd 4.0.1 (PyPI): @HISTOGRAM.time() on an async function measures microseconds of a job that takes 0.2 s.
# Expected: "Time a block of code or function, and observe the duration in seconds", "Count exceptions in a block of code or function"; statsd's timer measures the job.
# Seen: what is measured is how long it takes to make the coroutine: p99 is next to nothing whatever happens, exceptions are never counted, nothing is ever in progress.
. "$(dirname "$0")/lib.sh"
python prometheus-client==0.26.0 statsd==4.0.1 <<'PROGRAM'
import asyncio

import statsd
from prometheus_client import REGISTRY, Counter, Gauge, Histogram

JOBS, FAILED, RUNNING = Histogram("job_seconds", "Jobs."), Counter("failed", "Jobs."), Gauge("running", "Jobs.")


class Printed(statsd.StatsClient):
    def _send(self, data):
        print("statsd: more than 0.1 s:", float(data.split(":")[1].split("|")[0]) > 100)


CLIENT = Printed()


@JOBS.time()
@FAILED.count_exceptions()
@RUNNING.track_inprogress()
@CLIENT.timer("job")
async def job() -> None:
    await asyncio.sleep(0.2)
    raise ValueError


async def main() -> None:
    task = asyncio.create_task(job())
    await asyncio.sleep(0.1)
    print("prometheus_client: in progress:", REGISTRY.get_sample_value("running"))
    await asyncio.gather(task, return_exceptions=True)


asyncio.run(main())
print("prometheus_client: jobs:", REGISTRY.get_sample_value("job_seconds_count"))
print("prometheus_client: more than 0.1 s:", REGISTRY.get_sample_value("job_seconds_sum") > 0.1)
print("prometheus_client: failed:", REGISTRY.get_sample_value("failed_total"))
PROGRAM
seen "statsd: more than 0.1 s: True" "prometheus_client: in progress: 0.0" "prometheus_client: jobs: 1.0" \
    "prometheus_client: more than 0.1 s: False" "prometheus_client: failed: 0.0"
