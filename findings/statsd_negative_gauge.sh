#!/usr/bin/env bash
# datadog 0.56.0 (PyPI) and hot-shots 17.1.1 (npm) against statsd_exporter v0.31.0 (Go): gauge("lag", -5) lowers the gauge by five each time.
# Expected: a gauge is set to the value that the client was given; the client of StatsD itself (statsd on PyPI) sends 0 first, since a sign means a change.
# Seen: both send "lag:-5|g", which the exporter reads as relative: a temperature or a balance below zero falls for ever.
. "$(dirname "$0")/lib.sh"
python datadog==0.56.0 statsd==4.0.1 <<'PROGRAM'
import socket

import statsd
from datadog.dogstatsd import DogStatsd

listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
listener.bind(("127.0.0.1", 0))
listener.settimeout(10)
port = listener.getsockname()[1]
DogStatsd(host="127.0.0.1", port=port, disable_telemetry=True, disable_buffering=True).gauge("lag", -5)
print("datadog", repr(listener.recv(999).decode().strip()))
statsd.StatsClient("127.0.0.1", port).gauge("lag", -5)
print("statsd", repr(listener.recv(999).decode().strip()))
PROGRAM
mv out before.out
node_program hot-shots@17.1.1 <<'PROGRAM'
import dgram from "node:dgram";
import { createRequire } from "node:module";
const StatsD = createRequire(import.meta.url)("hot-shots");
const listener = dgram.createSocket("udp4");
listener.bind(0, "127.0.0.1", () => {
    const client = new StatsD({ host: "127.0.0.1", port: listener.address().port });
    listener.on("message", (text) => {
        console.log("hot-shots", `'${text.toString().trim()}'`);
        client.close();
        listener.close();
    });
    client.gauge("lag", -5);
});
PROGRAM
cat out >>before.out
golang github.com/prometheus/statsd_exporter@v0.31.0 <<'PROGRAM'
package main

import (
	"fmt"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/statsd_exporter/pkg/event"
	"github.com/prometheus/statsd_exporter/pkg/line"
)

func main() {
	parser := line.NewParser()
	parser.EnableDogstatsdParsing()
	counter := func() prometheus.Counter { return prometheus.NewCounter(prometheus.CounterOpts{Name: "c"}) }
	faults := *prometheus.NewCounterVec(prometheus.CounterOpts{Name: "v"}, []string{"reason"})
	for _, each := range parser.LineToEvents("lag:-5|g", faults, counter(), counter(), counter(), slog.New(slog.DiscardHandler)) {
		gauge := each.(*event.GaugeEvent)
		fmt.Println("exporter", gauge.GValue, "relative:", gauge.GRelative)
	}
}
PROGRAM
cat before.out >>out
seen "datadog 'lag:-5|g'" "hot-shots 'lag:-5|g'" "statsd 'lag:0|g\nlag:-5|g'" "exporter -5 relative: true"
