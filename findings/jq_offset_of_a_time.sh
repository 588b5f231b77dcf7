#!/usr/bin/env bash
# jq 1.6 (Debian) against gojq v0.12.19 (Go): strptime reads the offset of a time and does not use it: 09:00+0900 is 09:00 UTC.
# Expected: "%z" in the format is the offset of the zone: 2026-01-01T09:00:00+0900 is midnight in Greenwich.
# Seen: mktime makes 09:00:00Z of it, nine hours late, whatever the offset is; and strflocaltime names the machine's zone beside a time in UTC.
. "$(dirname "$0")/lib.sh"
debian jq 1.6-2.1+deb12u1
cat >queries <<'QUERIES'
"2026-01-01T09:00:00+0900" | strptime("%Y-%m-%dT%H:%M:%S%z") | mktime | todate
"2026-01-01T09:00:00-0500" | strptime("%Y-%m-%dT%H:%M:%S%z") | mktime | todate
QUERIES
while read -r query; do echo "jq $(jq --null-input --raw-output "$query")"; done <queries >before.out
echo "jq $(TZ=Asia/Seoul jq --null-input --raw-output '1767225600 | gmtime | strflocaltime("%H:%M %Z")')" >>before.out
golang github.com/itchyny/gojq@v0.12.19 <<'PROGRAM'
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/itchyny/gojq"
)

func main() {
	queries, _ := os.ReadFile("queries")
	for _, text := range strings.Split(strings.TrimSpace(string(queries)), "\n") {
		query, err := gojq.Parse(text)
		if err != nil {
			panic(err)
		}
		value, _ := query.Run(nil).Next()
		fmt.Println("gojq", value)
	}
}
PROGRAM
cat before.out | tee --append out
seen "jq 2026-01-01T09:00:00Z" "gojq 2026-01-01T00:00:00Z" "gojq 2026-01-01T14:00:00Z" "jq 00:00 KST"
