#!/usr/bin/env bash
# prom-client 15.1.3 (npm) and client_golang v1.25.0 (Go): the linear buckets 0.1, 0.2, 0.3, … have le="0.30000000000000004", and each library errs at others.
# Expected: linearBuckets(0.1, 0.1, 10) has the ten bounds of its documentation; the two official kinds of client agree, so that sum by (le) adds them.
# Seen: {le="0.3"} in an SLO rule selects nothing; le="0.7" is there in Go's and not in Node's, le="0.8" the other way round: their sum is not monotonic.
. "$(dirname "$0")/lib.sh"
node_program prom-client@15.1.3 <<'PROGRAM'
import client from "prom-client";
console.log("node", client.linearBuckets(0.1, 0.1, 10).join(" "));
PROGRAM
mv out node.out
golang github.com/prometheus/client_golang@v1.25.0 <<'PROGRAM'
package main

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

func main() {
	fmt.Print("go")
	for _, bound := range prometheus.LinearBuckets(0.1, 0.1, 10) {
		fmt.Print(" ", bound)
	}
	fmt.Println()
}
PROGRAM
cat node.out >>out
seen "node 0.1 0.2 0.30000000000000004 0.4 0.5 0.6 0.7000000000000001 0.8 0.9 1" \
    "go 0.1 0.2 0.30000000000000004 0.4 0.5 0.6 0.7 0.7999999999999999 0.8999999999999999 0.9999999999999999"
