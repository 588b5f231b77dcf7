#!/usr/bin/env bash
# Alertmanager 0.25 (Debian): with max_alerts a webhook says status "resolved" for a group in which alerts still fire.
# Expected: the documentation of the payload: status is "resolved" only if every alert of the group is; max_alerts limits what is listed.
# Seen: the status is computed from what is left after the cut. Of four alerts one ends; the body lists that one, says "resolved" and
# "truncatedAlerts": 3, while three fire.
. "$(dirname "$0")/lib.sh"
cat >alertmanager.yml <<'CONFIG'
route: {receiver: hook, group_wait: 1s, group_interval: 1s, group_by: [team]}
receivers: [{name: hook, webhook_configs: [{url: 'http://HOOK/', max_alerts: 1}]}]
CONFIG
alertmanager
send POST alerts '[{"labels":{"alertname":"A1"}},{"labels":{"alertname":"A2"}},{"labels":{"alertname":"A3"}},{"labels":{"alertname":"A4"}}]'
wait_for grep firing hook.log
send POST alerts "[{\"labels\":{\"alertname\":\"A1\"},\"endsAt\":\"$(date --utc +%Y-%m-%dT%H:%M:%SZ)\"}]"
wait_for grep '"status":"resolved"' hook.log
tail -n 1 hook.log | jq --raw-output '"status \(.status), listed \(.alerts | length), cut \(.truncatedAlerts)"' | tee out
curl --silent "$api/alerts" | jq --raw-output '"active \(length)"' | tee -a out
seen "status resolved, listed 1, cut 3" "active 3"
