#!/usr/bin/env bash
# Prometheus 2.42 (promtool of Debian): absent() gives its alert the labels of the selector, but none as soon as the selector is compared,
# or names a label twice.
# Expected: absent(up{job="api"}) is {job="api"}; the documentation speaks of labels from "the input vector", and up{job="api"} == 1
# has the same selector. An alert without labels is routed to nobody's team.
# Seen: {job="api"}, then {} for the comparison, then {} for {job="api",job="api"}.
. "$(dirname "$0")/lib.sh"
debian prometheus 2.42.0+ds-5+deb12u1
cat >rules.yml <<'RULES'
groups: []
RULES
cat >test.yml <<'TEST'
rule_files: [rules.yml]
tests:
- interval: 1m
  promql_expr_test:
  - {expr: 'absent(up{job="api"})', exp_samples: [{labels: '{job="api"}', value: 1}]}
  - {expr: 'absent(up{job="api"} == 1)', exp_samples: [{labels: '{}', value: 1}]}
  - {expr: 'absent(up{job="api",job="api"})', exp_samples: [{labels: '{}', value: 1}]}
TEST
promtool test rules test.yml 2>&1 | tee out
seen "  SUCCESS"
