#!/usr/bin/env bash
# promtool 2.42 (Debian): a unit test for an alert that is in no rule file passes, as long as it expects no alert.
# Expected: a test that names an alertname which no rule has is a mistake (a rule renamed, a typing error) and is said to be one.
# Seen: "SUCCESS"; after a rename every "does not fire" test is green for ever.
. "$(dirname "$0")/lib.sh"
cat >rules.yml <<'RULES'
groups: [{name: g, rules: [{alert: InstanceDown, expr: up == 0}]}]
RULES
promtool_tests <<'TEST'
rule_files: [rules.yml]
tests:
- interval: 1m
  input_series: [{series: 'up{job="api"}', values: '0x10'}]
  alert_rule_test: [{eval_time: 5m, alertname: InstanceDwon, exp_alerts: []}]
TEST
seen "  SUCCESS"
