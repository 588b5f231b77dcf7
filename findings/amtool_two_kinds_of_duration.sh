#!/usr/bin/env bash
# amtool 0.25 (Debian): `silence add --duration=2d` is two days, `silence query --within=2d` is an error.
# Expected: one tool reads lengths of time one way; Alertmanager's documentation gives the units ms, s, m, h, d, w, y for <duration>.
# Seen: of the two options one is read by Prometheus' rules and one by Go's, which has no days; 1.5h is the other way round.
. "$(dirname "$0")/lib.sh"
alertmanager
tool() { amtool --alertmanager.url="${api%/api/v2}" "$@" >>amtool.out 2>&1 && echo takes || echo refuses; }
{
    echo "add 2d $(tool silence add --duration=2d --comment=c --author=a alertname=A)"
    echo "query 2d $(tool silence query --within=2d)"
    echo "add 1.5h $(tool silence add --duration=1.5h --comment=c --author=a alertname=B)"
    echo "query 1.5h $(tool silence query --within=1.5h)"
} | tee out
seen "add 2d takes" "query 2d refuses" "add 1.5h refuses" "query 1.5h takes"
