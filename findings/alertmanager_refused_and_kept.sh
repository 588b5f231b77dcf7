#!/usr/bin/env bash
# Alertmanager 0.25 (Debian): a body of three alerts, one with a bad label name, is refused with 400, and two of the three are taken.
# Expected: 400 tells a client that its request was not carried out; Prometheus drops such a batch and counts it as failed.
# Seen: both sound alerts are active (and notified) although the answer speaks only of the bad one.
. "$(dirname "$0")/lib.sh"
alertmanager
send POST alerts '[{"labels":{"alertname":"First"}},{"labels":{"alertname":"Bad","a-b":"1"}},{"labels":{"alertname":"Last"}}]' | tr '\n' ' ' | tee answer
echo
curl --silent "$api/alerts" | jq --compact-output '[.[].labels.alertname] | sort' | tee out
grep --quiet 'HTTP 400' answer
seen '["First","Last"]'
