#!/usr/bin/env bash
# Prometheus 2.42 (promtool of Debian): a rule whose label takes the place of the one that tells its series apart fires
# for one of them, and not for two at once.
# Expected: `check rules` says that alerts may become the same; or two that are the same become one, as in Alertmanager.
# Seen: "vector contains metrics with the same labelset after applying alert labels": the rule fails, and no alert of it
# is sent as long as two hosts are down. It was seen to work with one; the worse outage is the silent one.
. "$(dirname "$0")/lib.sh"
cat >rules.yml <<'RULES'
groups: [{name: g, rules: [{alert: Down, expr: up == 0, labels: {instance: shop}}]}]
RULES
debian prometheus 2.42.0+ds-5+deb12u1
promtool check rules rules.yml >check.out && checked=$? || checked=$?
# tested SERIES: what promtool says of a test that expects one alert of the rule, where b is up, or down as a is.
tested() {
    cat >test.yml <<TEST
rule_files: [rules.yml]
tests:
- interval: 1m
  input_series: [{series: 'up{instance="a"}', values: '0x5'}, {series: 'up{instance="b"}', values: '${1}x5'}]
  alert_rule_test: [{eval_time: 3m, alertname: Down, exp_alerts: [{exp_labels: {instance: shop}}]}]
TEST
    promtool test rules test.yml 2>&1 | grep --extended-regexp --max-count=1 'SUCCESS|err:' | sed 's/^ *//; s/.*err: //'
}
{
    echo "check rules: $checked"
    echo "one is down: $(tested 1)"
    echo "two are down: $(tested 0)"
} | tee out
seen "check rules: 0" "one is down: SUCCESS" \
    "two are down: vector contains metrics with the same labelset after applying alert labels"
