#!/usr/bin/env bash
# prometheus-blackbox-exporter 0.23.0 (Debian): a DNS probe for an address succeeds when the answer has no address.
# Expected: probe_success 0: the record that the probe names (query_name, query_type: A) is not there.
# Seen: NOERROR with no record at all, which is what a zone says whose record was deleted, passes; only
# probe_dns_answer_rrs tells. The alert on probe_success stays quiet while nobody reaches the shop, unless the module
# has fail_if_matches_regexp or fail_if_not_matches_regexp below validate_answer_rrs.
. "$(dirname "$0")/lib.sh"
debian prometheus-blackbox-exporter 0.23.0-4+b4
cat >dns.py <<'SERVER'
import socket
import sys

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", int(sys.argv[1])))
while True:
    query, client = server.recvfrom(512)
    question = query[12 : 12 + query[12:].index(0) + 5]
    # A record for the name that begins with "there", no record for any other; NOERROR for both.
    known = question[1:6] == b"there"
    answer = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\x7f\x00\x00\x01" if known else b""
    counts = b"\x00\x01" + known.to_bytes(2, "big") + bytes(4)
    server.sendto(query[:2] + b"\x81\x80" + counts + question + answer, client)
SERVER
cat >modules.yml <<'CONFIG'
modules:
  there: {prober: dns, dns: {query_name: there.example.org, query_type: A}}
  deleted: {prober: dns, dns: {query_name: deleted.example.org, query_type: A}}
CONFIG
zone=$(port)
listen=$(port)
python3 dns.py "$zone" &
pids+=($!)
prometheus-blackbox-exporter --config.file=modules.yml --web.listen-address="127.0.0.1:$listen" >blackbox.log 2>&1 &
pids+=($!)
wait_for curl --silent --fail "127.0.0.1:$listen/-/healthy"
probed() { curl --silent "127.0.0.1:$listen/probe?module=$1&target=127.0.0.1:$zone"; }
passes() { probed there | grep --quiet '^probe_success 1'; }
wait_for passes
for module in there deleted; do
    probed $module |
        sed --quiet "s/^\(probe_success\|probe_dns_answer_rrs\) /$module &/p"
done | tee out
seen "there probe_dns_answer_rrs 1" "there probe_success 1" "deleted probe_dns_answer_rrs 0" "deleted probe_success 1"
