#!/usr/bin/env bash
# amtool 0.25 (Debian): `config routes test 'severity=page,team=x'` is one label severity with the value "page,team=x", and exits with 0.
# Expected: everywhere else in Alertmanager and amtool a comma parts matchers (silence add, alert query, matchers of a route); here words
# must be parted by spaces, and a value that no label has is answered by the default route without a word.
# Seen: a route test in CI that was written with a comma tests the default route; only --verify.receivers would notice.
. "$(dirname "$0")/lib.sh"
debian prometheus-alertmanager 0.25.0-1+b4
cat >alertmanager.yml <<'CONFIG'
route: {receiver: everybody, routes: [{matchers: ['severity="page"', 'team="x"'], receiver: pager}]}
receivers: [{name: everybody}, {name: pager}]
CONFIG
{
    echo "space: $(amtool config routes test --config.file=alertmanager.yml severity=page team=x 2>/dev/null)"
    echo "comma: $(amtool config routes test --config.file=alertmanager.yml severity=page,team=x 2>/dev/null), exit $?"
} | tee out
seen "space: pager" "comma: everybody, exit 0"
