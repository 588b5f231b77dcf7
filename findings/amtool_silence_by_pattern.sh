#!/usr/bin/env bash
# amtool 0.25 (Debian): `silence query instance=~".+0"`, an example of its own README, lists no silence on instance="node0"; `alert query` with it lists the alert.
# Expected: who looks whether db0 is silenced before the night finds the silence by the pattern with which they find the alert.
# Seen: a pattern finds only silences with the very same pattern, a value only those with that value, not those whose pattern covers it.
. "$(dirname "$0")/lib.sh"
alertmanager
url=--alertmanager.url=${api%/api/v2}
amtool "$url" silence add alertname=Test_Alert instance=node0 --author=a --comment=c --duration=1h >/dev/null
amtool "$url" silence add alertname=Test_Alert 'instance=~node[0-9]' --author=a --comment=c --duration=1h >/dev/null
amtool "$url" alert add alertname=Test_Alert instance=node0
for query in 'instance=~.+0' 'instance=node0' 'instance=~node[0-9]'; do
    echo "$query: $(amtool "$url" silence query --quiet "$query" | wc --lines) of 2 silences"
done | tee out
echo "instance=~.+0: $(amtool "$url" alert query --silenced --output=json 'instance=~.+0' | jq length) of 1 alert" | tee --append out
seen 'instance=~.+0: 0 of 2 silences' 'instance=node0: 1 of 2 silences' 'instance=~node[0-9]: 1 of 2 silences' 'instance=~.+0: 1 of 1 alert'
