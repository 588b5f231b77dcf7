#!/usr/bin/env bash
# Alertmanager v0.35.0 (Go): the matcher path="C:\temp" silences C:\temp with the parser in use by default and "C:", a tab, "emp" with the UTF-8 one.
# Expected: the UTF-8 parser is offered as the stricter successor: what both take means the same, or is refused.
# Seen: both take it without an error and give different values; the default (fallback) keeps the classic meaning, and the feature flag
# for UTF-8 strict mode changes what a stored route or inhibition matches.
. "$(dirname "$0")/lib.sh"
golang github.com/prometheus/alertmanager@v0.35.0 github.com/prometheus/common@v0.73.1 <<'PROGRAM'
package main

import (
	"fmt"

	"github.com/prometheus/alertmanager/matcher/compat"
	"github.com/prometheus/common/promslog"
)

func main() {
	log := promslog.NewNopLogger()
	for name, parse := range map[string]compat.ParseMatchers{
		"classic": compat.ClassicMatchersParser(log), "utf8": compat.UTF8MatchersParser(log), "default": compat.FallbackMatchersParser(log),
	} {
		matchers, err := parse(`path="C:\temp"`, "finding")
		if err != nil {
			panic(err)
		}
		fmt.Printf("%s %q\n", name, matchers[0].Value)
	}
}
PROGRAM
seen 'classic "C:\\temp"' 'default "C:\\temp"' 'utf8 "C:\temp"'
