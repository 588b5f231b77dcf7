#!/usr/bin/env bash
# Python 3.11's re and google-re2 1.1.20251105 (PyPI; the syntax of Alertmanager's and Prometheus' matchers): "a{,3}" is a repetition in
# one and the literal text "a{,3}" in the other; both accept it and neither warns.
# Expected: of a matcher that both accept, that both say the same; RE2's syntax names x{n,m}, x{n,}, x{n} only and could refuse the rest.
# Seen: a silence preview computed with re shows instances that the server does not silence.
. "$(dirname "$0")/lib.sh"
python google-re2==1.1.20251105 <<'PROGRAM'
import re

import re2

for text in ("web-11", "web-1{,3}"):
    print(text, "re", bool(re.fullmatch("web-1{,3}", text)), "re2", bool(re2.fullmatch("web-1{,3}", text)))
PROGRAM
seen "web-11 re True re2 False" "web-1{,3} re False re2 True"
