#!/usr/bin/env bash
# logfmt 0.4 (PyPI): a quoted value with a backslash in it (a line break, a Windows path) loses its text and becomes True.
# Expected: msg="first\nsecond" is what Go's writers of logfmt (Prometheus, Loki) put on a line for a text of two lines; go-logfmt 0.6.1,
# printed beside it, gives the text back. Only \" is understood here.
# Seen: {"msg": True}: the message of an error with a stack trace is gone.
. "$(dirname "$0")/lib.sh"
cat >lines <<'LINES'
msg="first\nsecond"
path="C:\\logs"
LINES
python logfmt==0.4 <<'PROGRAM'
import logfmt

for fields in logfmt.parse(open("lines")):
    print("python", fields)
PROGRAM
mv out python.out
golang github.com/go-logfmt/logfmt@v0.6.1 <<'PROGRAM'
package main

import (
	"fmt"
	"os"

	"github.com/go-logfmt/logfmt"
)

func main() {
	file, _ := os.Open("lines")
	decoder := logfmt.NewDecoder(file)
	for decoder.ScanRecord() {
		for decoder.ScanKeyval() {
			fmt.Printf("go %s %q\n", decoder.Key(), decoder.Value())
		}
	}
}
PROGRAM
cat python.out >>out
seen "python {'msg': True}" "python {'path': True}" 'go msg "first\nsecond"' 'go path "C:\\logs"'
