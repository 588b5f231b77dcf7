#!/usr/bin/env bash
# js-yaml 5.5.0 and yaml 2.9.1 (npm), sigs.k8s.io/yaml v1.6.0 (Go; Kubernetes, Helm), yq 3.1.0 (Debian): a file that is read and written again has another id in it.
# Expected: YAML 1.2, 10.3.2: an integer; PyYAML 6.0.3 (PyPI) and gopkg.in/yaml.v3 keep every digit, and Discord's ids have 19.
# Seen: four of six write 1234567890123456800, another channel or none, without a warning. In quotation marks it is safe.
. "$(dirname "$0")/lib.sh"
echo "channel: 1234567890123456789" >settings.yml
debian yq 3.1.0-3
echo "yq $(yq --yaml-output . settings.yml)" >before.out
python PyYAML==6.0.3 <<'PROGRAM'
import yaml

print("PyYAML", yaml.safe_dump(yaml.safe_load(open("settings.yml"))).strip())
PROGRAM
cat out >>before.out
node_program js-yaml@5.5.0 yaml@2.9.1 <<'PROGRAM'
import { readFileSync } from "node:fs";
import { dump, load } from "js-yaml";
import { parse, stringify } from "yaml";
const text = readFileSync("settings.yml", "utf8");
console.log("js-yaml", dump(load(text)).trim());
console.log("yaml", stringify(parse(text)).trim());
PROGRAM
cat out >>before.out
golang sigs.k8s.io/yaml@v1.6.0 gopkg.in/yaml.v3@v3.0.1 <<'PROGRAM'
package main

import (
	"fmt"
	"os"
	"strings"

	plain "gopkg.in/yaml.v3"
	"sigs.k8s.io/yaml"
)

func main() {
	text, _ := os.ReadFile("settings.yml")
	var one, other map[string]any
	yaml.Unmarshal(text, &one)
	written, _ := yaml.Marshal(one)
	fmt.Println("sigs.k8s.io/yaml", strings.TrimSpace(string(written)))
	plain.Unmarshal(text, &other)
	written, _ = plain.Marshal(other)
	fmt.Println("yaml.v3", strings.TrimSpace(string(written)))
}
PROGRAM
cat before.out >>out
seen "yq channel: 1234567890123456800" "js-yaml channel: 1234567890123456800" "yaml channel: 1234567890123456800" "sigs.k8s.io/yaml channel: 1234567890123456800" \
    "PyYAML channel: 1234567890123456789" "yaml.v3 channel: 1234567890123456789"
