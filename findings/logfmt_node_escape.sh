#!/usr/bin/env bash
# logfmt 1.4.0 (npm): the escaped line break in a quoted value becomes the letter n, and an equals sign inside a value is dropped.
# Expected: "first\nsecond" has two lines (so writes go-logfmt 0.6.1, whose own output is read here); url=/q?a=b keeps its "=".
# Seen: "firstnsecond" and "/q?ab".
. "$(dirname "$0")/lib.sh"
golang github.com/go-logfmt/logfmt@v0.6.1 <<'PROGRAM'
package main

import (
	"fmt"

	"github.com/go-logfmt/logfmt"
)

func main() {
	line, _ := logfmt.MarshalKeyvals("msg", "first\nsecond")
	fmt.Println(string(line))
}
PROGRAM
mv out line
node_program logfmt@1.4.0 <<'PROGRAM'
import fs from "node:fs";
import logfmt from "logfmt";
console.log(JSON.stringify(logfmt.parse(fs.readFileSync("line", "utf8").trim())));
console.log(JSON.stringify(logfmt.parse("url=/q?a=b")));
PROGRAM
seen '{"msg":"firstnsecond"}' '{"url":"/q?ab"}'
