#!/usr/bin/env bash
# Prometheus 2.42 (promtool of Debian): "$1_eu" in label_replace and in reReplaceAll of a template is nothing at all.
# Expected: the first group and "_eu", as sed, Python, JavaScript and nginx read $1 or \1 before a letter; or an error.
# Seen: a group called "1_eu" is looked for, of which there is none: the label is not set, the text of the annotation is
# empty, and `check rules` finds nothing. "${1}_eu" is what was meant; "$1-eu" works as it is.
. "$(dirname "$0")/lib.sh"
cat >rules.yml <<'RULES'
groups:
- name: g
  rules:
  - alert: Down
    expr: up == 0
    annotations:
      bare: '<{{ reReplaceAll "(.*):.*" "$1_host" $labels.instance }}>'
      braces: '<{{ reReplaceAll "(.*):.*" "${1}_host" $labels.instance }}>'
      minus: '<{{ reReplaceAll "(.*):.*" "$1-host" $labels.instance }}>'
RULES
promtool_tests <<'TEST'
rule_files: [rules.yml]
tests:
- interval: 1m
  input_series: [{series: 'up{instance="a:1"}', values: '0x5'}]
  alert_rule_test:
  - eval_time: 2m
    alertname: Down
    exp_alerts: [{exp_labels: {instance: "a:1"}, exp_annotations: {bare: "<>", braces: "<a_host>", minus: "<a-host>"}}]
  promql_expr_test:
  - expr: 'label_replace(up, "zone", "$1_eu", "instance", "(.):.*")'
    eval_time: 2m
    exp_samples: [{labels: 'up{instance="a:1"}', value: 0}]
  - expr: 'label_replace(up, "zone", "${1}_eu", "instance", "(.):.*")'
    eval_time: 2m
    exp_samples: [{labels: 'up{instance="a:1", zone="a_eu"}', value: 0}]
TEST
seen "  SUCCESS"
