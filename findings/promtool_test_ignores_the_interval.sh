#!/usr/bin/env bash
# promtool 2.42 (Debian): a unit test evaluates every group each evaluation_interval of the test, whatever interval the group has.
# Expected: a test of a group with `interval: 10m` tells what a server does, which evaluates it every ten minutes.
# Seen: an alert that holds for three minutes fires in the test; on a server it fires in three of ten cases, and whether it does is chance.
. "$(dirname "$0")/lib.sh"
cat >rules.yml <<'RULES'
groups: [{name: g, interval: 10m, rules: [{alert: Down, expr: up == 0}]}]
RULES
promtool_tests <<'TEST'
rule_files: [rules.yml]
evaluation_interval: 1m
tests:
- interval: 1m
  input_series: [{series: up, values: '1 1 1 0 0 0 1 1 1 1 1'}]
  alert_rule_test: [{eval_time: 4m, alertname: Down, exp_alerts: [{}]}]
TEST
seen "  SUCCESS"
