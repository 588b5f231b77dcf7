#!/usr/bin/env bash
# amtool 0.25 (Debian): `silence update --duration=1h` counts from the silence's beginning, not from now.
# Expected: as in `silence add --duration`: so long from now. It is how one extends a silence in the midst of the work.
# Seen: a silence that began some seconds ago ends an hour after its beginning; one that began 50 minutes ago would go
# on for ten minutes, and whoever extended it "by an hour" is paged. One older than the length is refused, with 400.
. "$(dirname "$0")/lib.sh"
alertmanager
silences() { amtool --alertmanager.url="${api%/api/v2}" silence "$@"; }
id=$(silences add alertname=Disk --duration=2h --comment=work --author=a)
sleep 5
silences update --duration=1h "$id" >update.out
updated=$(date +%s)
silences update --duration=3s "$id" >refused.out 2>&1 && refused=0 || refused=$?
{
    send GET "silence/$id" | head -1 | jq --raw-output --argjson updated "$updated" 'def at: .[0:19] + "Z" | fromdate;
        "ends after its beginning by \((.endsAt | at) - (.startsAt | at)) s",
        "ends in less than 1h from the update: \((.endsAt | at) < $updated + 3598)"'
    echo "shorter than its age: exit $refused, $(grep --only-matching "end time can't be in the past" refused.out)"
} | sed 's/by 3599 s\|by 3601 s/by 3600 s/' | tee out
seen "ends after its beginning by 3600 s" "ends in less than 1h from the update: true" \
    "shorter than its age: exit 1, end time can't be in the past"
