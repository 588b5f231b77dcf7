#!/usr/bin/env bash
# structlog 26.1.0 (PyPI) against go-logfmt v0.6.0 (the reader of Loki's `| logfmt`): a value with a tab is cut at the tab, one with a line break keeps a backslash and an n.
# Expected: LogfmtRenderer quotes what a reader would not take for one value, as it does for a space and for "=" .
# Seen: command="rm\tall" becomes command=rm and a key "all"; a text of two lines is one line with "\n" in it, since escapes count between quotes only.
. "$(dirname "$0")/lib.sh"
python structlog==26.1.0 <<'PROGRAM'
from structlog.processors import LogfmtRenderer

with open("lines", "w") as file:
    for value in ("rm\tall", "one\ntwo"):
        print(LogfmtRenderer()(None, "info", {"command": value, "level": "info"}), file=file)
PROGRAM
golang github.com/go-logfmt/logfmt@v0.6.0 <<'PROGRAM'
package main

import (
	"fmt"
	"os"

	"github.com/go-logfmt/logfmt"
)

func main() {
	file, _ := os.Open("lines")
	lines := logfmt.NewDecoder(file)
	for lines.ScanRecord() {
		for lines.ScanKeyval() {
			fmt.Printf("%s=%q ", lines.Key(), lines.Value())
		}
		fmt.Println(lines.Err())
	}
}
PROGRAM
seen 'command="rm" all="" level="info" <nil>' 'command="one\\ntwo" level="info" <nil>'
