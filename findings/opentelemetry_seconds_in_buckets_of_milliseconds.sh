#!/usr/bin/env bash
# opentelemetry-sdk 1.45.2 with opentelemetry-exporter-prometheus 0.66b2 (PyPI) on Prometheus 2.42 (Debian): a histogram with the unit "s" has buckets of 5, 10, 25 … 10000.
# Expected: buckets that fit the unit: OpenTelemetry's conventions for metrics of HTTP and RPC want seconds, and its bounds by default were made for milliseconds.
# Seen: requests of 20 ms and of 4 s fall into one bucket; by histogram_quantile half of the requests of 20 ms take 2.5 s, and 99 of 100 less than 4.95 s, whatever happens.
. "$(dirname "$0")/lib.sh"
mkdir pages
python opentelemetry-sdk==1.45.2 opentelemetry-exporter-prometheus==0.66b2 <<'PROGRAM'
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from prometheus_client import generate_latest

duration = MeterProvider([PrometheusMetricReader()]).get_meter("shop").create_histogram("request.duration", unit="s")
for _ in range(100):
    duration.record(0.02)
text = generate_latest().decode()
open("pages/metrics", "w").write("".join(line + "\n" for line in text.splitlines() if "request_duration" in line))
PROGRAM
scraped >/dev/null
url=$(sed -n 's/.*address=\(127[0-9.:]*\).*/\1/p' prometheus.log | head -1)
for part in 0.5 0.99; do
    curl --silent --get "$url/api/v1/query" --data-urlencode "query=histogram_quantile($part, request_duration_seconds_bucket)" | jq --raw-output ".data.result[0].value[1] | \"$part is \(.) s\""
done | tee out
seen "0.5 is 2.5 s" "0.99 is 4.95 s"
