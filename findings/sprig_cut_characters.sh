#!/usr/bin/env bash
# sprig v3.3.0 (Go; the functions of Alloy's and Promtail's template stage, of Helm): trunc, abbrev and substr cut inside a character.
# Expected: the documentation of trunc speaks of characters ("truncate a string"), and what they give for a valid text is valid.
# Seen: a Korean text cut at a length that is no multiple of three ends in a broken sequence; printf "%.4s" cuts by characters.
. "$(dirname "$0")/lib.sh"
sprig <<'TEMPLATES'
{{ trunc 4 .summary }}
{{ abbrev 7 .summary }}
{{ substr 0 4 .summary }}
{{ printf "%.4s" .summary }}
TEMPLATES
seen '{{ trunc 4 .summary }} with sprig is a broken text' '{{ substr 0 4 .summary }} with sprig is a broken text' \
    '{{ printf "%.4s" .summary }} with sprig is 한글 알'
