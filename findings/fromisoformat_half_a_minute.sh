#!/usr/bin/env bash
# Python 3.11's datetime.fromisoformat, beside aniso8601 10.0.1 and isodate 0.7.2 (PyPI): "10:30,5" is half a second past half past ten, "10.5" half a second past ten.
# Expected: ISO 8601: a fraction is of the last element, half a minute and half an hour; Python's documentation: "Fractional hours and minutes are not supported".
# Seen: they are taken, for fractions of a second: up to an hour (here 29 minutes and 59.5 seconds) too early, without an error.
. "$(dirname "$0")/lib.sh"
python aniso8601==10.0.1 isodate==0.7.2 <<'PROGRAM'
from datetime import datetime

import aniso8601
import isodate

for text in ("2026-01-01T10:30,5", "2026-01-01T10.5"):
    print("python", text, datetime.fromisoformat(text).time())
    print("aniso8601", text, aniso8601.parse_datetime(text).time())
    print("isodate", text, isodate.parse_datetime(text).time())
PROGRAM
seen "python 2026-01-01T10:30,5 10:30:00.500000" "aniso8601 2026-01-01T10:30,5 10:30:30" "isodate 2026-01-01T10:30,5 10:30:30" \
    "python 2026-01-01T10.5 10:00:00.500000" "aniso8601 2026-01-01T10.5 10:30:00" "isodate 2026-01-01T10.5 10:30:00"
