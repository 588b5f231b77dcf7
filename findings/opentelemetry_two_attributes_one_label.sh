#!/usr/bin/env bash
# @opentelemetry/exporter-prometheus 0.223.0 (npm) and opentelemetry-exporter-prometheus 0.66b2 (PyPI): the attributes user.id and user_id become one label, twice or by loss.
# Expected: OpenTelemetry's "Prometheus and OpenMetrics Compatibility": "the values MUST be concatenated together, separated by ;".
# Seen: Node writes {user_id="a",user_id="b"}, which Prometheus 2.42 (Debian) refuses with the whole page; Python keeps the last value alone.
. "$(dirname "$0")/lib.sh"
debian prometheus 2.42.0+ds-5+deb12u1
python opentelemetry-exporter-prometheus==0.66b2 opentelemetry-sdk==1.45.2 <<'PROGRAM'
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from prometheus_client import REGISTRY

meter = MeterProvider(metric_readers=[PrometheusMetricReader()]).get_meter("m")
meter.create_counter("jobs").add(1, {"user.id": "a", "user_id": "b"})
print("python", [sample.labels["user_id"] for family in REGISTRY.collect() for sample in family.samples if sample.name == "jobs_total"])
PROGRAM
mv out lines
node_program @opentelemetry/exporter-prometheus@0.223.0 @opentelemetry/sdk-metrics@2.12.1 @opentelemetry/api@1.9.1 <<'PROGRAM'
import { PrometheusExporter, PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
const exporter = new PrometheusExporter({ preventServerStart: true });
new MeterProvider({ readers: [exporter] }).getMeter("m").createCounter("jobs").add(1, { "user.id": "a", user_id: "b" });
console.log(new PrometheusSerializer().serialize((await exporter.collect()).resourceMetrics));
PROGRAM
{ promtool check metrics <out 2>&1 || true; } | grep --only-matching 'duplicate label names.*' | tee --append lines
grep '^jobs' out >>lines
mv lines out
seen "python ['b']" 'jobs_total{user_id="a",user_id="b",otel_scope_name="m"} 1' 'duplicate label names for metric "jobs_total"'
