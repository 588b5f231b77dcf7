#!/usr/bin/env bash
# sprig v3.3.0 (Go; the functions of Alloy's and Promtail's template stage, of Helm): its `slice` shadows the one of text/template, and refuses a text.
# Expected: text/template's documentation: slice "abc" 0 1 is "a"; a library of additional functions leaves the built-in ones in place.
# Seen: with sprig {{ slice .status 0 1 }} fails ("list should be type of slice or array but string"), so a log stage that makes "5xx" out of 503 sets nothing.
. "$(dirname "$0")/lib.sh"
sprig <<'TEMPLATES'
{{ slice .status 0 1 }}xx
TEMPLATES
seen '{{ slice .status 0 1 }}xx built in is 5xx' '{{ slice .status 0 1 }}xx with sprig fails'
