#!/usr/bin/env bash
# Prometheus 2.42 (promtool of Debian): a rule whose labels set alertname passes `check rules`, and the label is ignored without a word.
# Expected: the alert goes by the name that its label says, as every other label of a rule does, or `check rules` refuses it.
# Seen: "SUCCESS: 1 rules found"; the alert is called Disk, so routes and silences on alertname="DiskOfTheDatabase" never match.
. "$(dirname "$0")/lib.sh"
cat >rules.yml <<'RULES'
groups: [{name: a, rules: [{alert: Disk, expr: vector(1), labels: {alertname: DiskOfTheDatabase, severity: page}}]}]
RULES
promtool check rules rules.yml >checked 2>&1 && echo "check rules: accepted" >>checked
promtool_tests <<'TEST'
rule_files: [rules.yml]
tests:
  - interval: 1m
    alert_rule_test:
      - {eval_time: 1m, alertname: DiskOfTheDatabase, exp_alerts: []}
      - {eval_time: 1m, alertname: Disk, exp_alerts: [{exp_labels: {severity: page}}]}
TEST
cat checked out >both && mv both out
seen "check rules: accepted" "  SUCCESS"
