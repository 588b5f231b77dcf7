#!/usr/bin/env bash
# Prometheus 2.42 (Debian) and v0.316.0 (3.16; Go): a blank before a sample is part of the metric's name.
# Expected: Prometheus' own "Exposition formats": "Leading and trailing whitespace is ignored"; promtool and the parser of client_golang ignore it.
# Seen: 2.42 loses the whole page; 3.16, for which any name will do, stores a metric called "  up", which no rule that says up will ever select.
. "$(dirname "$0")/lib.sh"
mkdir pages
printf '# HELP a h\n# TYPE a gauge\n  a 1\n# HELP b h\n# TYPE b gauge\nb 2\n' >pages/metrics
scraped
promtool check metrics <pages/metrics && echo "promtool takes it" >>out
mv out before.out
golang github.com/prometheus/prometheus@v0.316.0 github.com/prometheus/common@v0.72.1 <<'PROGRAM'
package main

import (
	"fmt"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
)

func main() {
	parser, err := textparse.New([]byte("  up 1\n"), "text/plain", labels.NewSymbolTable(), textparse.ParserOptions{})
	if err != nil {
		panic(err)
	}
	if _, err := parser.Next(); err != nil {
		panic(err)
	}
	var series labels.Labels
	parser.Labels(&series)
	fmt.Println(series, "is valid:", series.IsValid(model.UTF8Validation))
}
PROGRAM
cat before.out >>out
seen 'down invalid metric name or label names: {__name__="  a", instance="page", job="page"}' "promtool takes it" '{__name__="  up"} is valid: true'
