#!/usr/bin/env bash
# pycron 3.3.0 (PyPI): "0 0 * * 7" and "0 0 * dec *" are never now, and are accepted.
# Expected: crontab(5): day of week "0-7 (0 or 7 is Sunday)", "Names can also be used for the month and day of week fields" (sun is known to it); else an error, as for "a * * * *".
# Seen: False on every Sunday and all December: the job never runs, and nothing says why.
. "$(dirname "$0")/lib.sh"
python pycron==3.3.0 <<'PROGRAM'
from datetime import datetime

import pycron

sunday = datetime(2026, 12, 6)
for line in ("0 0 * * 0", "0 0 * * sun", "0 0 * * 7", "0 0 * * 5-7", "0 0 * 12 *", "0 0 * dec *"):
    print(line, pycron.is_now(line, sunday))
PROGRAM
seen "0 0 * * 0 True" "0 0 * * sun True" "0 0 * * 7 False" "0 0 * * 5-7 False" "0 0 * 12 * True" "0 0 * dec * False"
