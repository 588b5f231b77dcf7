#!/usr/bin/env bash
# markdown-it-py 4.3.0, mistune 3.4.0 (PyPI), commonmark 0.31.2 (npm, the reference), goldmark v1.7.13 (Go; Hugo, Gitea),
# beside Markdown 3.11.3 (PyPI): "**CPU(%)**가 높음" is not bold, its asterisks are shown.
# Expected: bold, as "**CPU**가 높음" and "**CPU(%)** is high" are. Korean (and Japanese) writes particles without a space.
# Seen: behind a bracket, a percent sign or a quotation mark the closing asterisks do not close if a letter follows. It is
# what CommonMark's rule of "right-flanking" says, so all that follow it agree; who wrote it in MkDocs saw it bold.
. "$(dirname "$0")/lib.sh"
python Markdown==3.11.3 markdown-it-py==4.3.0 mistune==3.4.0 <<'PROGRAM'
import markdown
import mistune
from markdown_it import MarkdownIt

for words in ("**CPU**가 높음", "**CPU(%)**가 높음", "**CPU(%)** is high"):
    for name, render in (("Markdown", markdown.markdown), ("mistune", mistune.html), ("markdown-it-py", MarkdownIt().render)):
        print(f"{name}: {words}: {'bold' if '<strong>' in render(words) else 'asterisks'}")
PROGRAM
mv out before.out
node_program commonmark@0.31.2 <<'PROGRAM'
import { HtmlRenderer, Parser } from "commonmark";

for (const words of ["**CPU**가 높음", "**CPU(%)**가 높음", "**CPU(%)** is high"])
    console.log(`commonmark: ${words}: ${new HtmlRenderer().render(new Parser().parse(words)).includes("<strong>") ? "bold" : "asterisks"}`);
PROGRAM
cat out >>before.out
golang github.com/yuin/goldmark@v1.7.13 <<'PROGRAM'
package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/yuin/goldmark"
)

func main() {
	for _, words := range []string{"**CPU**가 높음", "**CPU(%)**가 높음", "**CPU(%)** is high"} {
		var html bytes.Buffer
		if err := goldmark.Convert([]byte(words), &html); err != nil {
			panic(err)
		}
		shown := "asterisks"
		if strings.Contains(html.String(), "<strong>") {
			shown = "bold"
		}
		fmt.Printf("goldmark: %s: %s\n", words, shown)
	}
}
PROGRAM
cat before.out >>out
seen "Markdown: **CPU(%)**가 높음: bold" \
    "mistune: **CPU**가 높음: bold" "mistune: **CPU(%)**가 높음: asterisks" "mistune: **CPU(%)** is high: bold" \
    "markdown-it-py: **CPU**가 높음: bold" "markdown-it-py: **CPU(%)**가 높음: asterisks" "markdown-it-py: **CPU(%)** is high: bold" \
    "commonmark: **CPU**가 높음: bold" "commonmark: **CPU(%)**가 높음: asterisks" "commonmark: **CPU(%)** is high: bold" \
    "goldmark: **CPU**가 높음: bold" "goldmark: **CPU(%)**가 높음: asterisks" "goldmark: **CPU(%)** is high: bold"
