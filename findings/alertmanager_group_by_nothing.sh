#!/usr/bin/env bash
# Alertmanager 0.25 (Debian): `group_by: []` in a child route is ignored: its alerts are grouped as the parent's are.
# Expected: a value that is written in a child takes the place of the parent's: no labels to group by, so one group, one
# message; or the empty list is refused.
# Seen: a group for each alertname, as above it. Who wants one message for all of a team gets one for each rule, and the
# file, which passes `amtool check-config`, says otherwise.
. "$(dirname "$0")/lib.sh"
cat >alertmanager.yml <<'CONFIG'
route:
  receiver: none
  group_by: [alertname]
  routes:
  - {matchers: [team="nothing"], group_by: []}
  - {matchers: [team="site"], group_by: [site]}
receivers: [{name: none}]
CONFIG
debian prometheus-alertmanager 0.25.0-1+b4
amtool check-config alertmanager.yml >check.out && checked=$? || checked=$?
alertmanager
alerts=$(for team in nothing site; do for name in Disk Memory; do
    echo "{\"labels\":{\"alertname\":\"$name\",\"team\":\"$team\",\"site\":\"a\"}}"
done; done | jq --compact-output --slurp .)
send POST alerts "$alerts"
{
    echo "checked: $checked"
    send GET alerts/groups | head -1 | jq --compact-output '.[] | [.labels, (.alerts | length)]' | sort
} | tee out
seen "checked: 0" '[{"alertname":"Disk"},1]' '[{"alertname":"Memory"},1]' '[{"site":"a"},2]'
