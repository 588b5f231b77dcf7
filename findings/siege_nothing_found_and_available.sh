#!/usr/bin/env bash
# siege 4.0.7 (Debian): of ten requests that are all answered 404 the availability is 100 %, and none has failed; of ten answered 503 it is 0 %.
# Expected: its manual: availability counts socket failures, "does not include 400 and 500 level server errors which are recorded in Failed transactions".
# Seen: 404 is recorded in neither of the two, only in what is missing from "Successful transactions"; 503 is recorded in both, so that availability does count it.
# A load test of a path that was mistyped, or whose route is gone from the new release, is a perfect one.
. "$(dirname "$0")/lib.sh"
unpacked siege 4.0.7-1+b1
: >siegerc
listen=$(port)
python3 - "$listen" <<'PROGRAM' &
import http.server
import sys


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(int(self.path[1:]))
        self.send_header("Content-Length", "3")
        self.end_headers()
        self.wfile.write(b"ok\n")

    def log_message(self, *arguments):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
PROGRAM
pids+=($!)
wait_for curl --silent "127.0.0.1:$listen/200"
for status in 200 404 503; do
    HOME=$dir unpacked/usr/bin/siege --rc=siegerc --concurrent=1 --reps=10 --benchmark "http://127.0.0.1:$listen/$status" >report 2>&1
    sed --quiet --regexp-extended "s/^(Availability|Successful transactions|Failed transactions):\s+/$status \1 /p" report
done | tee out
seen "200 Availability 100.00 %" "200 Successful transactions 10" "404 Availability 100.00 %" "404 Successful transactions 0" "404 Failed transactions 0" \
    "503 Availability 0.00 %" "503 Failed transactions 10"
