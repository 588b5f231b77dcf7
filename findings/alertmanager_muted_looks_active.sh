#!/usr/bin/env bash
# Alertmanager 0.25 (Debian): an alert on a route that a time interval mutes all day is "active", neither silenced nor inhibited, in every answer of the API.
# Expected: the API tells why an active alert notifies nobody, as it does for silences (silencedBy) and inhibition (inhibitedBy).
# Seen: nothing in /alerts or /alerts/groups tells it from a loud one; no notification is sent. A dashboard (or a bot) that takes
# active alerts without a notification for lost ones pages somebody for what the operator muted.
. "$(dirname "$0")/lib.sh"
cat >alertmanager.yml <<'CONFIG'
route:
  receiver: hook
  group_wait: 1s
  group_by: [alertname]
  routes: [{matchers: ['team="muted"'], mute_time_intervals: [always]}]
time_intervals: [{name: always, time_intervals: [{times: [{start_time: '00:00', end_time: '24:00'}]}]}]
receivers: [{name: hook, webhook_configs: [{url: 'http://HOOK/'}]}]
CONFIG
alertmanager
send POST alerts '[{"labels":{"alertname":"Muted","team":"muted"}},{"labels":{"alertname":"Loud","team":"loud"}}]'
wait_for grep Loud hook.log
sleep 2
{
    curl --silent "$api/alerts/groups" | jq --raw-output '.[].alerts[] | "\(.labels.alertname) \(.status | tojson)"'
    echo "notified: $(jq --raw-output '.alerts[].labels.alertname' hook.log | sort --unique | xargs)"
} | tee out
seen 'Muted {"inhibitedBy":[],"silencedBy":[],"state":"active"}' 'Loud {"inhibitedBy":[],"silencedBy":[],"state":"active"}' "notified: Loud"
