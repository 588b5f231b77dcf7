#!/usr/bin/env bash
# Python 3.11's re and google-re2 1.1.20251105 (PyPI): "end of the text" is \Z in one and \z in the other, each refuses the other's, and
# \pL, \Q…\E, [[:alpha:]] are known to RE2 alone; [[:alpha:]] is accepted by re and means something else (one of the characters [:alph, then ]).
# Expected: as Alertmanager matchers are RE2, a check of a matcher by re should at least refuse what it reads otherwise.
# Seen: "host[[:digit:]]" is compiled by both and matches "host1" in RE2 only, "host:]" in re only.
. "$(dirname "$0")/lib.sh"
python google-re2==1.1.20251105 <<'PROGRAM'
import re

import re2


def says(engine, pattern: str, text: str) -> object:
    try:
        return bool(engine.fullmatch(pattern, text))
    except (re.error, re2.error):
        return "refused"


for pattern, text in ((r"a\Z", "a"), (r"a\z", "a"), ("host[[:digit:]]", "host1"), ("host[[:digit:]]", "host:]"), (r"\pL+", "api")):
    print(pattern, text, "re", says(re, pattern, text), "re2", says(re2, pattern, text))
PROGRAM
seen "a\Z a re True re2 refused" "a\z a re refused re2 True" "host[[:digit:]] host1 re False re2 True" "host[[:digit:]] host:] re True re2 False"
