#!/usr/bin/env bash
# pygal 3.1.3 (PyPI): in a StackedLine a missing value (None) is drawn and labelled as 0; in a Line it is a gap.
# Expected: a gap, as in a Line, and as pygal's documentation says of None ("None values … breaks").
# Seen: the point is there with the value 0: a service that was not measured is one without any requests.
. "$(dirname "$0")/lib.sh"
python pygal==3.1.3 <<'PROGRAM'
import re

import pygal

for kind in (pygal.Line, pygal.StackedLine):
    chart = kind()
    chart.add("requests", [7, None, 9])
    print(kind.__name__, *re.findall(r'<desc class="value">([^<]*)', chart.render().decode()))
PROGRAM
seen "Line 7 9" "StackedLine 7 0 9"
