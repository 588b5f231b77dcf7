#!/usr/bin/env bash
# opentelemetry-exporter-prometheus 0.66b2 (PyPI), @opentelemetry/exporter-prometheus 0.223.0 (npm), go.opentelemetry.io/otel/exporters/prometheus v0.69.0:
# the same instruments are exposed under different names by each language.
# Expected: OpenTelemetry's "Prometheus and OpenMetrics Compatibility": the unit is a suffix "unless the metric name already contains the unit", and "1" is "ratio".
# Seen: http.server.duration in ms, cpu.utilization in 1, bytes.sent in By have two names each; an alert written for one service is silent for the next.
. "$(dirname "$0")/lib.sh"
python opentelemetry-exporter-prometheus==0.66b2 opentelemetry-sdk==1.45.2 <<'PROGRAM'
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from prometheus_client import REGISTRY

meter = MeterProvider(metric_readers=[PrometheusMetricReader()]).get_meter("m")
meter.create_gauge("cpu.utilization", unit="1").set(0.5)
meter.create_counter("bytes.sent", unit="By").add(5)
meter.create_histogram("http.server.duration", unit="ms").record(5)
ours = ("cpu", "bytes", "http")
names = {sample.name for family in REGISTRY.collect() for sample in family.samples if sample.name.startswith(ours)}
print("python", *sorted(name for name in names if not name.endswith(("_bucket", "_sum"))))
PROGRAM
mv out lines
node_program @opentelemetry/exporter-prometheus@0.223.0 @opentelemetry/sdk-metrics@2.12.1 @opentelemetry/api@1.9.1 <<'PROGRAM'
import { PrometheusExporter, PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
const exporter = new PrometheusExporter({ preventServerStart: true });
const meter = new MeterProvider({ readers: [exporter] }).getMeter("m");
meter.createGauge("cpu.utilization", { unit: "1" }).record(0.5);
meter.createCounter("bytes.sent", { unit: "By" }).add(5);
meter.createHistogram("http.server.duration", { unit: "ms" }).record(5);
const page = new PrometheusSerializer().serialize((await exporter.collect()).resourceMetrics);
console.log("node", [...new Set(page.match(/^(cpu|bytes|http)\w+/gm))].filter((name) => !/_(bucket|sum)$/.test(name)).sort().join(" "));
PROGRAM
cat out >>lines
golang go.opentelemetry.io/otel/exporters/prometheus@v0.69.0 <<'PROGRAM'
package main

import (
	"context"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
	exporter "go.opentelemetry.io/otel/exporters/prometheus"
	api "go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/sdk/metric"
)

func main() {
	registry, ctx := prometheus.NewRegistry(), context.Background()
	reader, err := exporter.New(exporter.WithRegisterer(registry))
	if err != nil {
		panic(err)
	}
	meter := metric.NewMeterProvider(metric.WithReader(reader)).Meter("m")
	gauge, _ := meter.Float64Gauge("cpu.utilization", api.WithUnit("1"))
	gauge.Record(ctx, 0.5)
	counter, _ := meter.Float64Counter("bytes.sent", api.WithUnit("By"))
	counter.Add(ctx, 5)
	histogram, _ := meter.Float64Histogram("http.server.duration", api.WithUnit("ms"))
	histogram.Record(ctx, 5)
	families, _ := registry.Gather()
	fmt.Print("go")
	for _, family := range families[:len(families)-1] {
		fmt.Print(" ", family.GetName())
	}
	fmt.Println()
}
PROGRAM
cat lines >>out
seen "python bytes_sent_bytes_total cpu_utilization http_server_duration_milliseconds_count" \
    "node bytes_sent_total cpu_utilization http_server_duration_count" \
    "go bytes_sent_total cpu_utilization_ratio http_server_duration_milliseconds"
