#!/usr/bin/env bash
# python-logging-loki 0.3.1 (PyPI): a line's time is when it was sent, not when it was logged.
# Expected: logging's record.created, "time when the LogRecord was created", all the more with the LokiQueueHandler that its own README recommends.
# Seen: what waited in the queue while Loki was away stands at the minute of its return; an investigation of the outage finds no line in it.
. "$(dirname "$0")/lib.sh"
python python-logging-loki==0.3.1 <<'PROGRAM'
import http.server
import json
import logging
import threading

import logging_loki

bodies = []


class Loki(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        bodies.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Loki)
threading.Thread(target=server.serve_forever, daemon=True).start()
handler = logging_loki.LokiHandler(url=f"http://127.0.0.1:{server.server_port}/", version="1")
record = logging.makeLogRecord({"msg": "disk is full", "levelname": "ERROR", "created": 1_700_000_000.0})
handler.handle(record)
sent = int(bodies[0]["streams"][0]["values"][0][0]) / 1e9
print("logged in 2023, sent as of", "2023" if sent < 1_704_067_200 else "today")
PROGRAM
seen "logged in 2023, sent as of today"
