#!/usr/bin/env bash
# Prometheus 2.42 (promtool of Debian): time() - timestamp(last_over_time(backup[1d])) is 0, however long ago the last value was.
# Expected: the documentation: last_over_time is "the most recent point value in the specified interval", timestamp "the timestamp of each of the samples of the given vector".
# Seen: timestamp() knows the time of a sample for a bare selector alone; around any function it is the time of the evaluation. "No value for an hour" never fires.
. "$(dirname "$0")/lib.sh"
echo '{groups: []}' >rules.yml
promtool_tests <<'TEST'
rule_files: [rules.yml]
tests:
- interval: 1m
  input_series: [{series: backup, values: '1 1 _x300'}]
  promql_expr_test:
  - {expr: 'time() - timestamp(backup)', eval_time: 4m, exp_samples: [{labels: '{}', value: 180}]}
  - {expr: 'time() - timestamp(last_over_time(backup[1d]))', eval_time: 4m, exp_samples: [{labels: '{}', value: 0}]}
  - {expr: 'time() - timestamp(last_over_time(backup[1d]))', eval_time: 5h, exp_samples: [{labels: '{}', value: 0}]}
TEST
seen "  SUCCESS"
