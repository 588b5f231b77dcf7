#!/usr/bin/env bash
# prometheus-haproxy-exporter 0.14.0 and HAProxy 2.6 (Debian): a server that has failed one check of several is down.
# Expected: 1 until HAProxy takes the server out, as its own column says ("UP 29/30": in use, 29 more checks to fail).
# Seen: haproxy_server_up is 0 after the first failed check, while HAProxy still sends it every request and
# haproxy_backend_up is 1. The exporter knows "UP", "UP 1/3" and "UP 2/3"; any other number, as with `fall 5`, is down.
# A rule on haproxy_server_up with a `for` shorter than the checks take calls somebody for a server that never left.
. "$(dirname "$0")/lib.sh"
debian prometheus-haproxy-exporter 0.14.0-1+b5
unpacked haproxy 2.6.12-1+deb12u4
backend=$(port)
stats=$(port)
page=$(port)
listen=$(port)
cat >backend.py <<'BACKEND'
import http.server
import pathlib
import sys


class Backend(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        failing = self.path == "/health" and pathlib.Path("failing").exists()
        self.send_response(503 if failing else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_OPTIONS = do_GET

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Backend).serve_forever()
BACKEND
python3 backend.py "$backend" 2>backend.log &
pids+=($!)
cat >haproxy.cfg <<CONFIGURATION
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
listen stats
  bind 127.0.0.1:$stats
  stats enable
  stats uri /
frontend page
  bind 127.0.0.1:$page
  default_backend shop
backend shop
  option httpchk GET /health
  server one 127.0.0.1:$backend check inter 1s fall 600
CONFIGURATION
unpacked/usr/sbin/haproxy -db -f haproxy.cfg >haproxy.log 2>&1 &
pids+=($!)
prometheus-haproxy-exporter --haproxy.scrape-uri="http://127.0.0.1:$stats/;csv" \
    --web.listen-address="127.0.0.1:$listen" >exporter.log 2>&1 &
pids+=($!)
state() { curl --silent "127.0.0.1:$stats/;csv" | grep '^shop,one,' | cut --delimiter=, --fields=18; }
up() { curl --silent "127.0.0.1:$listen/metrics" | grep "^haproxy_$1_up{backend=\"shop\"" | cut --delimiter=' ' --fields=2; }
tell() { echo "$1: server $(up server), backend $(up backend), a request $(curl --silent --write-out '%{http_code}' "127.0.0.1:$page/")"; }
is() { state | grep --quiet "$1"; }
wait_for is '^UP$'
wait_for up server
tell "UP" >out
touch failing
wait_for is '^UP [0-9]'
tell "$(state | sed 's/[0-9]\+/N/g')" >>out
cat out
seen "UP: server 1, backend 1, a request 200" "UP N/N: server 0, backend 1, a request 200"
