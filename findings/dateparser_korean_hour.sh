#!/usr/bin/env bash
# dateparser 1.5.0 (PyPI): in Korean "tomorrow at 9 in the morning" is tomorrow at whatever o'clock it is now.
# Expected: what it makes of the same words in English; "오후 3시" alone, and "월요일 오전 10시" (Monday at ten), are read in full.
# Seen: with a relative day (내일, 어제, 오늘, 2일 전) the hour that was written is dropped, and the present one stands in its place; nothing tells it from a full reading.
. "$(dirname "$0")/lib.sh"
python dateparser==1.5.0 <<'PROGRAM'
import datetime

import dateparser

now = datetime.datetime(2026, 3, 2, 20, 17)
for text in ("tomorrow at 9am", "내일 오전 9시", "yesterday 3pm", "어제 오후 3시", "오늘 오후 3시", "월요일 오전 10시"):
    print(text, "|", dateparser.parse(text, settings={"RELATIVE_BASE": now}))
PROGRAM
seen "tomorrow at 9am | 2026-03-03 09:00:00" "내일 오전 9시 | 2026-03-03 20:17:00" "yesterday 3pm | 2026-03-01 15:00:00" "어제 오후 3시 | 2026-03-01 20:17:00" \
    "오늘 오후 3시 | 2026-03-02 20:17:00"
