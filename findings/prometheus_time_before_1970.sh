#!/usr/bin/env bash
# Prometheus 2.42 (Debian) and v0.316.0 (3.16; Go): the example of the text format in Prometheus' own documentation is refused by Prometheus.
# Expected: "Exposition formats" says a timestamp is an int64 and shows, as "a weird metric from before the epoch", a line that ends with -3982045.
# Seen: the target is down and every other series of the page is lost.
. "$(dirname "$0")/lib.sh"
mkdir pages
cat >pages/metrics <<'PAGE'
# Minimalistic line:
metric_without_timestamp_and_labels 12.47

# A weird metric from before the epoch:
something_weird{problem="division by zero"} +Inf -3982045
PAGE
scraped
mv out before.out
golang github.com/prometheus/prometheus@v0.316.0 <<'PROGRAM'
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
)

func main() {
	page, _ := os.ReadFile("pages/metrics")
	parser, err := textparse.New(page, "text/plain", labels.NewSymbolTable(), textparse.ParserOptions{})
	for err == nil {
		_, err = parser.Next()
	}
	fmt.Println("3.16", strings.Split(err.Error(), " (")[0])
}
PROGRAM
cat before.out >>out
seen 'down expected timestamp or new record, got "INVALID"' '3.16 expected timestamp or new record, got "-"'
