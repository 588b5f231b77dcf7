#!/usr/bin/env bash
# opentelemetry-exporter-otlp-proto-http 1.45.2 (PyPI): OTEL_EXPORTER_OTLP_TIMEOUT=10000 is 10,000 seconds.
# Expected: OpenTelemetry's specification of variables: "Any value that represents a timeout MUST be an integer representing a number of milliseconds
# … the value 12000 indicates 12000 milliseconds".
# Seen: one setting for all services (10000) makes those in Python wait for hours on a collector that hangs; their own documentation says seconds.
. "$(dirname "$0")/lib.sh"
python opentelemetry-exporter-otlp-proto-http==1.45.2 <<'PROGRAM'
import os
import socket
import threading

os.environ["OTEL_EXPORTER_OTLP_TIMEOUT"] = "1"
silent = socket.create_server(("127.0.0.1", 0))
os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = f"http://127.0.0.1:{silent.getsockname()[1]}"

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter()))
span = provider.get_tracer("t").start_span("s")
ending = threading.Thread(target=span.end, daemon=True)
ending.start()
ending.join(0.5)
print("after half a second, with a timeout of 1:", "waits" if ending.is_alive() else "gave up", flush=True)
os._exit(0)
PROGRAM
seen "after half a second, with a timeout of 1: waits"
