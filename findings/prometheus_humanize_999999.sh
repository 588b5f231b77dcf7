#!/usr/bin/env bash
# Prometheus 2.42 (promtool of Debian): humanize writes 999999 as "1000k" and 1000000 as "1M"; humanizePercentage of 0.999999 is "100%".
# Expected: the prefix chosen after rounding to the four digits that are shown, so "1M"; and an alert "below 100 %" that does not say 100 %.
# Seen: an alert on availability below its aim says "availability is 100%".
. "$(dirname "$0")/lib.sh"
cat >rules.yml <<'RULES'
groups:
- name: g
  rules:
  - alert: Low
    expr: availability < 1
    annotations: {summary: "{{ $value | humanizePercentage }} {{ 999999.0 | humanize }} {{ 1000000.0 | humanize }}"}
RULES
promtool_tests <<'TEST'
rule_files: [rules.yml]
tests:
- interval: 1m
  input_series: [{series: 'availability', values: '0.999999x10'}]
  alert_rule_test:
  - {eval_time: 5m, alertname: Low, exp_alerts: [{exp_annotations: {summary: "100% 1000k 1M"}}]}
TEST
seen "  SUCCESS"
