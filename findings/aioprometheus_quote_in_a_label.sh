#!/usr/bin/env bash
# aioprometheus 23.12.0 (PyPI): a quotation mark, a backslash or a line break in a label's value is written as it is.
# Expected: the text format: "label_value can be any sequence of UTF-8 characters, but the backslash, the double-quote, and the line-feed characters have to be escaped".
# Seen: one such value and Prometheus refuses the whole page: every metric of the program is gone (read here by promtool 2.42 of Debian).
. "$(dirname "$0")/lib.sh"
debian prometheus 2.42.0+ds-5+deb12u1
python aioprometheus==23.12.0 --no-binary quantile-python <<'PROGRAM'
from aioprometheus import REGISTRY, Counter, render

Counter("errors_total", "h").inc({"message": 'invalid literal "x"'})
print(render(REGISTRY, ["text/plain"])[0].decode())
PROGRAM
promtool check metrics <out 2>/dev/null && echo "promtool takes it" >>out || echo "promtool refuses it" >>out
seen 'errors_total{message="invalid literal "x""} 1' "promtool refuses it"
