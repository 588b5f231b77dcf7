#!/usr/bin/env bash
# go-jsonnet v0.22.0 (Go) and rjsonnet 0.5.6 (PyPI, jrsonnet in Rust): "objective " + 99.9 is "objective 99.900000000000006" in one, "objective 99.9" in the other.
# Expected: a number becomes the text that JSON has for it; both print the number itself as 99.9.
# Seen: titles of dashboards, names of rules and expressions (up > 0.10000000000000001) differ by who rendered them, and all rules are new after a change of tool.
. "$(dirname "$0")/lib.sh"
python rjsonnet==0.5.6 <<'PROGRAM'
import json

import rjsonnet

print("rust", *json.loads(rjsonnet.evaluate_snippet("x", '["objective " + 99.9, "up > " + 0.1, 99.9]')))
PROGRAM
mv out before.out
golang github.com/google/go-jsonnet@v0.22.0 <<'PROGRAM'
package main

import (
	"encoding/json"
	"fmt"

	"github.com/google/go-jsonnet"
)

func main() {
	out, err := jsonnet.MakeVM().EvaluateAnonymousSnippet("x", `["objective " + 99.9, "up > " + 0.1, 99.9]`)
	if err != nil {
		panic(err)
	}
	var values []any
	json.Unmarshal([]byte(out), &values)
	fmt.Println("go", values[0], values[1], values[2])
}
PROGRAM
cat before.out >>out
seen "rust objective 99.9 up > 0.1 99.9" "go objective 99.900000000000006 up > 0.10000000000000001 99.9"
