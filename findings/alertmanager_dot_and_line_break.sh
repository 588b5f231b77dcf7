#!/usr/bin/env bash
# Alertmanager v0.35.0 and Prometheus v0.316.0 (3.16; Go): the same matcher message=~"first.*last" matches a label of two lines in Prometheus, not in Alertmanager.
# Expected: both products call it the same syntax, fully anchored RE2; since Prometheus 3 a dot takes line breaks.
# Seen: a rule selects the series, the silence or route written with the same matcher lets its alert through; even =~".+" does not match "\n".
. "$(dirname "$0")/lib.sh"
golang github.com/prometheus/alertmanager@v0.35.0 github.com/prometheus/prometheus@v0.316.0 <<'PROGRAM'
package main

import (
	"fmt"

	alertmanager "github.com/prometheus/alertmanager/pkg/labels"
	prometheus "github.com/prometheus/prometheus/model/labels"
)

func main() {
	for _, try := range [][2]string{{"first.*last", "first\nlast"}, {".+", "\n"}} {
		silence, err := alertmanager.NewMatcher(alertmanager.MatchRegexp, "message", try[0])
		if err != nil {
			panic(err)
		}
		selector := prometheus.MustNewMatcher(prometheus.MatchRegexp, "message", try[0])
		fmt.Printf("%s alertmanager %v prometheus %v\n", try[0], silence.Matches(try[1]), selector.Matches(try[1]))
	}
}
PROGRAM
seen "first.*last alertmanager false prometheus true" ".+ alertmanager false prometheus true"
