#!/usr/bin/env bash
# go-jsonnet v0.22.0 (Go) and rjsonnet 0.5.6 (PyPI, jrsonnet in Rust): std.parseYaml of one document gives a boolean and a number in one, texts in the other.
# Expected: one standard library, one result; mixins read rule files and dashboards' settings by it.
# Seen: `yes` is true and 1_000 is 1000 in go-jsonnet (YAML 1.1), "yes" and "1_000" in jrsonnet (YAML 1.2), while both read 0777 as 511.
. "$(dirname "$0")/lib.sh"
echo 'std.manifestJsonMinified(std.parseYaml("a: yes\nb: 1_000\nc: 0777\n"))' >snippet
python rjsonnet==0.5.6 <<'PROGRAM'
import json

import rjsonnet

print("rust", json.loads(rjsonnet.evaluate_snippet("snippet", open("snippet").read())))
PROGRAM
mv out rust.out
golang github.com/google/go-jsonnet@v0.22.0 <<'PROGRAM'
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/google/go-jsonnet"
)

func main() {
	snippet, _ := os.ReadFile("snippet")
	text, err := jsonnet.MakeVM().EvaluateAnonymousSnippet("snippet", string(snippet))
	if err != nil {
		panic(err)
	}
	var plain string
	json.Unmarshal([]byte(text), &plain)
	fmt.Println("go", plain)
}
PROGRAM
cat rust.out >>out
seen 'go {"a":true,"b":1000,"c":511}' 'rust {"a":"yes","b":"1_000","c":511}'
