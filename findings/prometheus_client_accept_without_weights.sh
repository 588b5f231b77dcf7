#!/usr/bin/env bash
# prometheus_client 0.26.0 (PyPI): choose_encoder answers OpenMetrics whenever Accept names it, whatever its weight.
# Expected: RFC 9110, 12.4.2 and 12.5.1: q=0 means "not acceptable", and the highest weight is preferred.
# Seen: a client that refuses OpenMetrics (q=0) gets it, with the other metric names and the exemplars that it cannot read.
. "$(dirname "$0")/lib.sh"
python prometheus_client==0.26.0 <<'PROGRAM'
from prometheus_client.exposition import choose_encoder

for accept in (
    "text/plain;version=0.0.4;q=0.9",
    "application/openmetrics-text;version=1.0.0;q=0.1,text/plain;version=0.0.4;q=0.9",
    "application/openmetrics-text;q=0,text/plain;version=0.0.4",
):
    print(accept, "->", choose_encoder(accept)[1].split(";")[0])
PROGRAM
seen "application/openmetrics-text;q=0,text/plain;version=0.0.4 -> application/openmetrics-text"
