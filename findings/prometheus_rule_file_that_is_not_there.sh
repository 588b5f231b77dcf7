#!/usr/bin/env bash
# Prometheus and promtool 2.42 (Debian): a rule file that does not exist is an error for promtool, and nothing at all for the server; a pattern that matches none is nothing for both.
# Expected: a server whose rule_files name a file that is not there says so, as it does for a certificate or a password file; its checker agrees with it.
# Seen: the server starts, is ready, logs no warning and evaluates no rule: after a rename no alert fires.
. "$(dirname "$0")/lib.sh"
debian prometheus 2.42.0+ds-5+deb12u1
echo '{rule_files: [alerts.yml]}' >file.yml
echo '{rule_files: ["alerts.d/*.yml"]}' >pattern.yml
check() { promtool check config "$1" >/dev/null 2>&1 && echo takes || echo refuses; }
echo "promtool $(check file.yml) a missing file, $(check pattern.yml) a pattern of none" >out
listen=$(port)
prometheus --config.file=file.yml --storage.tsdb.path=series --web.listen-address="127.0.0.1:$listen" >prometheus.log 2>&1 &
pids+=($!)
wait_for curl --silent --fail "127.0.0.1:$listen/-/ready"
echo "server is ready, groups of rules: $(curl --silent "127.0.0.1:$listen/api/v1/rules" | jq '.data.groups | length')" >>out
echo "complaints: $(grep --count --extended-regexp 'level=(warn|error)' prometheus.log || true)" >>out
cat out
seen "promtool refuses a missing file, takes a pattern of none" "server is ready, groups of rules: 0" "complaints: 0"
