#!/usr/bin/env bash
# prometheus-blackbox-exporter 0.23.0 (Debian): a page that comes compressed and says ERROR passes fail_if_body_matches_regexp: ["ERROR"].
# Expected: that the page is looked at, or that the probe fails because it cannot be: the answer says Content-Encoding: gzip, as objects that were stored compressed
# and pages prepared for it (gzip_static always) do for everybody.
# Seen: without `compression: gzip` in the module the pattern is held against the compressed bytes: probe_success 1; fail_if_body_not_matches_regexp fails for ever.
. "$(dirname "$0")/lib.sh"
debian prometheus-blackbox-exporter 0.23.0-4+b4
cat >page.py <<'PAGE'
import gzip
import http.server
import sys


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b"status: ERROR"
        self.send_response(200)
        if self.path == "/compressed":
            body = gzip.compress(body)
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Page).serve_forever()
PAGE
cat >blackbox.yml <<'MODULES'
modules:
  no_error: {prober: http, http: {fail_if_body_matches_regexp: [ERROR]}}
  unpacked: {prober: http, http: {fail_if_body_matches_regexp: [ERROR], compression: gzip, headers: {Accept-Encoding: gzip}}}
MODULES
page=$(port)
listen=$(port)
python3 page.py "$page" &
pids+=($!)
prometheus-blackbox-exporter --config.file=blackbox.yml --web.listen-address="127.0.0.1:$listen" >blackbox.log 2>&1 &
pids+=($!)
wait_for curl --silent --fail "127.0.0.1:$listen/-/healthy"
wait_for curl --silent --fail "127.0.0.1:$page/"
for asked in no_error/plain no_error/compressed unpacked/compressed; do
    echo "$asked $(curl --silent "127.0.0.1:$listen/probe?module=${asked%/*}&target=127.0.0.1:$page/${asked#*/}" | grep '^probe_success')"
done | tee out
seen "no_error/plain probe_success 0" "no_error/compressed probe_success 1" "unpacked/compressed probe_success 0"
