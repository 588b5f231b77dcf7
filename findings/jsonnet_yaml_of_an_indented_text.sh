#!/usr/bin/env bash
# go-jsonnet v0.22.0 (Go) read by PyYAML 6.0.3 (PyPI): std.manifestYamlDoc writes a text of several lines whose first is indented as YAML that cannot be read, and drops blank lines at the end of others.
# Expected: "Convert the given value to a YAML form": read again it is the value.
# Seen: the block has no indentation indicator (|2) and no keep (|+): rules or Alloy configurations rendered so are refused, or are other texts.
. "$(dirname "$0")/lib.sh"
golang github.com/google/go-jsonnet@v0.22.0 <<'PROGRAM'
package main

import (
	"os"

	"github.com/google/go-jsonnet"
)

func main() {
	for name, text := range map[string]string{"indented": `"  up == 0\nor absent(up)\n"`, "blank": `"one\n\n"`} {
		vm := jsonnet.MakeVM()
		vm.StringOutput = true
		out, err := vm.EvaluateAnonymousSnippet(name, "std.manifestYamlDoc({expr: "+text+"})")
		if err != nil {
			panic(err)
		}
		os.WriteFile(name+".yml", []byte(out), 0o600)
	}
}
PROGRAM
python PyYAML==6.0.3 <<'PROGRAM'
import yaml

for name in ("indented", "blank"):
    try:
        print(name, yaml.safe_load(open(f"{name}.yml")))
    except yaml.YAMLError as error:
        print(name, type(error).__name__)
PROGRAM
seen "indented ParserError" "blank {'expr': 'one\n'}"
