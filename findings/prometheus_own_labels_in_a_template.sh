#!/usr/bin/env bash
# Prometheus 2.42 (promtool of Debian): in an annotation {{ $labels.severity }} and {{ $labels.alertname }} are empty although the alert carries both.
# Expected: the documentation says $labels holds "the label key/value pairs of an alert instance", and the instance has severity and alertname.
# Seen: $labels are those of the expression's result; labels that the rule adds are not in it, and a missing one is an empty text, not an error.
. "$(dirname "$0")/lib.sh"
cat >rules.yml <<'RULES'
groups:
- name: g
  rules:
  - alert: InstanceDown
    expr: up == 0
    labels: {severity: page}
    annotations: {summary: "[{{ $labels.severity }}] [{{ $labels.alertname }}] [{{ $labels.job }}]"}
RULES
promtool_tests <<'TEST'
rule_files: [rules.yml]
tests:
- interval: 1m
  input_series: [{series: 'up{job="api"}', values: '0x10'}]
  alert_rule_test:
  - eval_time: 5m
    alertname: InstanceDown
    exp_alerts: [{exp_labels: {severity: page, job: api}, exp_annotations: {summary: "[] [] [api]"}}]
TEST
seen "  SUCCESS"
