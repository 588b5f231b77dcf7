#!/usr/bin/env bash
# sprig v3.3.0 (Go; the functions of Alloy's and Promtail's template stage, of Helm): trunc, abbrev and substr cut inside a character.
# Expected: the documentation of trunc speaks of characters ("truncate a string"), and what they give for a valid text is valid.
# Seen: a Korean text cut at a length that is no multiple of three ends in a broken sequence; printf "%.4s" cuts by characters.
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
	for _, text := range []string{`{{ trunc 4 .summary }}`, `{{ abbrev 7 .summary }}`, `{{ substr 0 4 .summary }}`, `{{ printf "%.4s" .summary }}`} {
		out := render(text, sprig.TxtFuncMap())
		fmt.Printf("%s valid: %v\n", text, strings.ToValidUTF8(out, "") == out)
	}
}
PROGRAM
seen '{{ trunc 4 .summary }} valid: false' '{{ substr 0 4 .summary }} valid: false' '{{ printf "%.4s" .summary }} valid: true'
