#!/usr/bin/env bash
# datadog 0.56.0 (PyPI) against statsd 4.0.1 (PyPI) and statsd_exporter v0.31.0 (Go): with DogStatsd.timed() a job of 300 ms is 0.0003 s.
# Expected: a timing of StatsD ("|ms") is in milliseconds, as the client of StatsD itself sends it and as every server reads it.
# Seen: timed() sends 0.3|ms unless the client was made with use_ms=True, and the exporter divides by 1000: all latencies are a thousandth, and no alert on them fires.
. "$(dirname "$0")/lib.sh"
python datadog==0.56.0 statsd==4.0.1 <<'PROGRAM'
import socket
import time

import statsd
from datadog.dogstatsd import DogStatsd

listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
listener.bind(("127.0.0.1", 0))
listener.settimeout(10)
port = listener.getsockname()[1]
with DogStatsd(host="127.0.0.1", port=port, disable_telemetry=True, disable_buffering=True).timed("job"):
    time.sleep(0.3)
sent = listener.recv(999).decode().strip()
print("datadog below one:", float(sent.removeprefix("job:").removesuffix("|ms")) < 1)
with open("line", "w") as file:
    file.write(sent)
with statsd.StatsClient("127.0.0.1", port).timer("job"):
    time.sleep(0.3)
sent = listener.recv(999).decode().strip()
print("statsd above 300:", float(sent.removeprefix("job:").removesuffix("|ms")) >= 300)
PROGRAM
mv out before.out
golang github.com/prometheus/statsd_exporter@v0.31.0 <<'PROGRAM'
package main

import (
	"fmt"
	"log/slog"
	"os"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/statsd_exporter/pkg/line"
)

func main() {
	parser := line.NewParser()
	parser.EnableDogstatsdParsing()
	counter := func() prometheus.Counter { return prometheus.NewCounter(prometheus.CounterOpts{Name: "c"}) }
	faults := *prometheus.NewCounterVec(prometheus.CounterOpts{Name: "v"}, []string{"reason"})
	sent, _ := os.ReadFile("line")
	for _, each := range parser.LineToEvents(string(sent), faults, counter(), counter(), counter(), slog.New(slog.DiscardHandler)) {
		fmt.Printf("exporter below a millisecond: %t\n", each.Value() < 0.001)
	}
}
PROGRAM
cat before.out >>out
seen "datadog below one: True" "statsd above 300: True" "exporter below a millisecond: true"
