#!/usr/bin/env bash
# influxdb-client 1.50.0 (PyPI) writing, line-protocol v2.2.1 (Go; InfluxData's own reader) reading: the tag drive=C:\ arrives as "C: ".
# Expected: a tag that a client of the same maker writes is read as it was.
# Seen: a blank is put behind the last backslash, which makes the two an escaped blank: the backslash is gone and a blank is there, so that no query for C:\ finds
# the series; a backslash anywhere else stays as it is.
. "$(dirname "$0")/lib.sh"
python influxdb-client==1.50.0 <<'PROGRAM'
from influxdb_client import Point

with open("lines", "w") as lines:
    for drive in ("C:\\", "C:\\Temp"):
        print(Point("disk").tag("drive", drive).tag("host", "a").field("used", 1).to_line_protocol(), file=lines)
PROGRAM
golang github.com/influxdata/line-protocol/v2@v2.2.1 <<'PROGRAM'
package main

import (
	"fmt"
	"os"

	"github.com/influxdata/line-protocol/v2/lineprotocol"
)

func main() {
	text, _ := os.ReadFile("lines")
	decoder := lineprotocol.NewDecoderWithBytes(text)
	for decoder.Next() {
		if _, err := decoder.Measurement(); err != nil {
			panic(err)
		}
		for {
			key, value, err := decoder.NextTag()
			if err != nil {
				panic(err)
			}
			if key == nil {
				break
			}
			fmt.Printf("%s=[%s]\n", key, value)
		}
		for {
			if key, _, err := decoder.NextField(); key == nil || err != nil {
				break
			}
		}
	}
}
PROGRAM
seen 'drive=[C: ]' 'drive=[C:\Temp]' 'host=[a]'
