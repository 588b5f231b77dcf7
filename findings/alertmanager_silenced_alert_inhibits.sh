#!/usr/bin/env bash
# Alertmanager 0.25 (Debian): an alert that is silenced still inhibits others, so that neither it nor they are sent.
# Expected: whoever silences "ClusterDown" mutes that one alert; what it held back is then the only sign left of what is wrong, and is sent.
# Seen: inhibition looks at which alerts fire, not at which are sent: with the silence on the source of an inhibition rule its targets go to nobody.
. "$(dirname "$0")/lib.sh"
cat >alertmanager.yml <<'SETTINGS'
route: {receiver: hook, group_by: [alertname], group_wait: 1s, group_interval: 2s}
inhibit_rules: [{source_matchers: [alertname=ClusterDown], target_matchers: [severity=page]}]
receivers: [{name: hook, webhook_configs: [{url: 'http://HOOK/'}]}]
SETTINGS
alertmanager
silence='{"matchers": [{"name": "alertname", "value": "ClusterDown", "isRegex": false, "isEqual": true}], "createdBy": "a", "comment": "known"'
send POST silences "$silence, \"startsAt\": \"$(date --utc +%FT%TZ)\", \"endsAt\": \"$(date --utc --date '+1 hour' +%FT%TZ)\"}"
send POST alerts '[{"labels": {"alertname": "ClusterDown"}}]'
sleep 1
send POST alerts '[{"labels": {"alertname": "PaymentsFail", "severity": "page"}}, {"labels": {"alertname": "DiskFull"}}]'
sleep 6
{
    curl --silent "$api/alerts" |
        jq --raw-output '.[] | "\(.labels.alertname) silences \(.status.silencedBy | length) inhibited \(.status.inhibitedBy | length)"'
    jq --raw-output '"sent \(.alerts[].labels.alertname)"' hook.log | sort --unique | paste --serial --delimiters ' '
} | tee out
seen "ClusterDown silences 1 inhibited 0" "PaymentsFail silences 0 inhibited 1" "DiskFull silences 0 inhibited 0" "sent DiskFull"
