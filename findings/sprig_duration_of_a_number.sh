#!/usr/bin/env bash
# sprig v3.3.0 (Go; the functions of Alloy's and Promtail's template stage, of Helm): `duration` of a number of seconds is "0s" unless the number is a text.
# Expected: the documentation: it formats an amount of seconds; a number is the amount. An unknown zone of dateInZone is likewise an error and not UTC.
# Seen: duration 3661 is 0s, duration "3661" is 1h1m1s; dateInZone with a mistyped zone gives the time of UTC.
. "$(dirname "$0")/lib.sh"
golang github.com/Masterminds/sprig/v3@v3.3.0 <<'PROGRAM'
package main

import (
	"fmt"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig/v3"
)

func render(text string, functions template.FuncMap) string {
	var out strings.Builder
	values := map[string]any{"status": "503", "summary": "한글 알림", "seconds": 3661}
	if err := template.Must(template.New("").Funcs(functions).Parse(text)).Execute(&out, values); err != nil {
		return "fails"
	}
	return out.String()
}

func main() {
	for _, text := range []string{`{{ duration .seconds }}`, `{{ .seconds | toString | duration }}`, `{{ dateInZone "15:04" 0 "Asia/Soul" }}`, `{{ dateInZone "15:04" 0 "Asia/Seoul" }}`} {
		fmt.Println(text, render(text, sprig.TxtFuncMap()))
	}
}
PROGRAM
seen '{{ duration .seconds }} 0s' '{{ .seconds | toString | duration }} 1h1m1s' '{{ dateInZone "15:04" 0 "Asia/Soul" }} 00:00'
