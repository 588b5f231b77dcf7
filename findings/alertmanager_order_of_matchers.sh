#!/usr/bin/env bash
# Alertmanager 0.25 (Debian): posting a silence again with its own id and the same matchers in another order makes another silence.
# Expected: the matchers of a silence are a set, all of which must hold; an update of comment or end keeps the id (it does in the same order).
# Seen: a new id, the old one expired; who kept the id of the first (a bot, a link) now points at an expired silence.
. "$(dirname "$0")/lib.sh"
alertmanager
starts=$(date --utc --date '+10 minutes' +%Y-%m-%dT%H:%M:%SZ)
ends=$(date --utc --date '+2 hours' +%Y-%m-%dT%H:%M:%SZ)
put() {  # ID COMMENT MATCHERS
    curl --silent --header 'content-type: application/json' --data "{$1\"matchers\":[$3],\"startsAt\":\"$starts\",\"endsAt\":\"$ends\",\"createdBy\":\"finding\",\"comment\":\"$2\"}" "$api/silences" | jq --raw-output .silenceID
}
a='{"name":"a","value":"1","isRegex":false,"isEqual":true}'
b='{"name":"b","value":"2","isRegex":false,"isEqual":true}'
first=$(put "" first "$a,$b")
same=$(put "\"id\":\"$first\"," second "$a,$b")
other=$(put "\"id\":\"$first\"," third "$b,$a")
{
    [ "$first" = "$same" ] && echo "same order: same id" || echo "same order: another id"
    [ "$first" = "$other" ] && echo "other order: same id" || echo "other order: another id"
    curl --silent "$api/silence/$first" | jq --raw-output '"the first is \(.status.state)"'
} | tee out
seen "same order: same id" "other order: another id" "the first is expired"
