#!/usr/bin/env bash
# hey 0.1.4 (Debian; the usual successor of ab): -n 100 -c 30 sends ninety requests, and the slowest 5 % of ten requests take "0% in 0.0000 secs".
# Expected: its usage: "-n  Number of requests to run"; the only limit it names is that the total cannot be smaller than -c. A percentile that was not worked out
# is left out, or is the slowest request, as 90 % of ten is.
# Seen: each worker sends n/c requests, rounded down, and the rest is sent by nobody, without a word: of 100 by 51 workers 51 are sent. Of few requests the lines
# of the 95th and the 99th percentile are there with zeros in them.
. "$(dirname "$0")/lib.sh"
unpacked hey 0.1.4-2+b4
listen=$(port)
python3 - "$listen" <<'PROGRAM' &
import http.server
import sys


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        with open("asked.log", "a") as file:
            file.write("asked\n")
        self.send_response(200)
        self.send_header("Content-Length", "3")
        self.end_headers()
        self.wfile.write(b"ok\n")

    def log_message(self, *arguments):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
PROGRAM
pids+=($!)
wait_for curl --silent "127.0.0.1:$listen/"
for workers in 30 51 25; do
    : >asked.log
    unpacked/usr/bin/hey -n 100 -c "$workers" "http://127.0.0.1:$listen/" >report
    echo "100 by $workers: $(wc --lines <asked.log) asked, $(grep --only-matching '\[200\].*' report | tr '\t' ' ')"
done | tee before.out
unpacked/usr/bin/hey -n 10 -c 1 "http://127.0.0.1:$listen/" | sed --quiet '/^Latency/,/^$/s/^  //p' | tee out
echo "percentiles: $(cut --delimiter=' ' --fields=1 out | tr '\n' ' ')" | tee --append out
cat before.out >>out
seen "100 by 30: 90 asked, [200] 90 responses" "100 by 51: 51 asked, [200] 51 responses" "100 by 25: 100 asked, [200] 100 responses" \
    "0% in 0.0000 secs" "percentiles: 10% 25% 50% 75% 90% 0% 0% "
