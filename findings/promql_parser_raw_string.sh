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
prometheus_parser
seen 'python refuses up{instance=~`web-\d+`}' 'server takes up{instance=~`web-\d+`}' \
    'python takes up{job="a" or job="b"}' 'server refuses up{job="a" or job="b"}'
