#!/usr/bin/env bash
# sprig v3.3.0 (Go; the functions of Alloy's and Promtail's template stage, of Helm): its `slice` shadows the one of text/template, and refuses a text.
# Expected: text/template's documentation: slice "abc" 0 1 is "a"; a library of additional functions leaves the built-in ones in place.
# Seen: with sprig {{ slice .status 0 1 }} fails ("list should be type of slice or array but string"), so a log stage that makes "5xx" out of 503 sets nothing.
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
	text := `{{ slice .status 0 1 }}xx`
	fmt.Println("built in:", render(text, nil))
	fmt.Println("with sprig:", render(text, sprig.TxtFuncMap()))
}
PROGRAM
seen "built in: 5xx" "with sprig: fails"
