#!/usr/bin/env bash
# @opentelemetry/exporter-prometheus 0.223.0 (npm), beside go.opentelemetry.io/otel/exporters/prometheus v0.69.0 (Go): an exponential histogram is a heading without a sample.
# Expected: what Go's exporter writes for a scraper of the text format: took_count, took_sum and the bucket of +Inf; or an error that such a histogram cannot be exposed.
# Seen: a HELP and a TYPE line, "untyped", and nothing below; the page is answered with 200 and the other metrics, and what is wrong is told to OpenTelemetry's own
# diagnostic logger only, which is nobody unless one was set. Once a view makes the histograms exponential every rate, mean and percentile of them is empty.
. "$(dirname "$0")/lib.sh"
PORT=$(port)
export PORT
node_program @opentelemetry/api@1.9.1 @opentelemetry/exporter-prometheus@0.223.0 @opentelemetry/sdk-metrics@2.12.1 <<'PROGRAM'
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { AggregationType, MeterProvider } from "@opentelemetry/sdk-metrics";
const port = Number(process.env.PORT);
const exporter = await new Promise((ready) => {
  const made = new PrometheusExporter({ host: "127.0.0.1", port }, () => ready(made));
});
const views = [{ instrumentName: "took", aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }];
const provider = new MeterProvider({ readers: [exporter], views });
provider.getMeter("m").createHistogram("took").record(0.3);
provider.getMeter("m").createHistogram("waited").record(0.3);
const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
const page = (await answer.text()).split("\n");
for (const name of ["took", "waited"]) {
  const type = page.find((line) => line.startsWith(`# TYPE ${name} `));
  console.log("JavaScript", answer.status, type, "samples", page.filter((line) => line.startsWith(name)).length);
}
await provider.shutdown();
PROGRAM
mv out others.out
golang go.opentelemetry.io/otel@v1.47.0 go.opentelemetry.io/otel/exporters/prometheus@v0.69.0 go.opentelemetry.io/otel/sdk/metric@v1.47.0 <<'PROGRAM'
package main

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/sdk/metric"
)

func main() {
	exporter, err := prometheus.New()
	if err != nil {
		panic(err)
	}
	exponential := metric.Stream{Aggregation: metric.AggregationBase2ExponentialHistogram{MaxSize: 160, MaxScale: 20}}
	view := metric.NewView(metric.Instrument{Name: "took"}, exponential)
	histogram, _ := metric.NewMeterProvider(metric.WithReader(exporter), metric.WithView(view)).Meter("m").Float64Histogram("took")
	histogram.Record(context.Background(), 0.3)
	page := httptest.NewRecorder()
	promhttp.Handler().ServeHTTP(page, httptest.NewRequest("GET", "/metrics", nil))
	samples, kind := 0, ""
	for _, line := range strings.Split(page.Body.String(), "\n") {
		if strings.HasPrefix(line, "took") {
			samples++
		}
		if strings.HasPrefix(line, "# TYPE took ") {
			kind = line
		}
	}
	fmt.Println("Go", kind, "samples", samples)
}
PROGRAM
cat others.out >>out
[ "$(wc -l <out)" = 3 ] || { echo "NO LONGER SEEN: nothing else is written"; exit 1; }
seen "JavaScript 200 # TYPE took untyped samples 0" "JavaScript 200 # TYPE waited histogram samples 18" "Go # TYPE took histogram samples 3"
