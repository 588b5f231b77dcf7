#!/usr/bin/env bash
# prometheus_client 0.26.0 (PyPI) with PROMETHEUS_MULTIPROC_DIR (gunicorn, uWSGI): a gauge whose value is a function,
# set_function(), is 0.
# Expected: what the function returns, or an error when it is set, as remove() warns that it does nothing there.
# Seen: the function is never called; the file of the process, which all others read, has the 0 of the beginning. The
# length of a queue is 0 on the dashboard, and the alert on it never fires. In one process without it, it is right.
. "$(dirname "$0")/lib.sh"
mkdir shared
PROMETHEUS_MULTIPROC_DIR=$dir/shared python prometheus_client==0.26.0 <<'PROGRAM'
from prometheus_client import REGISTRY, CollectorRegistry, Gauge
from prometheus_client.multiprocess import MultiProcessCollector

Gauge("queue_by_function", "Waiting.", multiprocess_mode="max").set_function(lambda: 5)
Gauge("queue_by_hand", "Waiting.", multiprocess_mode="max").set(5)
shared = CollectorRegistry()
MultiProcessCollector(shared)
for name in ("queue_by_function", "queue_by_hand"):
    print(name, "of all processes", shared.get_sample_value(name), "of this one", REGISTRY.get_sample_value(name))
PROGRAM
seen "queue_by_function of all processes 0.0 of this one 5.0" "queue_by_hand of all processes 5.0 of this one 5.0"
