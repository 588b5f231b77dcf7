#!/usr/bin/env bash
# pygrok 1.0.0 (PyPI) and vjeantet/grok v1.0.1 (Go): %{NUMBER:seconds:float} of "took 5e-05 s" is 5.0.
# Expected: 0.00005, or no match: Python, Go and Java write small and large numbers with an exponent.
# Seen: the pattern ends before the exponent, and what follows in the line is free: fifty microseconds are five seconds, 1.2e+09 bytes are 1.2, and the p99 of a fast endpoint jumps.
. "$(dirname "$0")/lib.sh"
python pygrok==1.0.0 --no-binary pygrok <<'PROGRAM'
from pygrok import Grok

for line in ("took 5e-05 s", "took 0.25 s", "sent 1.2e+09 bytes"):
    print("python", line, "is", Grok("%{WORD} %{NUMBER:value:float}").match(line)["value"])
PROGRAM
mv out before.out
golang github.com/vjeantet/grok@v1.0.1 <<'PROGRAM'
package main

import (
	"fmt"

	"github.com/vjeantet/grok"
)

func main() {
	parser, _ := grok.New()
	found, err := parser.ParseTyped("%{WORD} %{NUMBER:value:float}", "took 5e-05 s")
	fmt.Println("go took 5e-05 s is", found["value"], err)
}
PROGRAM
cat before.out >>out
seen "python took 5e-05 s is 5.0" "python took 0.25 s is 0.25" "python sent 1.2e+09 bytes is 1.2" "go took 5e-05 s is 5 <nil>"
