#!/usr/bin/env bash
# pygal 3.1.3 (PyPI): a point at 09:00+09:00 in a DateTimeLine is labelled 00:00, without a zone.
# Expected: the time that was given, or one with its offset.
# Seen: the aware datetime becomes UTC and is written as a naive one: whoever reads the chart takes nine in the morning for midnight.
. "$(dirname "$0")/lib.sh"
python pygal==3.1.3 <<'PROGRAM'
import re
from datetime import datetime, timedelta, timezone

import pygal

chart = pygal.DateTimeLine()
seoul = timezone(timedelta(hours=9))
chart.add("errors", [(datetime(2026, 1, 5, 9, tzinfo=seoul), 1), (datetime(2026, 1, 5, 10, tzinfo=seoul), 2)])
for told in re.findall(r'<desc class="value">([^<]*)', chart.render().decode()):
    print("point", told)
PROGRAM
seen "point 2026-01-05T00:00:00: 1" "point 2026-01-05T01:00:00: 2"
