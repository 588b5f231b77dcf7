#!/usr/bin/env bash
# Alertmanager 0.25 (Debian): an alert posted with endsAt alone, one hour ahead, begins in one hour: startsAt is set to endsAt, and it is active.
# Expected: the clients' documentation: a missing startsAt is the time of arrival.
# Seen: an active alert whose start lies ahead; its webhook says so too, and "firing for" becomes negative.
. "$(dirname "$0")/lib.sh"
alertmanager
ahead=$(date --utc --date '+1 hour' +%Y-%m-%dT%H:%M:%SZ)
send POST alerts "[{\"labels\":{\"alertname\":\"DiskFull\"},\"endsAt\":\"$ahead\"}]"
send GET alerts | sed 's/ HTTP.*//' >alerts.json
jq --raw-output '.[] | "state \(.status.state), starts at its end: \(.startsAt == .endsAt), in the future: \((.startsAt[:19] + "Z" | fromdate) > now)"' alerts.json | tee out
seen "state active, starts at its end: true, in the future: true"
