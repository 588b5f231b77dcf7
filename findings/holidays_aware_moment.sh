#!/usr/bin/env bash
# holidays 0.109 (PyPI): whether an aware datetime is a holiday of a country is judged by the date as it is written, in whatever zone.
# Expected: half past midnight in Seoul on 5 May 2026 is Children's Day in Korea however the same instant is written.
# Equal datetimes are interchangeable as keys in Python.
# Seen: two equal datetimes, one in UTC and one in Asia/Seoul, and only one of them is in KR().
. "$(dirname "$0")/lib.sh"
python holidays==0.109 tzdata==2026.6 <<'PROGRAM'
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import holidays

korea = holidays.KR()
seoul = datetime(2026, 5, 5, 0, 30, tzinfo=ZoneInfo("Asia/Seoul"))
utc = seoul.astimezone(UTC)
print("equal:", seoul == utc)
print("written in Seoul:", seoul in korea)
print("written in UTC:", utc in korea)
PROGRAM
seen "equal: True" "written in Seoul: True" "written in UTC: False"
