#!/usr/bin/env bash
# promql-parser 0.12.0 (PyPI) against Prometheus' own parser (v0.316.0, Go): a raw string in backticks is refused, and "or" between label matchers is accepted.
# Expected: PromQL's documentation: "no escaping is processed inside backticks"; a comma is all that parts matchers. A linter should refuse just what the server refuses.
# Seen: each parser accepts what the other refuses.
. "$(dirname "$0")/lib.sh"
cat >queries <<'QUERIES'
up{instance=~`web-\d+`}
up{job="a" or job="b"}
QUERIES
python promql-parser==0.12.0 <<'PROGRAM'
import promql_parser

for query in open("queries").read().splitlines():
    try:
        promql_parser.parse(query)
        print("python takes", query)
    except ValueError:
        print("python refuses", query)
PROGRAM
mv out python.out
golang github.com/prometheus/prometheus@v0.316.0 <<'PROGRAM'
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"
)

func main() {
	queries, _ := os.ReadFile("queries")
	for _, query := range strings.Split(strings.TrimSpace(string(queries)), "\n") {
		if _, err := parser.NewParser(parser.Options{}).ParseExpr(query); err != nil {
			fmt.Println("prometheus refuses", query)
		} else {
			fmt.Println("prometheus takes", query)
		}
	}
}
PROGRAM
cat python.out >>out
seen 'python refuses up{instance=~`web-\d+`}' 'prometheus takes up{instance=~`web-\d+`}' \
    'python takes up{job="a" or job="b"}' 'prometheus refuses up{job="a" or job="b"}'
