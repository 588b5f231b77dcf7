#!/usr/bin/env bash
# Alertmanager v0.35.0 (Go) and Prometheus 2.42 (promtool of Debian): the template function `title` makes "Http Errors" of "HTTP errors" in one, "HTTP Errors" in the other.
# Expected: one function of one family; both document it as "capitalises first character of each word".
# Seen: an annotation that Prometheus wrote as "DB Lag On EU-1" is "Db Lag On Eu-1" in the message.
. "$(dirname "$0")/lib.sh"
cat >rules.yml <<'RULES'
groups:
- name: g
  rules: [{alert: A, expr: a > 0, annotations: {summary: '{{ "DB lag on EU-1" | title }}'}}]
RULES
promtool_tests <<'TEST'
rule_files: [rules.yml]
tests:
- interval: 1m
  input_series: [{series: a, values: '1x10'}]
  alert_rule_test: [{eval_time: 5m, alertname: A, exp_alerts: [{exp_annotations: {summary: "DB Lag On EU-1"}}]}]
TEST
mv out prometheus.out
golang github.com/prometheus/alertmanager@v0.35.0 <<'PROGRAM'
package main

import (
	"fmt"

	"github.com/prometheus/alertmanager/template"
)

func main() {
	made, err := template.FromGlobs(nil)
	if err != nil {
		panic(err)
	}
	text, err := made.ExecuteTextString(`{{ .summary | title }}`, map[string]any{"summary": "DB lag on EU-1"})
	fmt.Println(text, err)
}
PROGRAM
cat prometheus.out >>out
seen "  SUCCESS" "Db Lag On Eu-1 <nil>"
