#!/usr/bin/env bash
# opentelemetry-exporter-prometheus-remote-write 0.66b1 (PyPI) on Prometheus 2.42 (Debian): the buckets of a histogram do not add up, and are not called _bucket.
# Expected: NAME_bucket with le, each bucket with all that is below it, le="+Inf" equal to NAME_count, as OpenTelemetry's "Prometheus and OpenMetrics compatibility" has it.
# Seen: NAME with le, each bucket with its own values only, so that le="+Inf" is 0 beside a count of 3: histogram_quantile has nothing to read,
# and renamed it says that nine of ten sizes (1, 4 and 7) are below 0.9.
. "$(dirname "$0")/lib.sh"
debian prometheus 2.42.0+ds-5+deb12u1
listen=$(port)
echo '{}' >prometheus.yml
prometheus --config.file=prometheus.yml --storage.tsdb.path=series --web.listen-address="127.0.0.1:$listen" --web.enable-remote-write-receiver >prometheus.log 2>&1 &
pids+=($!)
wait_for curl --silent --fail "127.0.0.1:$listen/-/ready"
export WRITE="http://127.0.0.1:$listen/api/v1/write"
python opentelemetry-exporter-prometheus-remote-write==0.66b1 <<'PROGRAM'
import os

from opentelemetry.exporter.prometheus_remote_write import PrometheusRemoteWriteMetricsExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

provider = MeterProvider([PeriodicExportingMetricReader(PrometheusRemoteWriteMetricsExporter(endpoint=os.environ["WRITE"]))])
sizes = provider.get_meter("shop").create_histogram("size", explicit_bucket_boundaries_advisory=[1, 5, 10])
for size in (1, 4, 7):
    sizes.record(size)
provider.shutdown()
PROGRAM
asked() { curl --silent --get "127.0.0.1:$listen/api/v1/query" --data-urlencode "query=$1" | jq --raw-output '.data.result[] | "\(.metric.__name__ // "quantile") \(.metric.le // "") \(.value[1])"'; }
{
    asked '{__name__=~"size.*"}'
    asked 'histogram_quantile(0.9, label_replace(size{le!=""}, "__name__", "size_bucket", "", ""))'
} | tee out
seen "size 1 1" "size 5 1" "size 10 1" "size +Inf 0" "size_count  3" "quantile  0.9"
