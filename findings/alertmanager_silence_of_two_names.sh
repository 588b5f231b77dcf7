#!/usr/bin/env bash
# Alertmanager and amtool 0.25 (Debian): a silence on alertname="Disk" and alertname="Memory" is made, and mutes nothing, for ever.
# Expected: a silence that no alert can match is refused, as one that matches every alert is ("at least one matcher must not match the empty string").
# Seen: both amtool and the API say success; who meant "either" is paged by both.
. "$(dirname "$0")/lib.sh"
alertmanager
send POST alerts '[{"labels":{"alertname":"Disk"}},{"labels":{"alertname":"Memory"}}]'
amtool --alertmanager.url="${api%/api/v2}" silence add alertname=Disk alertname=Memory --comment c --author a >id && echo "silence made" >lines
sleep 1
curl --silent "$api/alerts" | jq --raw-output '.[] | "\(.labels.alertname) \(.status.state)"' >>lines
tee out <lines
seen "silence made" "Disk active" "Memory active"
