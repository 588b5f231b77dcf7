#!/usr/bin/env bash
# prometheus_client 0.26.0 (PyPI): two metrics, my.queue and my_queue, are registered side by side and exposed to a scraper that does
# not ask for UTF-8 names as the same series twice, with two TYPE lines.
# Expected: the registry refuses a name that is taken ("Duplicated timeseries"), since the exposition format allows a series and a TYPE line once.
# Seen: the registry accepts, and promtool 2.42 (Debian) says the exposition is invalid.
. "$(dirname "$0")/lib.sh"
debian prometheus 2.42.0+ds-5+deb12u1
python prometheus_client==0.26.0 <<'PROGRAM'
from prometheus_client import CollectorRegistry, Gauge, generate_latest

registry = CollectorRegistry()
Gauge("my.queue", "Waiting.", registry=registry).set(1)
Gauge("my_queue", "Waiting.", registry=registry).set(2)
text = generate_latest(registry)
open("metrics", "wb").write(text)
print(text.decode())
PROGRAM
{ promtool check metrics <metrics 2>&1 || true; } | tee -a out
seen "my_queue 1.0" "my_queue 2.0"
grep "second HELP line" out
