#!/usr/bin/env bash
# Alertmanager 0.25 (Debian): of an alert that fired, was silenced and ended in the silence, the receiver never hears the end, also after the silence.
# Expected: with send_resolved: true whoever was told "firing" is told "resolved", at the latest when the silence is over.
# Seen: one message, firing; the alert is in no list any more, and what was opened elsewhere (a page, a ticket) stays open.
. "$(dirname "$0")/lib.sh"
cat >alertmanager.yml <<'CONFIG'
route: {receiver: hook, group_wait: 1s, group_interval: 1s, repeat_interval: 1h}
receivers: [{name: hook, webhook_configs: [{url: 'http://HOOK/', send_resolved: true}]}]
CONFIG
alertmanager
at() { date --utc --date "$1" +%Y-%m-%dT%H:%M:%SZ; }
alerts_of() { jq --raw-output '.alerts[] | "told: \(.labels.alertname) \(.status)"' hook.log; }
told() { alerts_of | grep --quiet --line-regexp "told: $1"; }
disk='"labels":{"alertname":"Disk"}'
send POST alerts "[{$disk}]"
wait_for told "Disk firing"
silence='"matchers":[{"name":"alertname","value":"Disk","isRegex":false}],"createdBy":"a","comment":"b"'
send POST silences "{$silence,\"startsAt\":\"$(at now)\",\"endsAt\":\"$(at '+6 seconds')\"}" | tail -1
sleep 2
send POST alerts "[{$disk,\"endsAt\":\"$(at now)\"}]"
sleep 10
{
    alerts_of
    echo "silence: $(send GET silences | head -1 | grep --only-matching '"state":"[a-z]*"')"
    echo "alerts listed: $(send GET alerts | head -1)"
    # The same without a silence.
    send POST alerts '[{"labels":{"alertname":"Memory"}}]' >/dev/null
    wait_for told "Memory firing"
    send POST alerts "[{\"labels\":{\"alertname\":\"Memory\"},\"endsAt\":\"$(at now)\"}]" >/dev/null
    wait_for told "Memory resolved"
    echo "and then: $(alerts_of | sort --unique | tr '\n' ';')"
} | tee out
seen 'silence: "state":"expired"' "alerts listed: []" "and then: told: Disk firing;told: Memory firing;told: Memory resolved;"
